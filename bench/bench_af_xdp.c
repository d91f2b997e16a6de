/* SPDX-License-Identifier: Apache-2.0 */
/*
 * af_xdp beside the barest loop on the same socket, per frame, on one CPU and on two: the engine alone, and a whole
 * scan (gen, build, tx) over it. The bare loop is that of xdpsock's txonly: one prebuilt frame again and again, completions counted
 * and thrown away. The veth's other end drops every frame in XDP; the ifb is a wire. All in a network namespace that
 * ends with this process.
 *
 * The engine by the CPU time of its thread: the kernel sends in sendto() and runs the peer there too, and what a busy
 * machine takes away does not count. The whole scan, whose threads share a CPU, by elapsed time.
 *
 *     bench_af_xdp loop DEVICE FRAMES    the bare loop alone, on a device of the namespace at hand: for bench/compare
 */
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "bench/probe_frames.h"
#include "bench/report.h"
#include "bench/wires.h"
#include "io/af_xdp/port.h"
#include "io/engines.h"

#define RUN_BLOCKS 4096 /* 524,288 frames, half a second on veth: of a tenth the start is 3% */

struct wire {
	struct io_link link;
	const char *mode; /* --xdp-mode */
	double (*clock)(void);
	struct io_port *port;
	struct io_txq *queue;
	struct probe_template template;
	struct frame_block block[PROBE_BLOCKS];
	unsigned int turn; /* of the bare loop: one frame less than it sends in turn */
};

struct wires { /* a queue for each core */
	struct wire wire[2];
	unsigned int cores;
};

static void refused(const struct error *e)
{
	fprintf(stderr, "bench_af_xdp: %s\n", e->text);
	exit(1);
}

static double engine(void *arg)
{
	struct wire *r = arg;
	const double start = r->clock();
	uint8_t *back[BLOCK_ITEMS];

	for (unsigned int i = 0; i < RUN_BLOCKS; i++) {
		const struct frame_block *b = &r->block[i % PROBE_BLOCKS];

		for (unsigned int done = 0; done < BLOCK_ITEMS;) {
			done += xdp_tx_submit(r->queue, b->frame + done, b->len + done, BLOCK_ITEMS - done);
			xdp_tx_kick(r->queue);
			while (xdp_tx_reclaim(r->queue, back, BLOCK_ITEMS) == BLOCK_ITEMS)
				;
		}
	}
	while (xdp_tx_flush(r->queue) > 0 || xdp_tx_reclaim(r->queue, back, BLOCK_ITEMS) > 0)
		;
	return (r->clock() - start) * 1e9 / ((double)RUN_BLOCKS * BLOCK_ITEMS);
}

/* The rings by hand: what any program has to do for 128 frames. */
static double bare(void *arg)
{
	struct wire *r = arg;
	struct xdp_tx *q = (struct xdp_tx *)r->queue;
	const struct frame_block *b = &r->block[0];
	const double start = r->clock();
	uint32_t out = 0;

	for (unsigned int i = 0; i < RUN_BLOCKS || out > 0;) {
		uint32_t n;

		if (i < RUN_BLOCKS && out + BLOCK_ITEMS <= XDP_TX_DEPTH &&
		    ring_room(&q->tx, BLOCK_ITEMS) == BLOCK_ITEMS) {
			for (uint32_t k = 0; k < BLOCK_ITEMS; k++)
				*ring_desc(&q->tx, q->tx.next + k) = (struct xdp_desc){
					.addr = (uint64_t)(b->frame[k & r->turn] - q->base), .len = b->len[0]
				};
			ring_publish(&q->tx, BLOCK_ITEMS);
			out += BLOCK_ITEMS;
			i++;
		}
		if (ring_needs_wakeup(&q->tx))
			sendto(q->fd, NULL, 0, MSG_DONTWAIT, NULL, 0);
		n = ring_ready(&q->completion, BLOCK_ITEMS);
		ring_consume(&q->completion, n);
		out -= n;
	}
	return (r->clock() - start) * 1e9 / ((double)RUN_BLOCKS * BLOCK_ITEMS);
}

static double scan(void *arg)
{
	const struct wires *w = arg;

	return wires_scan("af_xdp", &af_xdp_ops, &w->wire[0].link, w->wire[0].mode, w->cores, "10.0.0.0/13",
			  524288);
}

static double engines(void *arg)
{
	struct wires *w = arg;

	return w->cores > 1 ? bench_on_two(engine, &w->wire[0], &w->wire[1]) : engine(&w->wire[0]);
}

static double bares(void *arg)
{
	struct wires *w = arg;

	return w->cores > 1 ? bench_on_two(bare, &w->wire[0], &w->wire[1]) : bare(&w->wire[0]);
}

/* The queues, with their frames made. */
static void open_queues(struct wires *w)
{
	struct wire *first = &w->wire[0];
	struct io_port_options o = { .link = &first->link,
				     .tx_queues = w->cores,
				     .frames = PROBE_FRAMES,
				     .frame_len = first->template.len,
				     .xdp_mode = first->mode };
	struct error e;

	if (af_xdp_ops.open(&o, &first->port, &e) < 0)
		refused(&e);
	for (unsigned int i = 0; i < w->cores; i++) {
		struct wire *r = &w->wire[i];

		r->clock = first->clock;
		if (af_xdp_ops.tx_open(first->port, i, &r->queue, &e) < 0)
			refused(&e);
		probe_blocks(&first->template, r->queue, r->block);
	}
}

static double bare_between(void *arg)
{
	struct wires *w = arg;
	double ns;

	open_queues(w);
	ns = bares(w);
	af_xdp_ops.close(w->wire[0].port);
	return ns;
}

static struct wires wires;

static void pairs(const char *kind, unsigned int cores)
{
	struct wire *first = &wires.wire[0];
	char name[64];

	wires.cores = cores;
	first->clock = bench_cpu;
	open_queues(&wires);
	snprintf(name, sizeof(name), "af_xdp %s, %s", xdp_mode_names[((struct xdp_port *)first->port)->mode],
		 kind);
	bench_pair((struct bench_result){ .bench = "submit",
					  .case_name = name,
					  .cores = cores,
					  .roof = "bare loop, one prebuilt frame" },
		   engines, bares, &wires);
	af_xdp_ops.close(first->port);
	/* a scan opens the queues itself, so the two take turns */
	first->clock = bench_now;
	snprintf(name, sizeof(name), "whole scan, %s", kind);
	bench_pair((struct bench_result){ .bench = "af_xdp",
					  .case_name = name,
					  .cores = cores,
					  .roof = "bare loop, one prebuilt frame" },
		   scan, bare_between, &wires);
}

static void run(const char *device, const char *kind)
{
	int cpu[2];

	bench_unpin();
	const unsigned int cpus = bench_cpus(cpu, 2);

	bench_pin_here();
	wires.wire[0].mode = strcmp(kind, "veth") == 0 ? "copy" : NULL;
	wires_link("af_xdp", device, &wires.wire[0].link);
	probe_prepare(&wires.wire[0].link, &wires.wire[0].template);
	for (unsigned int cores = 1; cores <= cpus; cores++)
		pairs(kind, cores);
}

static void loop(const char *device, unsigned long frames)
{
	wires.cores = 1;
	wires.wire[0].clock = bench_now;
	wires.wire[0].turn = BLOCK_ITEMS - 1; /* so that some are answered, where somebody answers */
	wires_link("af_xdp", device, &wires.wire[0].link);
	probe_prepare(&wires.wire[0].link, &wires.wire[0].template);
	open_queues(&wires);
	for (unsigned long sent = 0; sent < frames; sent += RUN_BLOCKS * BLOCK_ITEMS)
		bare(&wires.wire[0]);
	af_xdp_ops.close(wires.wire[0].port);
}

int main(int argc, char **argv)
{
	if (argc == 4 && strcmp(argv[1], "loop") == 0) {
		loop(argv[2], strtoul(argv[3], NULL, 10));
		return 0;
	}
	if (!wires_begin("af_xdp"))
		return 0;
	wires_each("af_xdp", run);
	return 0;
}
