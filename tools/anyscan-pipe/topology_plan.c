/* SPDX-License-Identifier: Apache-2.0 */
/* --show-plan --topology FILE: the plan for a machine that need not be this one. Opens and asks for nothing here. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stages/plan.h"
#include "tools/anyscan-pipe/interface_list.h"
#include "tools/anyscan-pipe/scan.h"
#include "tools/machine/machine.h"

/* The NICs that -i names, in its order, all of them without it; their queues, as NAME:0-7 asks for. */
static int choose_nics(struct machine *m, const struct config *c, unsigned int *queues, struct error *e)
{
	struct interface_name name[PIPELINE_PORTS_MAX];
	struct machine_nic chosen[MACHINE_NICS_MAX];
	const int n = interface_names(&c->interfaces, name, e);

	*queues = 0;
	if (n <= 0)
		return n;
	for (int i = 0; i < n; i++) {
		unsigned int k = 0;

		while (k < m->nics && strcmp(m->nic[k].name, name[i].name) != 0)
			k++;
		if (k == m->nics)
			return error_set(e, -ENODEV, "--interface %s: %s has no such NIC; its first is %s",
					 name[i].name, c->topology, m->nic[0].name);
		chosen[i] = m->nic[k];
	}
	memcpy(m->nic, chosen, (unsigned int)n * sizeof(chosen[0]));
	m->nics = (unsigned int)n;
	*queues = name[0].queues;
	return 0;
}

/* --cores, on that machine. Keeps the order. */
static int keep_cores(struct plan_host *h, const struct config *c, struct error *e)
{
	struct plan_cpu *cpu = (struct plan_cpu *)(uintptr_t)h->cpu;
	unsigned int kept = 0;

	for (unsigned int i = 0; option_given(c, "cores") && i < h->cpus; i++) {
		if (CPU_ISSET(cpu[i].cpu, &c->cores))
			cpu[kept++] = cpu[i];
	}
	if (option_given(c, "cores") && kept != (unsigned int)CPU_COUNT(&c->cores))
		return error_set(e, -ENODEV, "--cores: %s has CPUs 0-%u", c->topology, h->cpus - 1);
	if (kept > 0)
		h->cpus = kept;
	return 0;
}

static int print_plan(const struct plan *p, const struct machine *m)
{
	const char *name[MACHINE_NICS_MAX];
	char *text;
	int n;

	for (unsigned int i = 0; i < m->nics; i++)
		name[i] = m->nic[i].name;
	n = plan_table(p, name, NULL, 0);
	text = malloc((size_t)n + 1);
	if (text == NULL)
		return -ENOMEM;
	plan_table(p, name, text, (size_t)n + 1);
	fputs(text, stdout);
	free(text);
	return fflush(stdout) == 0 ? 0 : -EIO;
}

static enum exit_code plan_machine(const struct config *c, struct machine *m, const struct io_ops *ops,
				   struct error *e)
{
	struct plan_request request = c->plan;
	enum exit_code code = EXIT_COMMAND;
	struct plan_host host;
	struct plan plan;

	if (choose_nics(m, c, &request.tx_queues, e) < 0)
		return EXIT_COMMAND;
	if (machine_host(m, &host) < 0) {
		error_set(e, -ENOMEM, "out of memory for a plan of %s", c->topology);
		return EXIT_HOST;
	}
	host.receives = ops->rx_receive != NULL;
	host.rx_queues_all = ops->all_rx_queues ? host.queues_max : 0;
	if (keep_cores(&host, c, e) == 0 && plan_make(&request, &host, &plan, e) == 0) {
		code = print_plan(&plan, m) == 0 ? EXIT_DONE : EXIT_RESULTS;
		plan_free(&plan);
	}
	machine_host_free(&host);
	return code;
}

enum exit_code scan_topology_plan(const struct config *c, struct error *e)
{
	const struct io_ops *ops;
	char engine[16];
	struct machine *m;
	enum exit_code code = EXIT_INPUT;

	if (c->task != TASK_SHOW_PLAN) {
		error_set(
			e, -EINVAL,
			"--topology describes a machine to plan for, and a scan runs on this one; add --show-plan, "
			"or leave it out");
		return EXIT_COMMAND;
	}
	snprintf(engine, sizeof(engine), "%.*s", (int)strcspn(c->engine, ":"), c->engine);
	if (strcmp(engine, "auto") == 0) {
		error_set(
			e, -EINVAL,
			"--io-engine auto looks at the NICs of this host, and --topology plans for another; name the "
			"engine: af_xdp");
		return EXIT_COMMAND;
	}
	ops = io_find(engine);
	if (ops == NULL) {
		error_set(e, -EINVAL, "--io-engine: there is no \"%s\" in this program", c->engine);
		return EXIT_COMMAND;
	}
	m = malloc(sizeof(*m));
	if (m == NULL)
		return EXIT_HOST;
	if (machine_read(c->topology, m, e) == 0)
		code = plan_machine(c, m, ops, e);
	free(m);
	return code;
}
