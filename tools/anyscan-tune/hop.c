/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a hop to another core costs: the reader looks at every frame of a block and puts a free one in its place, as tx
 * does; the writer looks where they lie and writes the lengths, as build does.
 */
#include "tools/anyscan-tune/hop.h"

#include <ck_pr.h>
#include <pthread.h>
#include <sched.h>
#include <stdlib.h>

#include "anyscan/block.h"
#include "anyscan/clock.h"
#include "rings/edge.h"
#include "tools/anyscan-tune/trial.h"

#define WINDOW 100 /* blocks that are timed together: short, so that some meet no neighbour */
#define WINDOWS 400

struct hop {
	struct edge *edge;
	uint64_t sum;
	uint8_t frame[1]; /* what lies there is nobody's concern */
};

/* Where others want the CPU too, the other end may not be running. */
static void stall(unsigned int *spins)
{
	if (++*spins % 64 == 0)
		sched_yield();
	else
		ck_pr_stall();
}

static void *reader(void *arg)
{
	struct hop *h = arg;
	unsigned int spins = 0;

	for (unsigned int i = 0; i < WINDOW * WINDOWS; i++) {
		struct frame_block *b;

		while ((b = (struct frame_block *)edge_pop(h->edge)) == NULL)
			stall(&spins);
		for (unsigned int k = 0; k < BLOCK_ITEMS; k++) {
			h->sum += (uintptr_t)b->frame[k] + b->len[k];
			b->frame[k] = h->frame;
		}
		edge_recycle(h->edge, &b->hdr);
	}
	return NULL;
}

static uint64_t window(struct edge *edge)
{
	const uint64_t start = clock_mono_ns();
	unsigned int spins = 0;

	for (unsigned int i = 0; i < WINDOW; i++) {
		struct frame_block *b;

		while ((b = (struct frame_block *)edge_claim(edge, 0)) == NULL)
			stall(&spins);
		for (unsigned int k = 0; k < BLOCK_ITEMS; k++)
			b->len[k] = (uint16_t)((uintptr_t)b->frame[k] + i);
		edge_push(edge, &b->hdr);
	}
	return clock_mono_ns() - start;
}

static int ascending(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

/* The tenth part that went best: neighbours only ever add. */
static double of_edge(struct edge *edge)
{
	struct hop h = { .edge = edge };
	uint64_t took[WINDOWS], fastest;
	pthread_t thread;

	if (pthread_create(&thread, NULL, reader, &h) != 0)
		return 0;
	for (unsigned int i = 0; i < WINDOWS; i++)
		took[i] = window(edge);
	pthread_join(thread, NULL);
	qsort(took, WINDOWS, sizeof(took[0]), ascending);
	fastest = took[WINDOWS / 10];
	return (double)fastest / ((double)WINDOW * BLOCK_ITEMS);
}

double hop_ns(void)
{
	const struct edge_options o = { .name = "hop",
					.blocks = 16,
					.block_size = sizeof(struct frame_block) };
	struct edge *edge;
	double ns = 0;

	if (trial_cpus_all() < 2)
		return 0;
	trial_cpus(2);
	edge = edge_create(&o);
	if (edge != NULL) {
		ns = of_edge(edge);
		edge_destroy(edge);
	}
	trial_cpus(0);
	return ns;
}
