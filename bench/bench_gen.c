/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gen on one core: ns per target of walk + lookup, in blocks as the stage does
 * them, and of the stage with its ledger and edge. The roof is the bare lane
 * loop: what the multiplications alone cost.
 */
#include <stdio.h>
#include <stdlib.h>

#include "anyscan/block.h"
#include "bench/report.h"
#include "rings/edge.h"
#include "stages/gen/domain.h"
#include "stages/gen/gen.h"
#include "stages/gen/walk.h"

#define RUNS 9
#define BLOCKS 65536 /* per run */

/* All of the address space but `count` holes of 1..4096 addresses at pseudorandom places. */
static void with_holes(struct ranges *allowed, unsigned int count)
{
	struct ranges holes = { 0 };
	uint64_t draw = 1;

	ranges_add(allowed, 0, UINT32_MAX);
	for (unsigned int i = 0; i < count; i++) {
		draw = draw * 6364136223846793005ULL + 1442695040888963407ULL;
		uint32_t first = (uint32_t)(draw >> 32), length = (draw >> 20 & 4095) + 1;
		ranges_add(&holes, first, first > UINT32_MAX - length ? UINT32_MAX : first + length);
	}
	ranges_normalise(&holes);
	ranges_subtract(allowed, &holes);
	ranges_free(&holes);
}

static volatile uint64_t result; /* keeps the work */

static double bare_lanes(const struct walk *w)
{
	const uint64_t p = w->p, step = w->step, quotient = w->step_quotient;
	struct walk_cursor c;
	double start, took;

	walk_seek(w, 0, &c);
	start = bench_now();
	for (unsigned int i = 0; i < BLOCKS * (BLOCK_ITEMS / WALK_LANES); i++)
		for (unsigned int j = 0; j < WALK_LANES; j++) {
			uint64_t q = (uint64_t)((unsigned __int128)c.lane[j] * quotient >> 64);
			uint64_t r = c.lane[j] * step - q * p;

			c.lane[j] = r < r - p ? r : r - p;
		}
	took = bench_now() - start;
	for (unsigned int j = 0; j < WALK_LANES; j++)
		result = result + c.lane[j];
	return took * 1e9 / ((double)BLOCKS * BLOCK_ITEMS);
}

static double walk_and_lookup(const struct walk *w, const struct domain *d)
{
	static struct target_block b;
	uint64_t index[BLOCK_ITEMS], items = 0;
	struct walk_cursor c;
	double start, took;

	walk_seek(w, 0, &c);
	start = bench_now();
	for (unsigned int i = 0; i < BLOCKS; i++) {
		unsigned int n = walk_next(w, &c, BLOCK_ITEMS, index);

		domain_lookup(d, index, b.daddr, b.dport, n);
		items += n;
		result = b.daddr[n / 2] + b.dport[0];
	}
	took = bench_now() - start;
	return took * 1e9 / (double)items;
}

/* The step function itself, its edge drained by the same thread. */
static double whole_stage(const struct walk *w, const struct domain *d)
{
	const struct policy policy = { .rate = RATE_MAX, .block_fill = BLOCK_ITEMS };
	const struct policy *current = &policy;
	const uint64_t wanted = (uint64_t)BLOCKS * BLOCK_ITEMS;
	struct ledger *ledger = ledger_create(walk_shard(w, 0, 1), 1, UINT64_MAX);
	struct edge *edge = edge_create(&(struct edge_options){
		.name = "gen0>bench", .blocks = 16, .block_size = sizeof(struct target_block) });
	struct stage *gen = gen_create(0, &(struct gen_options){ .domain = d,
								 .walk = w,
								 .ledger = ledger,
								 .policy = &current,
								 .probes = 1,
								 .out = &edge,
								 .outs = 1 });
	uint64_t items = 0;
	struct block *b;
	double start, took;

	if (ledger == NULL || edge == NULL || gen == NULL)
		abort();
	start = bench_now();
	while (items < wanted) {
		items += gen->ops->step(gen);
		while ((b = edge_pop(edge)) != NULL) {
			chunk_accept(b->chunk, b->count);
			edge_recycle(edge, b);
		}
	}
	took = bench_now() - start;
	gen_destroy(gen);
	edge_destroy(edge);
	ledger_destroy(ledger);
	return took * 1e9 / (double)items;
}

typedef double measure(const struct walk *, const struct domain *);

static void run(const char *name, unsigned int holes, const char *port_list, measure *measured)
{
	struct ranges allowed = { 0 };
	struct ports ports;
	struct domain *d;
	struct walk w;
	double roof[RUNS], whole[RUNS];

	with_holes(&allowed, holes);
	if (ports_parse(port_list, &ports, NULL) != 0 || (d = domain_create(&allowed, &ports, NULL)) == NULL)
		abort();
	walk_init(&w, domain_size(d), 1);
	for (unsigned int i = 0; i < RUNS; i++) { /* side by side: both see the same neighbours */
		roof[i] = bare_lanes(&w);
		whole[i] = measured(&w, d);
	}
	struct bench_result r = {
		.bench = "gen",
		.case_name = name,
		.cores = 1,
		.ns_per_item = bench_median(whole, RUNS),
		.roof_ns = bench_median(roof, RUNS),
		.roof = "bare lane loop",
		.runs = RUNS,
	};
	bench_print(&r);
	domain_destroy(d);
	ports_free(&ports);
	ranges_free(&allowed);
}

int main(void)
{
	run("plain", 0, "443", walk_and_lookup);
	run("10k exclusions", 10000, "443", walk_and_lookup);
	run("100k exclusions", 100000, "443", walk_and_lookup);
	run("65536 ports", 0, "*", walk_and_lookup);
	run("10k exclusions, 100 ports", 10000, "1-99,443", walk_and_lookup);
	run("10k exclusions, whole stage", 10000, "443", whole_stage);
	return 0;
}
