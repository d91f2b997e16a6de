/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What af_xdp's receiving costs its thread per frame, beside the barest loop on the same rings: addresses read from the
 * RX ring and put back on the fill ring. The kernel makes replies that validate (BPF_PROG_TEST_RUN with live frames) on
 * one CPU and sends them into a veth, whose program redirects them to the socket; the reader has the other CPU. CPU
 * time of the reader over the frames that it got: what is lost to a full ring is no work. Both
 * sides read that clock twice a batch.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <net/if.h>
#include <netinet/in.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>

#include "bench/probe_frames.h"
#include "bench/report.h"
#include "bench/wires.h"
#include "io/af_xdp/port.h"
#include "io/engines.h"
#include "tests/unit/reply_frames.h"

#define FRAMES 400000 /* a run: a fifth of a second or so */
#define REMOTE 0x0a000007u
#define SPORT 40000

static const struct cookie_key key = { 1, 2 };

struct feed {
	struct xdp_rx *queue;
	struct bytes reply;
	int program, ifindex, cpu;
	bool stop;
};

static void refused(const char *what)
{
	fprintf(stderr, "bench_xdp_rx: %s\n", what);
	exit(1);
}

static void *generate(void *arg)
{
	struct feed *f = arg;

	bench_pin(f->cpu);
	while (!__atomic_load_n(&f->stop, __ATOMIC_RELAXED)) {
		struct xdp_md context = { .data_end = f->reply.len };
		LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = f->reply.at, .data_size_in = f->reply.len,
			    .ctx_in = &context, .ctx_size_in = sizeof(context), .repeat = 1 << 16,
			    .flags = BPF_F_TEST_XDP_LIVE_FRAMES, .batch_size = 64);

		if (bpf_prog_test_run_opts(f->program, &run) < 0)
			refused("this kernel makes no live frames (Linux 5.18)");
	}
	return NULL;
}

static double engine(void *arg)
{
	struct feed *f = arg;
	struct frame_view view[BLOCK_ITEMS];
	double busy = 0;
	unsigned int got = 0;

	while (got < FRAMES) {
		const double start = bench_cpu();
		const unsigned int n = xdp_rx_receive(&f->queue->io, view, BLOCK_ITEMS);

		if (n == 0)
			continue;
		for (unsigned int i = 0; i < n; i++)
			if (view[i].data[12] != 8)
				refused("a frame that is no IPv4");
		xdp_rx_release(&f->queue->io);
		busy += bench_cpu() - start;
		got += n;
	}
	return busy * 1e9 / got;
}

static double bare(void *arg)
{
	struct feed *f = arg;
	struct xdp_rx *q = f->queue;
	double busy = 0;
	unsigned int got = 0;

	while (got < FRAMES) {
		const double start = bench_cpu();
		const uint32_t n = ring_ready(&q->rx, BLOCK_ITEMS);

		if (n == 0)
			continue;
		for (uint32_t i = 0; i < n; i++) {
			const struct xdp_desc *desc = ring_desc(&q->rx, q->rx.next + i);

			if (q->base[desc->addr + 12] != 8)
				refused("a frame that is no IPv4");
			*ring_addr(&q->fill, q->fill.next + i) = desc->addr;
		}
		ring_consume(&q->rx, n);
		ring_publish(&q->fill, n);
		busy += bench_cpu() - start;
		got += n;
	}
	return busy * 1e9 / got;
}

static void make_reply(struct bytes *b, uint32_t local)
{
	add_ethernet(b, 0x0800);
	add_ipv4(b, (struct ipv4){ .saddr = REMOTE, .daddr = local, .proto = IPPROTO_TCP, .payload = 20 });
	add_tcp(b, (struct tcp){ .sport = 443,
				 .dport = SPORT,
				 .ack = cookie(&key, local, REMOTE, 443, SPORT) + 1,
				 .flags = 0x12 });
	b->len = 60;
}

/* bpf_redirect(ifindex, 0) */
static int load_generator(int ifindex)
{
	const struct bpf_insn code[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_1, .imm = ifindex },
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_2, .imm = 0 },
		{ .code = BPF_JMP | BPF_CALL, .imm = BPF_FUNC_redirect },
		{ .code = BPF_JMP | BPF_EXIT },
	};

	return bpf_prog_load(BPF_PROG_TYPE_XDP, "replies", "GPL", code, sizeof(code) / sizeof(code[0]), NULL);
}

static void run(int reader, int generator)
{
	static struct io_link link;
	struct io_port_options o = {
		.link = &link,
		.rx_queues = 1,
		.match = { .key = key, .ip_proto = IPPROTO_TCP, .port_first = SPORT, .port_last = SPORT }
	};
	struct feed f = { .cpu = generator };
	struct io_port *port;
	struct error e;
	pthread_t thread;

	wires_link("xdp_rx", "bench0", &link);
	o.match.local_addr = link.addr;
	if (af_xdp_ops.open(&o, &port, &e) < 0)
		refused(e.text);
	f.queue = &((struct xdp_port *)port)->queue[0].rx;
	make_reply(&f.reply, link.addr);
	f.program = load_generator((int)if_nametoindex("bench1"));
	if (f.program < 0)
		refused("the generator does not load");
	bench_pin(reader);
	if (pthread_create(&thread, NULL, generate, &f) != 0)
		refused("no thread");
	bench_pair((struct bench_result){ .bench = "receive",
					  .case_name = "af_xdp copy, veth",
					  .cores = 1,
					  .roof = "addresses from the RX ring to the fill ring" },
		   engine, bare, &f);
	__atomic_store_n(&f.stop, true, __ATOMIC_RELAXED);
	pthread_join(thread, NULL);
	af_xdp_ops.close(port);
	close(f.program);
}

int main(void)
{
	int cpu[2];

	if (bench_cpus(cpu, 2) < 2) {
		bench_skip("receive", "it takes two CPUs");
		return 0;
	}
	if (!wires_begin("receive"))
		return 0;
	if (wires_veth(false) == NULL) {
		bench_skip("receive", "this host does not let us make a veth pair");
		return 0;
	}
	run(cpu[1], cpu[0]);
	return 0;
}
