/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "stages/plan_place.h"

#define FUSE_BELOW 4 /* cores: with fewer, a thread of its own for every stage only switches contexts */

/* Nothing comes back, and nobody has said how many threads: there is nothing that a core could do but send. */
static bool only_sends(const struct plan_request *r, const struct plan_host *h)
{
	return !h->receives && r->count[PLAN_GEN] == 0 && r->count[PLAN_BUILD] == 0 && r->count[PLAN_TX] == 0;
}

const char *const plan_stage_names[PLAN_STAGES] = {
	[PLAN_GEN] = "gen", [PLAN_BUILD] = "build",	  [PLAN_TX] = "tx",
	[PLAN_RX] = "rx",   [PLAN_CLASSIFY] = "classify", [PLAN_SINK] = "sink",
};

static int parse_one(const char *text, size_t len, struct plan_request *r, struct error *e)
{
	const char *equals = memchr(text, '=', len);
	size_t name = equals != NULL ? (size_t)(equals - text) : len;
	unsigned long n = 0;
	char *end = NULL;

	for (int s = 0; s < PLAN_STAGES; s++) {
		if (strlen(plan_stage_names[s]) != name || memcmp(plan_stage_names[s], text, name) != 0)
			continue;
		if (equals != NULL && equals[1] >= '0' && equals[1] <= '9')
			n = strtoul(equals + 1, &end, 10);
		if (n < 1 || n > PLAN_THREADS_MAX || end != text + len)
			return error_set(e, -EINVAL, "--stages: \"%.*s\": write %s=N with N from 1 to %d",
					 (int)len, text, plan_stage_names[s], PLAN_THREADS_MAX);
		if ((s == PLAN_CLASSIFY || s == PLAN_SINK) && n != 1)
			return error_set(
				e, -EINVAL,
				"--stages: \"%.*s\": there is one %s stage; write %s=1 or leave it out",
				(int)len, text, plan_stage_names[s], plan_stage_names[s]);
		r->count[s] = (unsigned int)n;
		return 0;
	}
	return error_set(
		e, -EINVAL,
		"--stages: \"%.*s\" is not a stage; stages are gen, build, tx, rx, classify, e.g. gen=4,tx=8,rx=4",
		(int)name, text);
}

int plan_parse(const char *text, struct plan_request *r, struct error *e)
{
	while (true) {
		size_t len = strcspn(text, ",");
		int err = parse_one(text, len, r, e);

		if (err < 0)
			return err;
		if (text[len] == '\0')
			return 0;
		text += len + 1;
	}
}

static unsigned int at_least_one(unsigned int n)
{
	return n > 0 ? n : 1;
}

static bool fused(const struct plan_request *r, const struct plan_host *h)
{
	return r->fuse ||
	       (r->count[PLAN_GEN] == 0 && r->count[PLAN_BUILD] == 0 && plan_cores(h) < FUSE_BELOW) ||
	       only_sends(r, h);
}

/* The count of a fused plan that is asked for, under whichever of three names; 0: none. */
static unsigned int fused_count(const struct plan_request *r)
{
	for (int s = PLAN_GEN; s <= PLAN_TX; s++) {
		if (r->count[s] != 0)
			return r->count[s];
	}
	return 0;
}

int plan_check(const struct plan_request *r, struct error *e)
{
	const unsigned int n = fused_count(r);

	for (int s = PLAN_GEN; s <= PLAN_TX && r->fuse; s++) {
		if (r->count[s] != 0 && r->count[s] != n)
			return error_set(
				e, -EINVAL,
				"--fuse puts gen, build and tx of a queue on one thread, so they are as "
				"many, and --stages asks for gen=%u,build=%u,tx=%u (0: planned); write "
				"tx=N alone, or leave --fuse out",
				r->count[PLAN_GEN], r->count[PLAN_BUILD], r->count[PLAN_TX]);
	}
	return 0;
}

/*
 * A quarter of the hardware threads that are near a NIC, on as many queues as there are: the kernel, rx and the sink need
 * some too. One a core where none of them is.
 */
static unsigned int default_tx(const struct plan_request *r, const struct plan_host *h)
{
	const unsigned int wanted = only_sends(r, h) ? plan_cores(h) : plan_near_cpus(h) / 4;
	const unsigned int n = wanted > h->ports ? wanted : h->ports;
	const unsigned int most = (r->tx_queues > 0 ? r->tx_queues : h->queues_max) * h->ports;

	return most > 0 && n > most ? most : n;
}

/* Of n threads that feed queues in turn, so many more that each stays on one node. */
static unsigned int whole_nodes(const struct plan_host *h, unsigned int n)
{
	const unsigned int nodes = plan_nodes(h);

	return (n + nodes - 1) / nodes * nodes;
}

/* tx first: the slowest stage by far in every kernel engine; one gen feeds about four of them. */
static void count_stages(const struct plan_request *r, const struct plan_host *h, struct plan *p)
{
	unsigned int *n = p->count;

	memcpy(n, r->count, sizeof(p->count));
	if (n[PLAN_TX] == 0 && r->fuse)
		n[PLAN_TX] = fused_count(r);
	if (n[PLAN_TX] == 0)
		n[PLAN_TX] = default_tx(r, h);
	if (fused(r, h)) {
		n[PLAN_GEN] = n[PLAN_BUILD] = n[PLAN_TX];
	} else {
		if (n[PLAN_GEN] == 0)
			n[PLAN_GEN] = whole_nodes(h, at_least_one(n[PLAN_TX] / 4));
		if (n[PLAN_BUILD] == 0)
			n[PLAN_BUILD] = n[PLAN_GEN];
	}
	if (!h->receives) {
		n[PLAN_RX] = n[PLAN_CLASSIFY] = n[PLAN_SINK] = 0;
		return;
	}
	if (n[PLAN_RX] == 0)
		n[PLAN_RX] = at_least_one(h->cpus / 8 < h->ports ? h->cpus / 8 : h->ports);
	n[PLAN_CLASSIFY] = n[PLAN_SINK] = 1;
}

static int count_queues(const struct plan_request *r, const struct plan_host *h, struct plan *p,
			struct error *e)
{
	p->tx_queues_per_port = at_least_one((p->count[PLAN_TX] + h->ports - 1) / h->ports);
	if (r->tx_queues > 0 && p->tx_queues_per_port > r->tx_queues)
		return error_set(
			e, -EINVAL,
			"--interface asks for %u queues and --stages for tx=%u; a queue has one thread at most: "
			"use tx=%u or less",
			r->tx_queues * h->ports, p->count[PLAN_TX], r->tx_queues * h->ports);
	if (r->tx_queues > 0 && h->queues_max > 0 && r->tx_queues > h->queues_max)
		return error_set(
			e, -EINVAL,
			"--interface asks for queues 0-%u of each, and there %s %u; use 0-%u or less",
			r->tx_queues - 1, h->queues_max == 1 ? "is" : "are", h->queues_max,
			h->queues_max - 1);
	if (r->tx_queues > 0)
		p->tx_queues_per_port = r->tx_queues;
	p->rx_queues_per_port = h->receives ? at_least_one((p->count[PLAN_RX] + h->ports - 1) / h->ports) : 0;
	if (h->receives && h->rx_queues_all > 0 && p->rx_queues_per_port > h->rx_queues_all)
		return error_set(e, -EINVAL,
				 "--stages: rx=%u, and there %s %u rx queue%s to serve; use rx=%u or less",
				 p->count[PLAN_RX], h->rx_queues_all * h->ports == 1 ? "is" : "are",
				 h->rx_queues_all * h->ports, h->rx_queues_all * h->ports == 1 ? "" : "s",
				 h->rx_queues_all * h->ports);
	if (h->receives && h->rx_queues_all > 0)
		p->rx_queues_per_port = h->rx_queues_all;
	if (h->queues_max > 0 && p->tx_queues_per_port > h->queues_max)
		return error_set(
			e, -EINVAL,
			"--stages: tx=%u needs %u queues per interface, and there %s %u; use tx=%u or less",
			p->count[PLAN_TX], p->tx_queues_per_port, h->queues_max == 1 ? "is" : "are",
			h->queues_max, h->queues_max * h->ports);
	return 0;
}

static struct plan_thread *add_thread(struct plan *p)
{
	struct plan_thread *t = &p->thread[p->threads++];

	*t = (struct plan_thread){ .cpu = -1, .core = -1, .node = -1 };
	return t;
}

static void add_step(struct plan_thread *t, enum plan_stage stage, unsigned int index)
{
	t->step[t->steps++] = (struct plan_step){ stage, index };
}

static void place_sending(const struct plan_request *r, const struct plan_host *h, struct plan *p)
{
	/* A build nobody asked for shares the core of its gen: 12 ns of work do not pay for a hop. */
	const bool build_with_gen = r->count[PLAN_BUILD] == 0;

	if (fused(r, h)) {
		for (unsigned int i = 0; i < p->count[PLAN_TX]; i++) {
			struct plan_thread *t = add_thread(p);

			add_step(t, PLAN_GEN, i);
			add_step(t, PLAN_BUILD, i);
			add_step(t, PLAN_TX, i);
		}
		return;
	}
	for (unsigned int i = 0; i < p->count[PLAN_TX]; i++)
		add_step(add_thread(p), PLAN_TX, i);
	for (unsigned int i = 0; i < p->count[PLAN_GEN]; i++) {
		struct plan_thread *t = add_thread(p);

		add_step(t, PLAN_GEN, i);
		if (build_with_gen)
			add_step(t, PLAN_BUILD, i);
	}
	for (unsigned int i = 0; !build_with_gen && i < p->count[PLAN_BUILD]; i++)
		add_step(add_thread(p), PLAN_BUILD, i);
}

/*
 * One CPU and one queue each way: two threads would take turns, and a turn of the kernel's is longer than many a ring.
 */
static bool receives_between(const struct plan_request *r, const struct plan_host *h, const struct plan *p)
{
	return r->fuse && h->cpus == 1 && p->count[PLAN_TX] == 1 && p->count[PLAN_RX] == 1;
}

static void place_receiving(const struct plan_request *r, const struct plan_host *h, struct plan *p)
{
	const bool alone = r->count[PLAN_CLASSIFY] > 0 || p->count[PLAN_RX] > 1;

	for (unsigned int i = 0; i < p->count[PLAN_RX]; i++) {
		struct plan_thread *t = receives_between(r, h, p) ? &p->thread[0] : add_thread(p);

		add_step(t, PLAN_RX, i);
		if (!alone && i == 0)
			add_step(t, PLAN_CLASSIFY, 0);
	}
	if (alone && p->count[PLAN_CLASSIFY] > 0)
		add_step(add_thread(p), PLAN_CLASSIFY, 0);
	if (p->count[PLAN_SINK] > 0)
		add_step(add_thread(p), PLAN_SINK, 0);
}

int plan_make(const struct plan_request *r, const struct plan_host *h, struct plan *p, struct error *e)
{
	unsigned int threads = 0;
	int err;

	*p = (struct plan){ .ports = h->ports, .housekeeping = { -1, -1, -1 } };
	err = plan_check(r, e);
	if (err < 0)
		return err;
	count_stages(r, h, p);
	err = count_queues(r, h, p, e);
	if (err < 0)
		return err;
	for (int s = 0; s < PLAN_STAGES; s++)
		threads += p->count[s];
	p->thread = calloc(threads, sizeof(*p->thread));
	p->port_at = calloc(h->ports, sizeof(*p->port_at));
	if (p->thread == NULL || p->port_at == NULL) {
		plan_free(p);
		return error_set(e, -ENOMEM, "out of memory for a plan of %u threads", threads);
	}
	plan_order_ports(h, p->port_at);
	place_sending(r, h, p);
	place_receiving(r, h, p);
	err = plan_place(h, p);
	if (err < 0) {
		plan_free(p);
		return error_set(e, err, "out of memory for a plan of %u threads", threads);
	}
	return 0;
}

void plan_free(struct plan *p)
{
	free(p->port_at);
	free(p->thread);
	*p = (struct plan){ 0 };
}
