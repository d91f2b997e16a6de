/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whole scans into the null engine, by plan, ns per probe. Fused threads never wait for one another, so theirs is CPU
 * time over the number of threads, which is the elapsed time of a machine with nothing else to do; a pipeline's is the
 * elapsed time from the first probe to the last, the least of LOOKS. Roofs, each measured in turn with what it bounds:
 *
 *   fused            a bare loop that walks, looks up and composes into as many frames: the rest is stages and edges
 *   bare on two      half the time of one bare loop: two that share nothing, so what the machine gives to a second core
 *   fused on two     half the time of one fused thread
 *   pipelined        gen and build alone, the slower half, and a hop of its frame blocks to another core
 *   planned          the better of two fused threads and a pipeline of two
 */
#include <ck_pr.h>
#include <pthread.h>
#include <stdio.h>

#include "bench/probe_frames.h"
#include "bench/report.h"
#include "rings/edge.h"
#include "stages/gen/walk.h"
#include "tests/unit/pipeline_rig.h"

#define TARGETS "16.0.0.0/8" /* 0.2 s of one core */
#define TARGETS_WAITING "16.0.0.0/10" /* of plans whose threads wait for one another, which may take longer */
#define FRAMES (16 * BLOCK_ITEMS) /* as a pipeline gives a queue */
#define HOP_BLOCKS 20000
#define LOOKS 5

enum plan_kind {
	FUSED_ONE,
	BARE_TWO,
	FUSED_TWO,
	PIPELINED,
	PLANNED
};

struct plans {
	enum plan_kind kind;
	int cpu[2];
};

struct figure {
	double elapsed, cpu, half; /* ns per probe: of the scan, of all its threads, of gen and build */
};

static double process_cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static const char *targets_of(enum plan_kind kind)
{
	return kind <= FUSED_TWO ? TARGETS : TARGETS_WAITING;
}

static struct figure scan(const struct plans *p, enum plan_kind kind)
{
	struct stage_stats stage[16];
	struct pipeline *pipeline;
	struct pipeline_stats s;
	struct figure f;
	struct rig rig;
	double cpu;
	uint64_t next;
	size_t n;

	/* threads inherit the CPUs of their maker where the plan does not pin them */
	if (kind == FUSED_ONE)
		bench_pin(p->cpu[0]);
	if (rig_init(&rig, &null_ops, 1, targets_of(p->kind), "443", "seed=1") != 0)
		abort();
	rig.opt.plan.fuse = kind == FUSED_ONE || kind == FUSED_TWO;
	if (kind == FUSED_TWO)
		rig.opt.plan.count[PLAN_TX] = 2;
	if (kind == PIPELINED)
		rig.opt.plan.count[PLAN_GEN] = rig.opt.plan.count[PLAN_TX] = 1;
	if (pipeline_open(&rig.opt, &pipeline, &rig.error) < 0)
		goto failed;
	cpu = process_cpu();
	if (pipeline_run(pipeline, &rig.error) < 0)
		goto failed;
	while (pipeline_advance(pipeline, &next) != PIPELINE_DONE) {
		struct pollfd fd = { .fd = pipeline_fd(pipeline), .events = POLLIN };

		poll(&fd, 1, -1);
	}
	cpu = process_cpu() - cpu;
	pipeline_stats(pipeline, &s);
	n = pipeline_stage_stats(pipeline, stage, 16);
	f = (struct figure){ .elapsed = (double)(s.send_end_ns - s.start_ns) / (double)s.sent,
			     .cpu = cpu / (double)s.sent };
	for (size_t i = 0; i < n; i++) {
		const double ns = stage[i].busy * (double)(s.now_ns - s.start_ns) / (double)s.sent;

		f.half += strcmp(stage[i].name, "tx") != 0 ? ns : 0;
	}
	pipeline_destroy(pipeline);
	rig_fini(&rig);
	return f;
failed:
	fprintf(stderr, "bench_pipeline: %s\n", rig.error.text);
	exit(1);
}

/* Where others want the CPU too, the other end may not be running. */
static void stall(unsigned int *spins)
{
	if (++*spins % 64 == 0)
		sched_yield();
	else
		ck_pr_stall();
}

struct hop {
	struct edge *edge;
	int cpu;
	uint64_t sum;
};

/* As tx: looks at where each frame lies and how long it is. */
static void *reader(void *arg)
{
	struct hop *h = arg;
	unsigned int spins = 0;

	bench_pin(h->cpu);
	for (unsigned int i = 0; i < HOP_BLOCKS; i++) {
		struct frame_block *b;

		while ((b = (struct frame_block *)edge_pop(h->edge)) == NULL)
			stall(&spins);
		for (unsigned int k = 0; k < BLOCK_ITEMS; k++)
			h->sum += (uintptr_t)b->frame[k] + b->len[k];
		edge_recycle(h->edge, &b->hdr);
	}
	return NULL;
}

/* ns per frame. As build: writes the lengths, reads where the frames lie. */
static double hop(const struct plans *p)
{
	const struct edge_options o = { .name = "build0>tx0",
					.blocks = 16,
					.block_size = sizeof(struct frame_block) };
	struct hop h = { .edge = edge_create(&o), .cpu = p->cpu[1] };
	pthread_t thread;
	unsigned int spins = 0;
	uint64_t sum = 0;
	double start;

	bench_pin(p->cpu[0]);
	if (h.edge == NULL || pthread_create(&thread, NULL, reader, &h) != 0)
		abort();
	start = bench_now();
	for (unsigned int i = 0; i < HOP_BLOCKS; i++) {
		struct frame_block *b;

		while ((b = (struct frame_block *)edge_claim(h.edge, 0)) == NULL)
			stall(&spins);
		for (unsigned int k = 0; k < BLOCK_ITEMS; k++) {
			sum += (uintptr_t)b->frame[k];
			b->len[k] = (uint16_t)i;
		}
		edge_push(h.edge, &b->hdr);
	}
	pthread_join(thread, NULL);
	start = (bench_now() - start) * 1e9 / ((double)HOP_BLOCKS * BLOCK_ITEMS);
	edge_destroy(h.edge);
	return sum != 0 ? 0 : start; /* every frame of a new edge lies nowhere */
}

static double bare_loop(void)
{
	struct target_block targets = { .probe = 0 }; /* not static: two threads do this at once */
	struct io_link link;
	struct io_port *port;
	struct io_txq *q;
	struct probe_template template;
	struct io_port_options o = { .link = &link, .tx_queues = 1, .frames = FRAMES };
	uint8_t *frame[BLOCK_ITEMS];
	uint16_t len[BLOCK_ITEMS];
	uint64_t index[BLOCK_ITEMS], done = 0;
	struct walk_cursor cursor;
	struct walk walk;
	struct rig rig;
	double start;

	if (rig_init(&rig, &null_ops, 1, TARGETS, "443", "seed=1") != 0 ||
	    null_ops.find_link("bench0", &link, NULL) < 0)
		abort();
	o.frame_len = probe_prepare(&link, &template);
	if (null_ops.open(&o, &port, NULL) < 0 || null_ops.tx_open(port, 0, &q, NULL) < 0)
		abort();
	walk_init(&walk, domain_size(rig.domain), 1);
	walk_seek(&walk, 0, &cursor);
	start = bench_cpu();
	for (unsigned int block = 0; done < domain_size(rig.domain); block++) {
		const unsigned int n = walk_next(&walk, &cursor, BLOCK_ITEMS, index);

		for (unsigned int i = 0; i < n; i++)
			frame[i] = q->frames + (block * BLOCK_ITEMS + i) % FRAMES * q->stride;
		domain_lookup(rig.domain, index, targets.daddr, targets.dport, n);
		probe_modules[0]->compose(&template, &targets, 0, n, frame, len);
		done += n;
	}
	start = (bench_cpu() - start) * 1e9 / (double)done;
	null_ops.close(port);
	rig_fini(&rig);
	return start;
}

static void *bare_thread(void *arg)
{
	*(double *)arg = bare_loop();
	return NULL;
}

/* ns per probe of a thread, as of one with the machine to itself. */
static double two_bare_loops(void)
{
	pthread_t thread[2];
	double ns[2];

	for (unsigned int i = 0; i < 2; i++)
		if (pthread_create(&thread[i], NULL, bare_thread, &ns[i]) != 0)
			abort();
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	return (ns[0] + ns[1]) / 2;
}

static void use_both(const struct plans *p)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(p->cpu[0], &set);
	CPU_SET(p->cpu[1], &set);
	sched_setaffinity(0, sizeof(set), &set);
}

static double smaller(double a, double b)
{
	return a < b ? a : b;
}

/* Neighbours only ever add to elapsed time: the least of some scans is nearest to a machine of our own. */
static double least(const struct plans *p, enum plan_kind kind)
{
	double ns = scan(p, kind).elapsed;

	for (unsigned int i = 1; i < LOOKS; i++) {
		use_both(p);
		ns = smaller(ns, scan(p, kind).elapsed);
	}
	return ns;
}

static double measured(void *arg)
{
	const struct plans *p = arg;

	use_both(p);
	switch (p->kind) {
	case FUSED_ONE:
		return scan(p, FUSED_ONE).cpu;
	case BARE_TWO:
		return two_bare_loops() / 2;
	case FUSED_TWO:
		return scan(p, FUSED_TWO).cpu / 2;
	default:
		return least(p, p->kind);
	}
}

static double bare(void *arg)
{
	const struct plans *p = arg;
	double a, shortest = 1e9;

	use_both(p);
	switch (p->kind) {
	case FUSED_ONE:
		return bare_loop();
	case BARE_TWO:
		return bare_loop() / 2;
	case FUSED_TWO:
		return scan(p, FUSED_ONE).cpu / 2;
	case PIPELINED:
		a = scan(p, FUSED_ONE).half;
		for (unsigned int i = 0; i < LOOKS; i++)
			shortest = smaller(shortest, hop(p));
		return a + shortest;
	default:
		a = least(p, FUSED_TWO);
		use_both(p);
		return smaller(a, least(p, PIPELINED));
	}
}

int main(void)
{
	static const struct {
		enum plan_kind kind;
		unsigned int cores;
		const char *name, *roof;
	} cases[] = { { FUSED_ONE, 1, "fused", "bare loop: walk, look up, compose" },
		      { BARE_TWO, 2, "bare on two", "half of one bare loop" },
		      { FUSED_TWO, 2, "fused on two", "half of one fused" },
		      { PIPELINED, 2, "gen+build | tx", "gen and build alone, and a hop" },
		      { PLANNED, 2, "as planned", "better of fused on two and pipelined" } };
	struct plans p;
	const unsigned int cpus = bench_cpus(p.cpu, 2);

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		if (cpus < 2 && cases[i].kind != FUSED_ONE) {
			bench_skip("null pipeline", "the plans on two cores need two CPUs");
			break;
		}
		if (cpus < 2)
			p.cpu[1] = p.cpu[0];
		p.kind = cases[i].kind;
		bench_pair((struct bench_result){ .bench = "null pipeline",
						  .case_name = cases[i].name,
						  .cores = cases[i].cores,
						  .roof = cases[i].roof },
			   measured, bare, &p);
	}
	return 0;
}
