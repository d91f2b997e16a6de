/* SPDX-License-Identifier: Apache-2.0 */
/* What this host offers a plan: the CPUs that this process may use, the queues of its interfaces and who feeds them. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>

#include "io/af_packet/xps.h"
#include "stages/pipeline.h"
#include "stages/topology.h"

static unsigned int fewest_queues(const struct pipeline_options *o)
{
	unsigned int fewest = 0;

	for (unsigned int i = 0; i < o->nports; i++) {
		const unsigned int queues = o->ports[i].link.tx_queues;

		if (queues > 0 && (fewest == 0 || queues < fewest))
			fewest = queues;
	}
	return fewest;
}

/* An interface that has fewer is opened with as many, and its engine leaves those that are not there empty. */
static unsigned int most_rx_queues(const struct pipeline_options *o)
{
	unsigned int most = 0;

	for (unsigned int i = 0; i < o->nports; i++)
		if (o->ports[i].link.rx_queues > most)
			most = o->ports[i].link.rx_queues;
	return most;
}

/* A bypass socket feeds the queue that XPS maps to the sending CPU. As far as masks are set. */
static unsigned int read_feeding_cpus(const struct pipeline_options *o, unsigned int queues, cpu_set_t *fed)
{
	unsigned int n = 0;

	while (n < queues &&
	       xps_cpus_of_queue(o->ports[n % o->nports].link.name, n / o->nports, &fed[n]) == 0)
		n++;
	return n;
}

int pipeline_plan_make(const struct pipeline_options *o, struct plan *plan, struct error *e)
{
	const struct io_ops *ops = o->ports[0].ops;
	struct plan_host host = { .ports = o->nports, .receives = ops->rx_receive != NULL };
	int node[PIPELINE_PORTS_MAX], r = -ENOMEM;
	struct plan_cpu *cpu;
	cpu_set_t usable, *fed;

	CPU_ZERO(&usable);
	sched_getaffinity(0, sizeof(usable), &usable);
	cpu = calloc((size_t)CPU_COUNT(&usable) + 1, sizeof(*cpu));
	fed = calloc((size_t)CPU_COUNT(&usable) + 1, sizeof(*fed));
	if (cpu == NULL || fed == NULL) {
		error_set(e, r, "out of memory for a plan of %d CPUs", CPU_COUNT(&usable));
		goto out;
	}
	host.cpus = topology_read(NULL, &usable, cpu);
	host.cpu = cpu;
	host.queues_max = fewest_queues(o);
	host.rx_queues_all = ops->all_rx_queues ? most_rx_queues(o) : 0;
	for (unsigned int i = 0; i < o->nports; i++)
		node[i] = topology_node_of_interface(o->ports[i].link.name);
	host.port_node = node;
	if (ops->needs_interface) {
		host.feds = read_feeding_cpus(o, host.cpus, fed);
		host.fed = fed;
	}
	r = plan_make(&o->plan, &host, plan, e);
out:
	free(fed);
	free(cpu);
	return r;
}
