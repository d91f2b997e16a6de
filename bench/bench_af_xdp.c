/* SPDX-License-Identifier: Apache-2.0 */
/*
 * af_xdp beside the barest loop on the same socket, per frame, on one CPU: the engine alone, and a whole scan (gen,
 * build, tx) over it. The bare loop is that of xdpsock's txonly: one prebuilt frame again and again, completions counted
 * and thrown away. The veth's other end drops every frame in XDP; the ifb is a wire. All in a network namespace that
 * ends with this process.
 *
 * The engine by the CPU time of its thread: the kernel sends in sendto() and runs the peer there too, and what a busy
 * machine takes away does not count. The whole scan, whose threads share a CPU, by elapsed time.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <sys/socket.h>

#include "bench/probe_frames.h"
#include "bench/report.h"
#include "io/af_xdp/port.h"
#include "io/engines.h"
#include "io/netlink/link.h"
#include "tests/unit/pipeline_rig.h"

#define RUN_BLOCKS 1024 /* 131,072 frames: a tenth of a second on veth */

struct wire {
	struct io_link link;
	const char *mode; /* --xdp-mode */
	double (*clock)(void);
	struct io_port *port;
	struct io_txq *queue;
	struct probe_template template;
	struct frame_block block[PROBE_BLOCKS];
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
	const struct xdp_desc desc = { .addr = (uint64_t)(r->block[0].frame[0] - q->base),
				       .len = r->block[0].len[0] };
	const double start = r->clock();
	uint32_t out = 0;

	for (unsigned int i = 0; i < RUN_BLOCKS || out > 0;) {
		uint32_t n;

		if (i < RUN_BLOCKS && out + BLOCK_ITEMS <= XDP_TX_DEPTH &&
		    ring_room(&q->tx, BLOCK_ITEMS) == BLOCK_ITEMS) {
			for (uint32_t k = 0; k < BLOCK_ITEMS; k++)
				*ring_desc(&q->tx, q->tx.next + k) = desc;
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

/* Gen to wire, everything on the CPU that this thread is pinned to; nothing answers. From the first probe to the last. */
static double scan(void *arg)
{
	struct wire *r = arg;
	struct pipeline_stats stats;
	struct rig whole;

	if (rig_init(&whole, &null_ops, 1, "10.0.0.0/15", "443", "seed=1") != 0)
		abort();
	whole.port[0].ops = &af_xdp_ops;
	whole.port[0].link = r->link;
	whole.opt.xdp_mode = r->mode;
	whole.opt.cooldown_s = 0;
	if (rig_run(&whole, &stats, NULL, NULL) != 0 || stats.sent != 131072)
		refused(&whole.error);
	rig_fini(&whole);
	return (double)(stats.send_end_ns - stats.start_ns) / (double)stats.sent;
}

static double bare_between(void *arg)
{
	struct wire *r = arg;
	struct io_port_options o = { .link = &r->link,
				     .tx_queues = 1,
				     .frames = PROBE_FRAMES,
				     .frame_len = r->template.len,
				     .xdp_mode = r->mode };
	struct error e;
	double ns;

	if (af_xdp_ops.open(&o, &r->port, &e) < 0 || af_xdp_ops.tx_open(r->port, 0, &r->queue, &e) < 0)
		refused(&e);
	probe_blocks(&r->template, r->queue, r->block);
	ns = bare(r);
	af_xdp_ops.close(r->port);
	return ns;
}

static void run(const char *device, const char *kind, const char *mode)
{
	static struct wire r;
	struct io_port_options o = { .link = &r.link, .tx_queues = 1, .frames = PROBE_FRAMES };
	struct error e;
	char name[64];

	r.mode = mode;
	if (netlink_find_link(device, &r.link, &e) < 0)
		refused(&e);
	memcpy(r.link.gateway_mac, "\x02\0\0\0\0\x02", 6);
	r.link.gateway_mac_known = true;
	o.frame_len = probe_prepare(&r.link, &r.template);
	if (af_xdp_ops.open(&o, &r.port, &e) < 0 || af_xdp_ops.tx_open(r.port, 0, &r.queue, &e) < 0)
		refused(&e);
	probe_blocks(&r.template, r.queue, r.block);
	r.clock = bench_cpu;
	snprintf(name, sizeof(name), "af_xdp %s, %s", xdp_mode_names[((struct xdp_port *)r.port)->mode],
		 kind);
	bench_pair((struct bench_result){ .bench = "submit",
					  .case_name = name,
					  .cores = 1,
					  .roof = "bare loop, one prebuilt frame" },
		   engine, bare, &r);
	af_xdp_ops.close(r.port);
	/* a scan opens the queue itself, so the two take turns */
	r.clock = bench_now;
	snprintf(name, sizeof(name), "whole scan, %s", kind);
	bench_pair((struct bench_result){ .bench = "af_xdp",
					  .case_name = name,
					  .cores = 1,
					  .roof = "bare loop, one prebuilt frame" },
		   scan, bare_between, &r);
}

/* The two instructions of a program that drops. */
static int drop_all(const char *device)
{
	const struct bpf_insn drop[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_DROP },
					 { .code = BPF_JMP | BPF_EXIT } };
	const int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "drop", "GPL", drop, 2, NULL);

	return fd < 0 ? fd : bpf_xdp_attach((int)if_nametoindex(device), fd, XDP_FLAGS_DRV_MODE, NULL);
}

static bool made(const char *commands)
{
	return system(commands) == 0;
}

int main(void)
{
	if (unshare(CLONE_NEWNET) < 0) {
		bench_skip("af_xdp", "network namespaces need root");
		return 0;
	}
	bench_pin_here();
	if (made("PATH=$PATH:/usr/sbin:/sbin; exec 2>/dev/null; ip link add bench0 type veth peer name bench1 && "
		 "ip addr add 198.18.0.1/30 dev bench0 && ip link set bench1 up && ip link set bench0 up") &&
	    drop_all("bench1") == 0)
		run("bench0", "veth", "copy");
	else
		bench_skip("af_xdp", "this host does not let us make a veth pair and drop its frames in XDP");
	if (made("PATH=$PATH:/usr/sbin:/sbin; exec 2>/dev/null; ip link add bench2 type ifb && "
		 "ip addr add 198.18.1.1/30 dev bench2 && ip link set bench2 up"))
		run("bench2", "ifb", NULL);
	else
		bench_skip("af_xdp", "this host does not let us make an ifb");
	return 0;
}
