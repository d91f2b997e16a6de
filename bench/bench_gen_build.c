/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gen and build fused on one core, through real edges, into frames that lie as the engines that copy lay them out; in
 * the place of tx stands a consumer that gives a block back when IN_FLIGHT others have followed it. The roof is the same
 * work in the same form on the same frames, without stages and edges: walk, look up, compose. The difference is what
 * the pipeline costs.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "anyscan/probe.h"
#include "bench/internet.h"
#include "bench/report.h"
#include "stages/build/build.h"
#include "stages/gen/gen.h"
#include "stages/probes/tcp_synscan_frame.h"

#define PROBES (1u << 20) /* per run */
#define TARGET_BLOCKS 8
#define FRAME_BLOCKS 16
#define FRAMES (FRAME_BLOCKS * BLOCK_ITEMS)
#define IN_FLIGHT 8 /* blocks, so that all frames are used in turn and not the hottest few again and again */
#define SHARDS 258
#define SHARD 17
#define SEED 1

struct scan { /* what is scanned, and how frames lie */
	const char *name, *profile, *ports;
	unsigned int exclusions;
	uint32_t shard, shards;
	size_t stride; /* bytes between frames */
};

struct rig {
	struct domain *domain;
	struct walk walk;
	struct interval interval; /* of the shard */
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

static uint8_t *frame_memory(size_t stride)
{
	const size_t size = FRAMES * stride;
	uint8_t *memory = aligned_alloc(2 << 20, size);

	if (memory == NULL)
		abort();
	madvise(memory, size, MADV_HUGEPAGE);
	for (size_t i = 0; i < size; i += 4096)
		memory[i] = 0;
	return memory;
}

static void rig_init(struct rig *r, const struct scan *scan)
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

	*r = (struct rig){ .domain = internet(scan->exclusions, scan->ports),
			   .memory = frame_memory(scan->stride) };
	r->policy = (struct policy){ .block_fill = BLOCK_ITEMS, .edge_window = FRAME_BLOCKS };
	r->policy_now = &r->policy;
	walk_init(&r->walk, domain_size(r->domain), SEED);
	r->interval = walk_shard(&r->walk, scan->shard, scan->shards);
	r->ledger = ledger_create(r->interval, 1, UINT64_MAX);
	r->targets = edge_create(&targets);
	r->frames = edge_create(&frames);
	if (r->ledger == NULL || r->targets == NULL || r->frames == NULL ||
	    probe_modules[0]->prepare(&id, scan->profile, &r->template, NULL) != 0)
		abort();
	for (unsigned int i = 0; i < FRAMES; i++) {
		struct frame_block *b = (struct frame_block *)edge_block(r->frames, i / BLOCK_ITEMS);

		b->frames = BLOCK_ITEMS;
		b->frame[i % BLOCK_ITEMS] = r->memory + i * scan->stride;
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

static double fused(void *arg)
{
	struct rig *r = arg;
	const double start = bench_cpu();
	unsigned int done = 0;

	while (done < PROBES) {
		r->gen->ops->step(r->gen);
		r->build->ops->step(r->build);
		done += consume(r);
	}
	return (bench_cpu() - start) * 1e9 / done;
}

static double bare(void *arg)
{
	struct rig *r = arg;
	static struct target_block targets;
	struct walk_cursor cursor;
	uint64_t index[BLOCK_ITEMS];
	unsigned int done = 0, block = 0;
	double start;

	walk_seek(&r->walk, r->interval.first, &cursor);
	start = bench_cpu();
	while (done < PROBES) {
		struct frame_block *f = (struct frame_block *)edge_block(r->frames, block++ % FRAME_BLOCKS);
		unsigned int n = walk_next(&r->walk, &cursor, BLOCK_ITEMS, index);

		domain_lookup(r->domain, index, targets.daddr, targets.dport, n);
		probe_modules[0]->compose(&r->template, &targets, 0, n, f->frame, f->len);
		done += n;
	}
	return (bench_cpu() - start) * 1e9 / done;
}

/* Walk and lookup have no form for every set of instructions: a CPU that runs this one of compose() has the plain ones then. */
static void use_form(struct rig *r, const struct tcp_synscan_form *form)
{
	const struct walk_form *walk = walk_forms;

	while (walk[1].name != NULL && strcmp(walk->name, form->name) != 0)
		walk++;
	r->walk.next = walk->supported() ? walk->fn : r->walk.next;
	if (!domain_use_form(r->domain, form->name))
		domain_use_form(r->domain, "plain");
	r->template.form = form;
}

static void run(const struct scan *scan)
{
	struct rig r;

	rig_init(&r, scan);
	for (const struct tcp_synscan_form *form = tcp_synscan_forms; form->name != NULL; form++) {
		char name[96];

		if (!form->supported())
			continue;
		use_form(&r, form);
		snprintf(name, sizeof(name), "%s, %s", scan->name, form->name);
		bench_pair((struct bench_result){ .bench = "gen+build",
						  .case_name = name,
						  .cores = 1,
						  .roof = "bare loop: walk, look up, compose" },
			   fused, bare, &r);
	}
	rig_fini(&r);
}

/* What exclusions, ports and shards cost: the second scan beside the first, in turn, both fused. */
struct two {
	struct rig simple, other;
};

static double fused_simple(void *arg)
{
	return fused(&((struct two *)arg)->simple);
}

static double fused_other(void *arg)
{
	return fused(&((struct two *)arg)->other);
}

static void run_beside(const struct scan *simple, const struct scan *other)
{
	struct two two;

	rig_init(&two.simple, simple);
	rig_init(&two.other, other);
	for (const struct tcp_synscan_form *form = tcp_synscan_forms; form->name != NULL; form++) {
		char name[96];

		if (!form->supported())
			continue;
		use_form(&two.simple, form);
		use_form(&two.other, form);
		snprintf(name, sizeof(name), "%s beside simple, %s", other->name, form->name);
		bench_pair((struct bench_result){ .bench = "gen+build",
						  .case_name = name,
						  .cores = 1,
						  .roof = "one port, no exclusions, one shard" },
			   fused_other, fused_simple, &two);
	}
	rig_fini(&two.other);
	rig_fini(&two.simple);
}

/* For bench_instructions: `probes` of the first scan in one form, untimed; says what the stages have done. */
static int count(const struct scan *scan, const char *name, unsigned int probes)
{
	const struct tcp_synscan_form *form = tcp_synscan_forms;
	struct rig r;

	while (form->name != NULL && (strcmp(form->name, name) != 0 || !form->supported()))
		form++;
	if (form->name == NULL)
		return 1;
	rig_init(&r, scan);
	use_form(&r, form);
	for (unsigned int done = 0; done < probes; done += consume(&r)) {
		r.gen->ops->step(r.gen);
		r.build->ops->step(r.build);
	}
	printf("gen %llu build %llu\n", (unsigned long long)counter_read(&r.gen->counters.items),
	       (unsigned long long)counter_read(&r.build->counters.items));
	rig_fini(&r);
	return 0;
}

int main(int argc, char **argv)
{
	static const struct scan scans[] = {
		{ "tcp_synscan", "windows", "443", 0, 0, 1, PROBE_FRAME_MAX },
		{ "10k exclusions, 65536 ports, 258 shards", "windows", "*", 10000, SHARD, SHARDS,
		  PROBE_FRAME_MAX },
		{ "smallest-probes", "smallest-probes", "443", 0, 0, 1, PROBE_FRAME_MAX },
		{ "linux", "linux", "443", 0, 0, 1, PROBE_FRAME_MAX },
		{ "bsd", "bsd", "443", 0, 0, 1, PROBE_FRAME_MAX },
		{ "frames 2048 bytes apart", "windows", "443", 0, 0, 1, IO_FRAME_STRIDE },
	};

	if (argc == 3) /* FORM PROBES */
		return count(&scans[0], argv[1], (unsigned int)atoi(argv[2]));
	bench_pin_here();
	for (size_t i = 0; i < sizeof(scans) / sizeof(scans[0]); i++)
		run(&scans[i]);
	run_beside(&scans[0], &scans[1]);
	return 0;
}
