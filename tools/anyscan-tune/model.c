/* SPDX-License-Identifier: Apache-2.0 */
/* --model: the best plan for a machine that is not here, for each engine that its topology file has costs of. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/anyscan-tune/tune.h"

#define WORTH 1.02 /* more threads must bring this much */

struct best {
	struct prediction prediction;
	struct layout layout;
	unsigned int threads;
};

static void consider(struct best *b, const struct machine *m, const struct plan_host *h,
		     const struct layout *l, const struct stage_costs *c, const struct model_limits *limits)
{
	struct plan_request request;
	struct prediction p;
	struct plan plan;
	struct error e;

	if (layout_request(l, &request, &e) < 0 || plan_make(&request, h, &plan, &e) < 0)
		return;
	if (!plan.crowded) {
		p = model_predict(&plan, h, m->smt_yield, c, limits);
		if (p.pps > b->prediction.pps * (plan.threads > b->threads ? WORTH : 1 / WORTH)) {
			*b = (struct best){ p, *l, plan.threads };
		}
	}
	plan_free(&plan);
}

/* Fewer threads first, so that more of them must be worth it; tx in multiples of the ports. */
static struct best find_best(const struct machine *m, const struct plan_host *h, const struct stage_costs *c,
			     const struct model_limits *limits)
{
	struct best b = { .threads = 0 };

	for (unsigned int queues = 1; queues <= h->queues_max; queues += queues < 8 ? 1 : 4) {
		const unsigned int tx = queues * h->ports;
		struct layout l = { .fuse = true };

		if (tx > h->cpus)
			break;
		snprintf(l.stages, sizeof(l.stages), "tx=%u", tx);
		consider(&b, m, h, &l, c, limits);
		l.fuse = false;
		for (unsigned int gen = 1; gen <= tx; gen *= 2) {
			snprintf(l.stages, sizeof(l.stages), "gen=%u,tx=%u", gen, tx);
			consider(&b, m, h, &l, c, limits);
		}
	}
	return b;
}

/* The NIC that sends least bounds all: probes are dealt to ports in turn. */
static struct model_limits limits_of(const struct machine *m, const struct machine_engine *engine)
{
	struct model_limits l = { .allowance = m->allowance_pps };

	for (unsigned int i = 0; i < m->nics; i++) {
		const double wire = m->nic[i].gbps * 1e9 / MODEL_WIRE_BITS;
		const double nic =
			m->nic[i].pps > 0 && (engine->port_pps <= 0 || m->nic[i].pps < engine->port_pps) ?
				m->nic[i].pps :
				engine->port_pps;

		if (wire > 0 && (l.port <= 0 || wire < l.port)) {
			l.port = wire;
			l.port_name = "wire";
		}
		if (nic > 0 && (l.port <= 0 || nic < l.port)) {
			l.port = nic;
			l.port_name = "NIC";
		}
	}
	return l;
}

static void predict(const struct machine *m, const struct plan_host *h, const struct machine_engine *engine,
		    const struct stage_costs *here)
{
	const struct model_limits limits = limits_of(m, engine);
	const struct stage_costs c = { .gen = here->gen / m->speed,
				       .build = here->build / m->speed,
				       .tx = engine->tx_ns,
				       .kernel = engine->kernel_ns,
				       .hop = here->hop / m->speed };
	const struct model_limits open_limits = { .port = limits.port, .port_name = limits.port_name };
	const struct best b = find_best(m, h, &c, &limits), open = find_best(m, h, &c, &open_limits);
	char text[96];

	layout_text(&b.layout, text, sizeof(text));
	if (b.threads == 0)
		printf("%-12s no plan has a CPU for each of its threads\n", engine->name);
	else
		printf("%-12s %10.2f  %-10s %10.2f  --io-engine %s %s\n", engine->name,
		       b.prediction.pps / 1e6, b.prediction.limit, open.prediction.pps / 1e6, engine->name,
		       text);
}

static void print_machine(const struct machine *m, const struct stage_costs *c)
{
	printf("%s: %u sockets, %u nodes, %u cores of %u threads, %u NICs\n", m->name, m->sockets, m->nodes,
	       m->cores, m->threads_per_core, m->nics);
	printf("stage costs, measured here: gen %.2f ns, build %.2f ns, hop %.2f ns; a core there has %.2f of the speed\n\n",
	       c->gen, c->build, c->hop, m->speed);
	printf("%-12s %10s  %-10s %10s  %s\n", "engine", "M probes/s", "limit", "no cap", "command line");
}

static void print_assumptions(const struct machine *m, const struct validation *v)
{
	puts("\nassumed:");
	puts("- replies are few: rx has cores, and costs the senders nothing");
	puts("- cores slow down neither each other nor with use; the kernel has no lock that they share");
	printf("- a core with both threads busy does %.2f of the work of one thread\n", m->smt_yield);
	if (m->allowance_pps > 0)
		printf("- the provider lets %.2f M packets/s out\n", m->allowance_pps / 1e6);
	for (unsigned int i = 0; i < m->notes; i++)
		printf("- %s\n", m->note[i]);
	printf("error of the model here, on %u layouts into the null engine: median %.1f%%, worst %.1f%%; what the file "
	       "says of packets is not in it\n",
	       v->layouts, 100 * v->median, 100 * v->worst);
}

enum exit_code tune_model(const struct config *c, struct error *e)
{
	const bool all = strcmp(c->engine, "null") == 0;
	struct machine *m = malloc(sizeof(*m));
	struct trial_wire *w = calloc(1, sizeof(*w));
	enum exit_code code = EXIT_HOST;
	double error[VALIDATION_MAX];
	struct stage_costs costs;
	struct validation v;
	struct plan_host h;
	unsigned int n = 0;

	if (m == NULL || w == NULL) {
		error_set(e, -ENOMEM, "out of memory");
		goto out;
	}
	code = EXIT_INPUT;
	if (machine_read(c->model, m, e) < 0)
		goto out;
	if (!all && machine_engine(m, c->engine) == NULL) {
		error_set(e, -EINVAL, "--io-engine: %s has no costs of \"%s\"; its first is %s", c->model,
			  c->engine, m->engine[0].name);
		goto out;
	}
	code = EXIT_HOST;
	if (trial_wire_inside(w, io_find("null"), "seed=1", e) < 0 ||
	    validate_wire(w, (unsigned int)c->rounds, NULL, &costs, error, &n, e) < 0)
		goto out;
	if (machine_host(m, &h) < 0) {
		error_set(e, -ENOMEM, "out of memory");
		goto out;
	}
	v = validation_of(error, n);
	print_machine(m, &costs);
	for (unsigned int i = 0; i < m->engines; i++) {
		if (all || strcmp(m->engine[i].name, c->engine) == 0)
			predict(m, &h, &m->engine[i], &costs);
	}
	print_assumptions(m, &v);
	machine_host_free(&h);
	code = EXIT_TUNED;
out:
	free(w);
	free(m);
	return code;
}
