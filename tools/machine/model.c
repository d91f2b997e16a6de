/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/machine/model.h"

/*
 * Threads that share CPUs run until an edge is full or empty. gen>build has half the blocks of build>tx
 * (pipeline_graph.c), so its ends sleep twice as often, and build between them is woken from both sides: into null and sim
 * 2.7 to 3.6 times the cost of build>tx was measured.
 */
#define SHALLOW 3

static const struct plan_thread *thread_of(const struct plan *p, enum plan_stage stage, unsigned int index)
{
	for (unsigned int t = 0; t < p->threads; t++) {
		for (unsigned int s = 0; s < p->thread[t].steps; s++) {
			if (p->thread[t].step[s].stage == stage && p->thread[t].step[s].index == index)
				return &p->thread[t];
		}
	}
	return NULL;
}

/* Its part of the edges between two stages whose other end is another thread; edges as pipeline_graph.h has them. */
static double hops(const struct plan *p, const struct plan_thread *t, enum plan_stage from,
		   enum plan_stage to)
{
	const unsigned int senders = p->count[from];
	const unsigned int receivers = to == PLAN_TX ? p->tx_queues_per_port * p->ports : p->count[to];
	const unsigned int edges = senders > receivers ? senders : receivers;
	unsigned int own = 0;

	for (unsigned int k = 0; k < edges; k++) {
		const struct plan_thread *a = thread_of(p, from, k % senders);
		/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): a plan has each stage */
		const struct plan_thread *b = thread_of(p, to, k % receivers % p->count[to]);

		own += a != b && (a == t || b == t);
	}
	return (double)own / edges;
}

static bool fused(const struct plan *p)
{
	return thread_of(p, PLAN_BUILD, 0) == thread_of(p, PLAN_TX, 0);
}

static double cost_of(const struct plan *p, const struct stage_costs *c, enum plan_stage stage)
{
	switch (stage) {
	case PLAN_GEN:
		return c->gen / p->count[stage];
	case PLAN_BUILD:
		return c->build / p->count[stage];
	case PLAN_TX:
		return c->tx / p->count[stage];
	case PLAN_RX:
		return (c->rx + (p->crowded && !fused(p) ? c->rx_asleep : 0)) / p->count[stage];
	default:
		return 0;
	}
}

/* ns per probe of the whole pipeline; *most: the stage of it that takes most. */
static double load_of(const struct plan *p, const struct plan_thread *t, const struct stage_costs *c,
		      enum plan_stage *most)
{
	double load = 0, largest = -1;

	for (unsigned int s = 0; s < t->steps; s++) {
		const double cost = cost_of(p, c, t->step[s].stage);

		load += cost;
		if (cost > largest) {
			largest = cost;
			*most = t->step[s].stage;
		}
	}
	if (p->crowded)
		return load +
		       c->hop_asleep / 2 *
			       (SHALLOW * hops(p, t, PLAN_GEN, PLAN_BUILD) + hops(p, t, PLAN_BUILD, PLAN_TX));
	return load + c->hop * (hops(p, t, PLAN_GEN, PLAN_BUILD) + hops(p, t, PLAN_BUILD, PLAN_TX));
}

/* Of the core of a pinned thread: those of all threads that share it get smt_yield together. */
static double capacity_of(const struct plan *p, const struct plan_thread *t, double smt_yield)
{
	unsigned int n = 0;

	for (unsigned int k = 0; k < p->threads; k++)
		n += p->thread[k].core == t->core && p->thread[k].step[0].stage != PLAN_SINK;
	return n > 1 ? smt_yield / n : 1;
}

/* Cores' worth of work that the machine does at once. */
static double capacity(const struct plan_host *h, double smt_yield)
{
	double all = 0;

	for (unsigned int i = 0; i < h->cpus; i++) {
		unsigned int before = 0;

		for (unsigned int k = 0; k < i; k++)
			before += h->cpu[k].core == h->cpu[i].core;
		all += before == 0 ? 1 : before == 1 ? smt_yield - 1 : 0;
	}
	return all;
}

static void at_most(struct prediction *p, double pps, const char *limit)
{
	if (p->limit == NULL || pps < p->pps)
		*p = (struct prediction){ pps, limit };
}

struct prediction model_predict(const struct plan *p, const struct plan_host *h, double smt_yield,
				const struct stage_costs *c, const struct model_limits *l)
{
	struct prediction best = { 0, NULL };
	double sum = c->kernel;

	for (unsigned int t = 0; t < p->threads; t++) {
		const struct plan_thread *thread = &p->thread[t];
		enum plan_stage most = PLAN_SINK;
		const double load = load_of(p, thread, c, &most);

		sum += load;
		if (load > 0)
			at_most(&best,
				1e9 * (thread->cpu >= 0 ? capacity_of(p, thread, smt_yield) : 1) / load,
				plan_stage_names[most]);
	}
	if (sum > 0)
		at_most(&best, 1e9 * capacity(h, smt_yield) / sum, "cpus");
	if (l->port > 0)
		at_most(&best, l->port * p->ports, l->port_name);
	if (l->allowance > 0)
		at_most(&best, l->allowance, "allowance");
	return best;
}
