/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads to CPUs. A poller takes all that its core has, so every one gets a core of its own while there is one, and
 * only then a sibling of another; within that, the node of the NIC whose queue it serves, as rings and descriptors of
 * the NIC lie there. With more cores than pollers one core stays free of them: interrupts, the sink and the set-up
 * thread would take their time from a queue.
 */
#include "stages/plan_place.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

struct placement {
	const struct plan_host *host;
	struct plan *plan;
	struct use {
		bool taken;
		unsigned int pollers; /* on its core */
	} * use; /* by index of host->cpu */
	int spared; /* core, or -1 */
};

static bool seen_before(const struct plan_host *h, unsigned int i)
{
	for (unsigned int k = 0; k < i; k++) {
		if (h->cpu[k].core == h->cpu[i].core)
			return true;
	}
	return false;
}

unsigned int plan_cores(const struct plan_host *h)
{
	unsigned int n = 0;

	for (unsigned int i = 0; i < h->cpus; i++)
		n += !seen_before(h, i);
	return n;
}

static const struct plan_step *find_step(const struct plan_thread *t, enum plan_stage stage)
{
	for (unsigned int i = 0; i < t->steps; i++) {
		if (t->step[i].stage == stage)
			return &t->step[i];
	}
	return NULL;
}

static int node_of_port(const struct plan_host *h, unsigned int port)
{
	return h->port_node != NULL ? h->port_node[port % h->ports] : -1;
}

/* That of the first queue it serves or feeds; classify goes where the first replies come from. */
static int wanted_node(const struct placement *l, const struct plan_thread *t)
{
	const struct plan_step *first = &t->step[0];

	return node_of_port(l->host, first->stage == PLAN_CLASSIFY ? 0 : first->index);
}

/* Smaller is better. Leaving the spared core alone is worth more than anything. */
static unsigned int cost(const struct placement *l, unsigned int i, int node)
{
	const struct plan_cpu *c = &l->host->cpu[i];
	const bool remote = node >= 0 && c->node != node;

	return (unsigned int)(c->core == l->spared) << 16 | l->use[i].pollers << 1 | remote;
}

static void pin(struct plan_thread *t, const struct plan_cpu *c)
{
	t->cpu = c->cpu;
	t->core = c->core;
	t->node = c->node;
}

static void take(struct placement *l, unsigned int at)
{
	l->use[at].taken = true;
	for (unsigned int i = 0; i < l->host->cpus; i++)
		l->use[i].pollers += l->host->cpu[i].core == l->host->cpu[at].core;
}

/* The best free CPU, of those in `among` unless it is NULL; of equals the lowest. */
static void place(struct placement *l, struct plan_thread *t, const cpu_set_t *among)
{
	const int node = wanted_node(l, t);
	unsigned int best = UINT_MAX, at = 0;

	for (unsigned int i = 0; i < l->host->cpus; i++) {
		if (l->use[i].taken || (among != NULL && !CPU_ISSET(l->host->cpu[i].cpu, among)))
			continue;
		if (cost(l, i, node) < best) {
			best = cost(l, i, node);
			at = i;
		}
	}
	if (best == UINT_MAX)
		return; /* all of `among` are taken; a later call takes any */
	take(l, at);
	pin(t, &l->host->cpu[at]);
}

/* The first CPU on the node of the first NIC whose core has no poller, or else of any node; NULL: none has. */
static const struct plan_cpu *spare(const struct placement *l)
{
	const int node = node_of_port(l->host, 0);
	const struct plan_cpu *first = NULL;

	for (unsigned int i = 0; i < l->host->cpus; i++) {
		const struct plan_cpu *c = &l->host->cpu[i];

		if (l->use[i].pollers > 0)
			continue;
		if (node < 0 || c->node == node)
			return c;
		if (first == NULL)
			first = c;
	}
	return first;
}

/* A queue that XPS ties to certain CPUs is fed from one of them even where that costs the spared core. */
static void place_tied(struct placement *l)
{
	for (unsigned int t = 0; t < l->plan->threads; t++) {
		const struct plan_step *tx = find_step(&l->plan->thread[t], PLAN_TX);

		if (tx != NULL && tx->index < l->host->feds && CPU_COUNT(&l->host->fed[tx->index]) > 0)
			place(l, &l->plan->thread[t], &l->host->fed[tx->index]);
	}
}

static void place_stage(struct placement *l, enum plan_stage stage)
{
	for (unsigned int t = 0; t < l->plan->threads; t++) {
		struct plan_thread *thread = &l->plan->thread[t];

		if (thread->cpu < 0 && find_step(thread, stage) != NULL)
			place(l, thread, NULL);
	}
}

static unsigned int busy_threads(const struct plan *p)
{
	unsigned int n = 0;

	/* the sink waits for a file, not for a core */
	for (unsigned int t = 0; t < p->threads; t++)
		n += find_step(&p->thread[t], PLAN_SINK) == NULL;
	return n;
}

int plan_place(const struct plan_host *h, struct plan *p)
{
	/* Those that touch the NIC first: for them the node matters most. */
	static const enum plan_stage order[] = { PLAN_TX, PLAN_RX, PLAN_GEN, PLAN_BUILD, PLAN_CLASSIFY };
	struct placement l = { .host = h, .plan = p, .spared = -1 };
	const bool leaves_core = plan_cores(h) > busy_threads(p);
	const struct plan_cpu *c;

	p->crowded = busy_threads(p) > h->cpus;
	if (p->crowded)
		return 0;
	l.use = calloc(h->cpus, sizeof(*l.use));
	if (l.use == NULL)
		return -ENOMEM;
	if (leaves_core)
		l.spared = spare(&l)->core;
	place_tied(&l);
	if (leaves_core)
		l.spared = spare(&l)->core;
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		place_stage(&l, order[i]);
	c = leaves_core ? spare(&l) : NULL;
	for (unsigned int t = 0; t < p->threads && c != NULL; t++) {
		if (find_step(&p->thread[t], PLAN_SINK) != NULL)
			pin(&p->thread[t], c);
	}
	if (c != NULL)
		p->housekeeping = *c;
	free(l.use);
	return 0;
}
