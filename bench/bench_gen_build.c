/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gen and build fused on one core, through real edges, into frames that lie
 * as the engines lay them out; in the place of tx stands a consumer that gives
 * a block back when IN_FLIGHT others have followed it. The roof is the same
 * work on the same frames without stages and edges: walk, look up, compose.
 * The difference is what the pipeline costs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "anyscan/probe.h"
#include "bench/report.h"
#include "stages/build/build.h"
#include "stages/gen/gen.h"

#define RUNS 9
#define PROBES (4u << 20) /* per run */
#define TARGET_BLOCKS 8
#define FRAME_BLOCKS 16
#define FRAMES (FRAME_BLOCKS * BLOCK_ITEMS)
#define IN_FLIGHT 8 /* blocks, so that all frames are used in turn and not the hottest few again and again */
#define SEED 1

struct rig {
	struct domain *domain;
	struct walk walk;
	struct ledger *ledger;
	struct edge *targets, *frames;
	struct stage *gen, *build;
	struct probe_template template;
	struct policy policy;
	const struct policy *policy_now;
	uint8_t *memory;
	struct block *flight[IN_FLIGHT];
	unsigned int sent; /* blocks */
};

/* The internet, as a scan of it is: the special-purpose blocks left out. */
static struct domain *internet(void)
{
	struct ranges allowed = { 0 }, reserved = { 0 };
	struct ports ports;
	struct domain *d;

	if (ranges_add(&allowed, 0, UINT32_MAX) != 0 ||
	    targets_reserved(RESERVED_UNROUTABLE | RESERVED_SPECIAL, &reserved) != 0 ||
	    ranges_subtract(&allowed, &reserved) != 0 || ports_parse("443", &ports, NULL) != 0)
		abort();
	d = domain_create(&allowed, &ports, NULL);
	ports_free(&ports);
	ranges_free(&reserved);
	ranges_free(&allowed);
	return d;
}

static uint8_t *frame_memory(void)
{
	const size_t size = (size_t)FRAMES * IO_FRAME_STRIDE;
	uint8_t *memory = aligned_alloc(2 << 20, size);

	if (memory == NULL)
		abort();
	madvise(memory, size, MADV_HUGEPAGE);
	for (size_t i = 0; i < size; i += 4096)
		memory[i] = 0;
	return memory;
}

static void rig_init(struct rig *r, const char *profile)
{
	const struct probe_identity id = {
		.saddr = 0x0a000001, .sport_first = 32768, .sport_last = 61000, .ttl = 64, .key = { 1, 2 }
	};
	const struct edge_options targets = { .name = "gen0>build0",
					      .blocks = TARGET_BLOCKS,
					      .block_size = sizeof(struct target_block) };
	const struct edge_options frames = { .name = "build0>tx0",
					     .blocks = FRAME_BLOCKS,
					     .block_size = sizeof(struct frame_block) };

	*r = (struct rig){ .domain = internet(), .memory = frame_memory() };
	r->policy = (struct policy){ .block_fill = BLOCK_ITEMS, .edge_window = FRAME_BLOCKS };
	r->policy_now = &r->policy;
	walk_init(&r->walk, domain_size(r->domain), SEED);
	r->ledger = ledger_create(walk_shard(&r->walk, 0, 1), 1, UINT64_MAX);
	r->targets = edge_create(&targets);
	r->frames = edge_create(&frames);
	if (r->ledger == NULL || r->targets == NULL || r->frames == NULL ||
	    probe_modules[0]->prepare(&id, profile, &r->template, NULL) != 0)
		abort();
	for (unsigned int i = 0; i < FRAMES; i++) {
		struct frame_block *b = (struct frame_block *)edge_block(r->frames, i / BLOCK_ITEMS);

		b->frames = BLOCK_ITEMS;
		b->frame[i % BLOCK_ITEMS] = r->memory + (size_t)i * IO_FRAME_STRIDE;
	}
	r->gen = gen_create(0, &(struct gen_options){ .domain = r->domain,
						      .walk = &r->walk,
						      .ledger = r->ledger,
						      .policy = &r->policy_now,
						      .probes = 1,
						      .out = &r->targets,
						      .outs = 1 });
	r->build = build_create(
		0, &(struct build_options){
			   .module = probe_modules[0],
			   .policy = &r->policy_now,
			   .in = &r->targets,
			   .ins = 1,
			   .out = &(struct build_output){ .edge = r->frames, .template = &r->template },
			   .outs = 1 });
	if (r->gen == NULL || r->build == NULL)
		abort();
}

static void rig_fini(struct rig *r)
{
	build_destroy(r->build);
	gen_destroy(r->gen);
	edge_destroy(r->frames);
	edge_destroy(r->targets);
	ledger_destroy(r->ledger);
	domain_destroy(r->domain);
	free(r->memory);
}

static unsigned int consume(struct rig *r)
{
	unsigned int taken = 0;
	struct block *b;

	while ((b = edge_pop(r->frames)) != NULL) {
		struct block **slot = &r->flight[r->sent++ % IN_FLIGHT];

		taken += b->count;
		chunk_accept(b->chunk, b->count);
		if (*slot != NULL)
			edge_recycle(r->frames, *slot);
		*slot = b;
	}
	return taken;
}

static double fused(struct rig *r)
{
	const double start = bench_now();
	unsigned int done = 0;

	while (done < PROBES) {
		r->gen->ops->step(r->gen);
		r->build->ops->step(r->build);
		done += consume(r);
	}
	return (bench_now() - start) * 1e9 / done;
}

static double bare(struct rig *r)
{
	static struct target_block targets;
	struct walk_cursor cursor;
	uint64_t index[BLOCK_ITEMS];
	unsigned int done = 0, block = 0;
	double start;

	walk_seek(&r->walk, 0, &cursor);
	start = bench_now();
	while (done < PROBES) {
		struct frame_block *f = (struct frame_block *)edge_block(r->frames, block++ % FRAME_BLOCKS);
		unsigned int n = walk_next(&r->walk, &cursor, BLOCK_ITEMS, index);

		domain_lookup(r->domain, index, targets.daddr, targets.dport, n);
		probe_modules[0]->compose(&r->template, &targets, 0, n, f->frame, f->len);
		done += n;
	}
	return (bench_now() - start) * 1e9 / done;
}

static void run(const char *profile)
{
	double roof[RUNS], whole[RUNS];
	char name[64];
	struct rig r;

	rig_init(&r, profile);
	fused(&r); /* caches and huge pages warm */
	for (unsigned int i = 0; i < RUNS; i++) { /* side by side: both see the same neighbours */
		roof[i] = bare(&r);
		whole[i] = fused(&r);
	}
	snprintf(name, sizeof(name), "tcp_synscan %s", profile);
	bench_print(&(struct bench_result){ .bench = "gen+build",
					    .case_name = name,
					    .cores = 1,
					    .ns_per_item = bench_median(whole, RUNS),
					    .roof_ns = bench_median(roof, RUNS),
					    .roof = "bare loop: walk, look up, compose",
					    .runs = RUNS });
	rig_fini(&r);
}

int main(void)
{
	int cpu;

	if (bench_cpus(&cpu, 1) == 1)
		bench_pin(cpu);
	run("windows");
	run("smallest-probes");
	run("linux");
	run("bsd");
	return 0;
}
