/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What one hop between two cores costs: a producer writes every item of a
 * target block, a consumer reads every item. The roof is the least a hop can
 * be: two bare Lamport rings with cached peer indices and the same blocks.
 */
#include <ck_pr.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/report.h"
#include "rings/edge.h"

#define RUNS 7
#define POOL 32 /* 28 KiB of target blocks: stays in the cache closest to each core */
#define SLOTS 64 /* of the bare rings: a power of two > POOL */

/* One direction of the roof. What each side writes lies 128 bytes from what the other does. */
struct bare_ring {
	struct target_block *slot[SLOTS] __attribute__((aligned(128)));
	unsigned int tail __attribute__((aligned(128))); /* the giver's */
	unsigned int head __attribute__((aligned(128))), tail_seen; /* the taker's */
} __attribute__((aligned(128)));

static void bare_give(struct bare_ring *r, struct target_block *t)
{
	r->slot[r->tail % SLOTS] = t; /* never full: fewer blocks than slots */
	__atomic_store_n(&r->tail, r->tail + 1, __ATOMIC_RELEASE);
}

static struct target_block *bare_take(struct bare_ring *r)
{
	struct target_block *t;

	if (r->head == r->tail_seen) {
		r->tail_seen = __atomic_load_n(&r->tail, __ATOMIC_ACQUIRE);
		if (r->head == r->tail_seen)
			return NULL;
	}
	t = r->slot[r->head % SLOTS];
	__atomic_store_n(&r->head, r->head + 1, __ATOMIC_RELEASE);
	return t;
}

struct hop {
	struct waker writer,
		reader; /* as between two threads of a pipeline: each push and recycle notifies */
	struct edge *edge;
	struct bare_ring forward, back;
	int cpu[2];
	unsigned int fill, blocks;
	pthread_barrier_t start;
	uint64_t sum;
};

static void write_items(struct target_block *t, unsigned int first, unsigned int n)
{
	t->hdr.count = n;
	for (unsigned int i = 0; i < n; i++) {
		t->daddr[i] = first + i;
		t->dport[i] = (uint16_t)i;
	}
}

static uint64_t read_items(const struct target_block *t)
{
	uint64_t sum = 0;

	for (unsigned int i = 0; i < t->hdr.count; i++)
		sum += t->daddr[i] + t->dport[i];
	return sum;
}

static void *edge_reader(void *arg)
{
	struct hop *h = arg;

	bench_pin(h->cpu[1]);
	pthread_barrier_wait(&h->start);
	for (unsigned int i = 0; i < h->blocks; i++) {
		struct block *b;
		while ((b = edge_pop(h->edge)) == NULL)
			ck_pr_stall();
		h->sum += read_items((struct target_block *)b);
		edge_recycle(h->edge, b);
	}
	return NULL;
}

static void edge_writer(struct hop *h)
{
	for (unsigned int i = 0; i < h->blocks; i++) {
		struct block *b;
		while ((b = edge_claim(h->edge, 0)) == NULL)
			ck_pr_stall();
		write_items((struct target_block *)b, i, h->fill);
		edge_push(h->edge, b);
	}
}

static void *bare_reader(void *arg)
{
	struct hop *h = arg;

	bench_pin(h->cpu[1]);
	pthread_barrier_wait(&h->start);
	for (unsigned int i = 0; i < h->blocks; i++) {
		struct target_block *t;
		while ((t = bare_take(&h->forward)) == NULL)
			ck_pr_stall();
		h->sum += read_items(t);
		bare_give(&h->back, t);
	}
	return NULL;
}

static void bare_writer(struct hop *h)
{
	for (unsigned int i = 0; i < h->blocks; i++) {
		struct target_block *t;
		while ((t = bare_take(&h->back)) == NULL)
			ck_pr_stall();
		write_items(t, i, h->fill);
		bare_give(&h->forward, t);
	}
}

/* ns per item. Everything is made anew for each run, so that one unlucky placement is one run's. */
static double run(const int cpu[2], unsigned int fill, unsigned int blocks, bool bare)
{
	struct hop *h = aligned_alloc(128, sizeof(*h));
	struct edge_options o = { .name = "hop", .blocks = POOL, .block_size = sizeof(struct target_block) };
	pthread_t reader;
	uint64_t expected = 0;
	double ns;

	if (h == NULL)
		exit(1);
	o.producer = &h->writer;
	o.consumer = &h->reader;
	*h = (struct hop){
		.edge = edge_create(&o), .cpu = { cpu[0], cpu[1] }, .fill = fill, .blocks = blocks
	};
	waker_init(&h->writer, false);
	waker_init(&h->reader, false);
	pthread_barrier_init(&h->start, NULL, 2);
	if (h->edge == NULL || bench_pin(cpu[0]) < 0 ||
	    pthread_create(&reader, NULL, bare ? bare_reader : edge_reader, h) != 0)
		exit(1);
	for (unsigned int i = 0; bare && i < POOL; i++)
		bare_give(&h->back, (struct target_block *)edge_block(h->edge, i));

	pthread_barrier_wait(&h->start);
	ns = bench_now();
	bare ? bare_writer(h) : edge_writer(h);
	pthread_join(reader, NULL);
	ns = (bench_now() - ns) * 1e9 / ((double)fill * blocks);

	for (unsigned int i = 0; i < blocks; i++)
		expected += (uint64_t)fill * i + (uint64_t)fill * (fill - 1);
	if (h->sum != expected) {
		fprintf(stderr, "bench_hop: items were lost or changed\n");
		exit(1);
	}
	pthread_barrier_destroy(&h->start);
	edge_destroy(h->edge);
	free(h);
	return ns;
}

int main(void)
{
	static const struct {
		const char *name;
		unsigned int fill, blocks;
	} cases[] = {
		{ "block=1", 1, 2000000 },  { "block=8", 8, 1000000 },	  { "block=32", 32, 600000 },
		{ "block=64", 64, 400000 }, { "block=128", 128, 300000 },
	};
	int cpu[2];

	if (bench_cpus(cpu, 2) < 2) {
		fprintf(stderr, "bench_hop: needs two CPUs\n");
		return 1;
	}
	for (size_t c = 0; c < sizeof(cases) / sizeof(cases[0]); c++) {
		double edge[RUNS], bare[RUNS];
		/* Alternately, so that both see the same neighbours. */
		for (unsigned int i = 0; i < RUNS; i++) {
			edge[i] = run(cpu, cases[c].fill, cases[c].blocks, false);
			bare[i] = run(cpu, cases[c].fill, cases[c].blocks, true);
		}
		bench_print(&(struct bench_result){
			.bench = "hop",
			.case_name = cases[c].name,
			.cores = 2,
			.ns_per_item = bench_median(edge, RUNS),
			.roof_ns = bench_median(bare, RUNS),
			.roof = "bare spsc of blocks",
			.runs = RUNS,
		});
	}
	return 0;
}
