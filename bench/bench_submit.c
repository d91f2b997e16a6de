/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Submit and reclaim of the engines that need no device, per frame, in blocks as tx gives them (bench_af_packet.c has
 * the one that does). The roof of null is the two copies of a pointer that it makes; that of sim, reading the frame's
 * fields and asking the world about them, without checksums, counters and answers.
 */
#include <stdio.h>

#include "bench/probe_frames.h"
#include "bench/report.h"
#include "io/engines.h"
#include "io/sim/world_spec.h"

#define ROUNDS 2048 /* blocks per run */

struct rig {
	struct io_link link;
	struct world world;
	struct io_port *port;
	struct io_txq *queue;
	struct probe_template template;
	struct frame_block block[PROBE_BLOCKS];
};

static double measured(void *arg)
{
	struct rig *r = arg;
	const struct io_ops *ops = r->port->ops;
	uint8_t *back[BLOCK_ITEMS];
	const double start = bench_cpu();

	for (unsigned int i = 0; i < ROUNDS; i++) {
		const struct frame_block *b = &r->block[i % PROBE_BLOCKS];

		if (ops->tx_submit(r->queue, b->frame, b->len, BLOCK_ITEMS) != BLOCK_ITEMS ||
		    ops->tx_reclaim(r->queue, back, BLOCK_ITEMS) != BLOCK_ITEMS)
			abort();
	}
	return (bench_cpu() - start) * 1e9 / ((double)ROUNDS * BLOCK_ITEMS);
}

static double copies(void *arg)
{
	const struct rig *r = arg;
	uint8_t *stack[BLOCK_ITEMS], *back[BLOCK_ITEMS];
	const double start = bench_cpu();

	for (unsigned int i = 0; i < ROUNDS; i++) {
		memcpy(stack, r->block[i % PROBE_BLOCKS].frame, sizeof(stack));
		__asm__ volatile("" : : "r"(stack) : "memory");
		memcpy(back, stack, sizeof(back));
		__asm__ volatile("" : : "r"(back) : "memory");
	}
	return (bench_cpu() - start) * 1e9 / ((double)ROUNDS * BLOCK_ITEMS);
}

static volatile unsigned int result; /* keeps the work */

static uint32_t read32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return __builtin_bswap32(v);
}

static double fates(void *arg)
{
	const struct rig *r = arg;
	const struct world world = r->world;
	unsigned int answers = 0;
	const double start = bench_cpu();

	for (unsigned int i = 0; i < ROUNDS; i++) {
		for (unsigned int k = 0; k < BLOCK_ITEMS; k++) {
			const uint8_t *f = r->block[i % PROBE_BLOCKS].frame[k];
			const uint32_t addr = read32(f + 30), ports = read32(f + 34);

			if (world_fate(&world, addr, (uint16_t)ports) != WORLD_SILENT)
				answers += world_path(&world, addr, (uint16_t)ports, (uint16_t)(ports >> 16),
						      read32(f + 38));
		}
	}
	result = answers;
	return (bench_cpu() - start) * 1e9 / ((double)ROUNDS * BLOCK_ITEMS);
}

static void run(const struct io_ops *ops, const char *roof, bench_run *bare)
{
	static struct rig r;
	struct io_port_options o = {
		.link = &r.link, .tx_queues = 1, .frames = PROBE_FRAMES, .world = &r.world
	};
	char seen[8];

	if (world_parse("seed=1,open=0.02,closed=0.3,unreach=0.05", &r.world, seen, sizeof(seen), NULL) < 0 ||
	    ops->find_link("bench0", &r.link, NULL) < 0)
		abort();
	o.frame_len = probe_prepare(&r.link, &r.template);
	if (ops->open(&o, &r.port, NULL) < 0 || ops->tx_open(r.port, 0, &r.queue, NULL) < 0)
		abort();
	probe_blocks(&r.template, r.queue, r.block);
	bench_pair(
		(struct bench_result){ .bench = "submit", .case_name = ops->name, .cores = 1, .roof = roof },
		measured, bare, &r);
	ops->close(r.port);
}

int main(void)
{
	bench_pin_here();
	run(&null_ops, "two copies of a pointer", copies);
	run(&sim_ops, "bare loop: fields, fate, path", fates);
	return 0;
}
