/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gen on one core: ns per target of walk + lookup, in blocks as the stage does them, and of the stage with its ledger
 * and edge. The roof is the walk alone, in the same form: what the multiplications cost.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/internet.h"
#include "bench/report.h"
#include "rings/edge.h"
#include "stages/gen/gen.h"

#define BLOCKS 16384 /* per run */
#define SHARD 17
#define TARGETS_PER_PAGE 16384 /* two bits each */
#define SPACING_NS 1000000 /* so that both probes are in the time that is measured */
#define SEED 1

struct rig {
	struct domain *domain;
	struct walk walk;
	struct interval interval; /* of the shard */
};

static volatile uint64_t result; /* keeps the work */

static double bare_walk(void *arg)
{
	const struct rig *r = arg;
	uint64_t index[BLOCK_ITEMS];
	struct walk_cursor c;
	double start;

	walk_seek(&r->walk, r->interval.first, &c);
	start = bench_cpu();
	for (unsigned int i = 0; i < BLOCKS; i++) {
		walk_next(&r->walk, &c, BLOCK_ITEMS, index);
		result = index[i % BLOCK_ITEMS];
	}
	return (bench_cpu() - start) * 1e9 / ((double)BLOCKS * BLOCK_ITEMS);
}

static double walk_and_lookup(void *arg)
{
	const struct rig *r = arg;
	static struct target_block b;
	uint64_t index[BLOCK_ITEMS], items = 0;
	struct walk_cursor c;
	double start;

	walk_seek(&r->walk, r->interval.first, &c);
	start = bench_cpu();
	for (unsigned int i = 0; i < BLOCKS; i++) {
		unsigned int n = walk_next(&r->walk, &c, BLOCK_ITEMS, index);

		domain_lookup(r->domain, index, b.daddr, b.dport, n);
		items += n;
		result = b.daddr[n / 2] + b.dport[0];
	}
	return (bench_cpu() - start) * 1e9 / (double)items;
}

/* The step function itself, its edge drained by the same thread. */
static double stage(const struct rig *r, uint32_t probes, const struct dedup *found)
{
	const struct policy policy = { .rate = RATE_MAX, .block_fill = BLOCK_ITEMS };
	const struct policy *current = &policy;
	const uint64_t wanted = (uint64_t)BLOCKS * BLOCK_ITEMS;
	const struct ledger_spacing spacing = { .passes = probes, .spacing_ns = SPACING_NS };
	struct ledger *ledger = ledger_create_spaced(&r->interval, 1, 1, UINT64_MAX, &spacing);
	struct edge *edge = edge_create(&(struct edge_options){
		.name = "gen0>bench", .blocks = 16, .block_size = sizeof(struct target_block) });
	struct stage *gen = gen_create(0, &(struct gen_options){ .domain = r->domain,
								 .walk = &r->walk,
								 .ledger = ledger,
								 .policy = &current,
								 .probes = probes,
								 .spacing_ns = probes > 1 ? SPACING_NS : 0,
								 .found = found,
								 .out = &edge,
								 .outs = 1 });
	uint64_t items = 0;
	struct block *b;
	double start, took;

	if (ledger == NULL || edge == NULL || gen == NULL)
		abort();
	start = bench_cpu();
	while (items < wanted) {
		items += gen->ops->step(gen);
		while ((b = edge_pop(edge)) != NULL) {
			chunk_accept(b->chunk, b->count);
			edge_recycle(edge, b);
		}
	}
	took = bench_cpu() - start;
	gen_destroy(gen);
	edge_destroy(edge);
	ledger_destroy(ledger);
	return took * 1e9 / (double)items;
}

static double whole_stage(void *arg)
{
	return stage(arg, 1, NULL);
}

/*
 * Every target twice, the second time after a look into a duplicate table in which nobody is. Its pages are there:
 * a scan has the price of that, 0.1 s for all of IPv4, once.
 */
static double spaced_stage(void *arg)
{
	const struct rig *r = arg;
	struct dedup *found = dedup_create_full(domain_size(r->domain), SIZE_MAX);
	double ns;

	if (found == NULL)
		abort();
	for (uint64_t i = 0; i < domain_size(r->domain); i += TARGETS_PER_PAGE)
		if (dedup_found(found, i))
			abort();
	ns = stage(r, 2, found);
	dedup_destroy(found);
	return ns;
}

/* Every form that this CPU runs; a form that one of the two parts lacks is its next best. */
static void run(const char *name, unsigned int exclusions, const char *ports, uint32_t shards,
		bench_run *measured)
{
	struct rig r = { .domain = internet(exclusions, ports) };

	walk_init(&r.walk, domain_size(r.domain), SEED);
	r.interval = walk_shard(&r.walk, shards > SHARD ? SHARD : 0, shards);
	for (const struct walk_form *form = walk_forms; form->name != NULL; form++) {
		char text[96];

		if (!form->supported() || !domain_use_form(r.domain, form->name))
			continue;
		r.walk.next = form->fn;
		snprintf(text, sizeof(text), "%s, %s", name, form->name);
		bench_pair((struct bench_result){ .bench = "gen",
						  .case_name = text,
						  .cores = 1,
						  .roof = "bare loop: the walk" },
			   measured, bare_walk, &r);
	}
	domain_destroy(r.domain);
}

/* A list of scattered addresses: every lookup is a cache miss, in 4 bytes of each. */
static void run_list(const char *name, uint32_t addresses)
{
	const struct ports ports = { .port = (uint16_t[]){ 443 }, .count = 1 };
	struct target_set set = { .ranges = { 0 } };
	struct rig r;

	addresses_expect(&set.addresses, addresses);
	for (uint32_t i = 0; i < addresses; i++)
		if (addresses_add(&set.addresses, i * 2654435761u) != 0)
			abort();
	target_set_normalise(&set);
	r.domain = domain_create_set(&set, &ports, NULL);
	if (r.domain == NULL)
		abort();
	walk_init(&r.walk, domain_size(r.domain), SEED);
	r.interval = walk_shard(&r.walk, 0, 1);
	bench_pair(
		(struct bench_result){
			.bench = "gen", .case_name = name, .cores = 1, .roof = "bare loop: the walk" },
		walk_and_lookup, bare_walk, &r);
	domain_destroy(r.domain);
}

int main(void)
{
	bench_pin_here();
	run("simple", 0, "443", 1, walk_and_lookup);
	run("10k exclusions", 10000, "443", 1, walk_and_lookup);
	run("100k exclusions", 100000, "443", 1, walk_and_lookup);
	run("100 ports", 0, "1-99,443", 1, walk_and_lookup);
	run("65536 ports", 0, "*", 1, walk_and_lookup);
	run("258 shards", 0, "443", 258, walk_and_lookup);
	run("10k exclusions, 65536 ports, 258 shards", 10000, "*", 258, walk_and_lookup);
	run_list("list of 1M addresses", 1000000);
	run_list("list of 10M addresses", 10000000);
	run("10k exclusions, whole stage", 10000, "443", 1, whole_stage);
	run("100k exclusions, whole stage", 100000, "443", 1, whole_stage);
	run("10k exclusions, whole stage, two spaced probes", 10000, "443", 1, spaced_stage);
	return 0;
}
