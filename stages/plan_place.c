/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads to CPUs. A poller takes all that its core has, so every one gets a core of its own while there is one, and
 * only then a sibling of another; within that, the node of the NIC whose queue it serves, as rings and descriptors of
 * the NIC lie there. With more cores than pollers one core stays free of them: interrupts, the sink and the set-up
 * thread would take their time from a queue. So does one on each other node that has a NIC, while there are enough.
 */
#include "stages/plan_place.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>

struct placement {
	const struct plan_host *host;
	struct plan *plan;
	struct use {
		bool taken, spared;
		unsigned int pollers; /* on its core */
	} * use; /* by index of host->cpu */
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

static bool node_seen(const struct plan_host *h, unsigned int port)
{
	for (unsigned int k = 0; k < port; k++) {
		if (h->port_node[k] == h->port_node[port])
			return true;
	}
	return false;
}

unsigned int plan_nodes(const struct plan_host *h)
{
	unsigned int n = 0;

	for (unsigned int i = 0; h->port_node != NULL && i < h->ports; i++)
		n += !node_seen(h, i);
	return n > 0 ? n : 1;
}

unsigned int plan_near_cpus(const struct plan_host *h)
{
	unsigned int n = 0;

	for (unsigned int i = 0; h->port_node != NULL && i < h->cpus; i++) {
		bool near = false;

		for (unsigned int k = 0; k < h->ports && !near; k++)
			near = h->port_node[k] < 0 || h->cpu[i].node < 0 || h->port_node[k] == h->cpu[i].node;
		n += near;
	}
	return n > 0 ? n : h->cpus;
}

/* How many ports before this one are on its node. */
static unsigned int turn_of(const struct plan_host *h, unsigned int port)
{
	unsigned int n = 0;

	for (unsigned int k = 0; k < port && h->port_node != NULL; k++)
		n += h->port_node[k] == h->port_node[port];
	return h->port_node != NULL ? n : port;
}

void plan_order_ports(const struct plan_host *h, unsigned int *at)
{
	unsigned int n = 0;

	for (unsigned int turn = 0; n < h->ports; turn++) {
		for (unsigned int i = 0; i < h->ports; i++) {
			if (turn_of(h, i) == turn)
				at[n++] = i;
		}
	}
}

static const struct plan_step *find_step(const struct plan_thread *t, enum plan_stage stage)
{
	for (unsigned int i = 0; i < t->steps; i++) {
		if (t->step[i].stage == stage)
			return &t->step[i];
	}
	return NULL;
}

/* Of the port whose queue `index` is, in the order of the plan. */
static int node_of_queue(const struct placement *l, unsigned int index)
{
	const struct plan_host *h = l->host;

	return h->port_node != NULL ? h->port_node[l->plan->port_at[index % h->ports]] : -1;
}

/* That of the first queue it serves or feeds; classify goes where the first replies come from. */
static int wanted_node(const struct placement *l, const struct plan_thread *t)
{
	const struct plan_step *first = &t->step[0];

	return node_of_queue(l, first->stage == PLAN_CLASSIFY ? 0 : first->index);
}

/* Smaller is better. Leaving a spared core alone is worth more than anything. */
static unsigned int cost(const struct placement *l, unsigned int i, int node)
{
	const struct plan_cpu *c = &l->host->cpu[i];
	const bool remote = node >= 0 && c->node != node;

	return (unsigned int)l->use[i].spared << 16 | l->use[i].pollers << 1 | remote;
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

/* The first CPU on this node whose core has no poller and is not spared already; NULL: there is none. */
static const struct plan_cpu *idle_on(const struct placement *l, int node)
{
	for (unsigned int i = 0; i < l->host->cpus; i++) {
		const struct plan_cpu *c = &l->host->cpu[i];

		if (l->use[i].pollers == 0 && !l->use[i].spared && (node < 0 || c->node == node))
			return c;
	}
	return NULL;
}

static void spare(struct placement *l, const struct plan_cpu *c)
{
	for (unsigned int i = 0; i < l->host->cpus; i++)
		l->use[i].spared |= l->host->cpu[i].core == c->core;
}

/* One core on the node of the first NIC, or else of any node; then one on each other node, `most` in all. */
static void spare_cores(struct placement *l, unsigned int most)
{
	const struct plan_host *h = l->host;
	struct plan *p = l->plan;
	const struct plan_cpu *c;

	for (unsigned int i = 0; i < h->cpus; i++)
		l->use[i].spared = false;
	p->quiets = 0;
	if (most == 0)
		return;
	c = idle_on(l, node_of_queue(l, 0));
	if (c == NULL)
		c = idle_on(l, -1);
	p->housekeeping = *c;
	spare(l, c);
	for (unsigned int i = 1;
	     h->port_node != NULL && i < h->ports && p->quiets + 1 < most && p->quiets < PLAN_NODES_MAX;
	     i++) {
		c = h->port_node[i] < 0 || node_seen(h, i) ? NULL : idle_on(l, h->port_node[i]);
		if (c == NULL)
			continue;
		p->quiet[p->quiets++] = *c;
		spare(l, c);
	}
}

/* A queue that XPS ties to certain CPUs is fed from one of them even where that costs the spared core. */
static void place_tied(struct placement *l)
{
	for (unsigned int t = 0; t < l->plan->threads; t++) {
		const struct plan_step *tx = find_step(&l->plan->thread[t], PLAN_TX);
		const unsigned int ports = l->host->ports;
		unsigned int q;

		if (tx == NULL)
			continue;
		q = tx->index / ports * ports + l->plan->port_at[tx->index % ports];
		if (q < l->host->feds && CPU_COUNT(&l->host->fed[q]) > 0)
			place(l, &l->plan->thread[t], &l->host->fed[q]);
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
	struct placement l = { .host = h, .plan = p };
	const unsigned int cores = plan_cores(h), busy = busy_threads(p);
	const unsigned int left = cores > busy ? cores - busy : 0;

	p->crowded = busy > h->cpus;
	if (p->crowded)
		return 0;
	l.use = calloc(h->cpus, sizeof(*l.use));
	if (l.use == NULL)
		return -ENOMEM;
	spare_cores(&l, left);
	place_tied(&l);
	spare_cores(&l, left); /* of those that the tied ones have left */
	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		place_stage(&l, order[i]);
	for (unsigned int t = 0; t < p->threads && left > 0; t++) {
		if (find_step(&p->thread[t], PLAN_SINK) != NULL)
			pin(&p->thread[t], &p->housekeeping);
	}
	free(l.use);
	return 0;
}
