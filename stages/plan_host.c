/* SPDX-License-Identifier: Apache-2.0 */
/* What this host offers a plan: the CPUs that this process may use, the queues of its interfaces and who feeds them. */
#include <sched.h>
#include <string.h>

#include "io/af_packet/xps.h"
#include "stages/pipeline.h"

static unsigned int usable_cpus(int *cpu)
{
	unsigned int n = 0;
	cpu_set_t set;

	CPU_ZERO(&set);
	sched_getaffinity(0, sizeof(set), &set);
	for (int i = 0; i < CPU_SETSIZE; i++) {
		if (CPU_ISSET(i, &set))
			cpu[n++] = i;
	}
	return n;
}

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

/*
 * A bypass socket feeds the queue that XPS maps to the sending CPU. CPUs for the tx queues in the order of the pipeline
 * (queue q is index q / nports of port q % nports), each another one, as far as masks are set.
 */
static unsigned int feeding_cpus(const struct pipeline_options *o, const struct plan_host *h, int *feeding)
{
	cpu_set_t free, mask;
	unsigned int n = 0;

	CPU_ZERO(&free);
	for (unsigned int i = 0; i < h->cpus; i++)
		CPU_SET(h->cpu[i], &free);
	while (n < h->cpus) {
		int cpu = 0;

		if (xps_cpus_of_queue(o->ports[n % o->nports].link.name, n / o->nports, &mask) < 0)
			break;
		CPU_AND(&mask, &mask, &free);
		while (cpu < CPU_SETSIZE && !CPU_ISSET(cpu, &mask))
			cpu++;
		if (cpu == CPU_SETSIZE)
			break;
		CPU_CLR(cpu, &free);
		feeding[n++] = cpu;
	}
	return n;
}

int pipeline_plan_make(const struct pipeline_options *o, struct plan *plan, struct error *e)
{
	const struct io_ops *ops = o->ports[0].ops;
	struct plan_host host = { .ports = o->nports, .receives = ops->rx_receive != NULL };
	int cpu[CPU_SETSIZE], feeding[CPU_SETSIZE];

	host.cpus = usable_cpus(cpu);
	host.cpu = cpu;
	host.queues_max = fewest_queues(o);
	if (ops->needs_interface) {
		host.tx_cpus = feeding_cpus(o, &host, feeding);
		host.tx_cpu = feeding;
	}
	return plan_make(&o->plan, &host, plan, e);
}
