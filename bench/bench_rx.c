/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rx stage on one core: parse, validate, summarise, by kind of frame. Frames lie in a ring as large as that of
 * af_packet, 144 bytes apart as TPACKET_V3 lays short ones, and no two in a row have the same cookie. The roof reads
 * the deciding fields at fixed offsets of the same frames, computes the cookie and, for a reply, writes one line.
 */
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/report.h"
#include "stages/rx/rx.h"
#include "tests/unit/reply_frames.h"

#define FRAMES (112u << 10) /* 16 MiB */
#define SPACING 144
#define ROUNDS 4 /* through the ring, per run */
#define OURS 0xc0000201u
#define SPORT 40000

static const struct cookie_key key = { 1, 2 };

struct source {
	struct io_rxq q;
	struct io_port port;
	uint8_t *ring;
	uint16_t *len;
	uint32_t at;
};

struct rig {
	struct source source;
	struct edge *edge;
	struct stage *rx;
	struct io_rxq *queue;
	bool stop, accepts;
};

static unsigned int receive(struct io_rxq *q, struct frame_view view[], unsigned int n)
{
	struct source *s = (struct source *)q;

	for (unsigned int i = 0; i < n; i++) {
		view[i] = (struct frame_view){ s->ring + (size_t)s->at * SPACING, s->len[s->at], 1 };
		s->at = s->at + 1 < FRAMES ? s->at + 1 : 0;
	}
	return n;
}

static void release(struct io_rxq *q)
{
	(void)q;
}

static const struct io_ops ops = { .rx_receive = receive, .rx_release = release };

static uint32_t target(uint32_t i)
{
	return 0x0a000000u + i * 2654435761u % (1u << 24);
}

static void reply_tcp(struct bytes *b, uint32_t i, uint8_t flags, uint32_t ack_offset)
{
	static const uint8_t mss[] = { 2, 4, 5, 0xb4 };
	const bool options = (flags & TH_RST) == 0;
	const unsigned int options_len = options ? sizeof(mss) : 0;

	add_ethernet(b, 0x0800);
	add_ipv4(b, (struct ipv4){ target(i), OURS, IPPROTO_TCP, 0, 0, 20 + options_len });
	add_tcp(b, (struct tcp){ 443, SPORT, i, cookie(&key, OURS, target(i), 443, SPORT) + ack_offset, flags,
				 mss, options_len });
	while (b->len < 60)
		add8(b, 0);
}

static void synack(struct bytes *b, uint32_t i)
{
	reply_tcp(b, i, TH_SYN | TH_ACK, 1);
}

static void rst(struct bytes *b, uint32_t i)
{
	reply_tcp(b, i, TH_RST | TH_ACK, 1);
}

static void forged(struct bytes *b, uint32_t i)
{
	reply_tcp(b, i, TH_SYN | TH_ACK, 2);
}

static void unreachable(struct bytes *b, uint32_t i)
{
	add_ethernet(b, 0x0800);
	add_ipv4(b, (struct ipv4){ target(i) & ~255u, OURS, IPPROTO_ICMP, 0, 0, 8 + 20 + 8 });
	add_icmp(b, 3, 1);
	add_ipv4(b, (struct ipv4){ OURS, target(i), IPPROTO_TCP, 0, 0, 20 });
	add16(b, SPORT);
	add16(b, 443);
	add32(b, cookie(&key, OURS, target(i), 443, SPORT));
}

static void data(struct bytes *b, uint32_t i)
{
	reply_tcp(b, i, TH_ACK, 1);
}

static void not_ip(struct bytes *b, uint32_t i)
{
	add_ethernet(b, 0x86dd);
	while (b->len < 60)
		add8(b, i);
}

static double measured(void *arg)
{
	struct rig *r = arg;
	const uint64_t before = r->rx->counters.items;
	const double start = bench_cpu();
	struct block *b;

	while (r->rx->counters.items - before < (uint64_t)ROUNDS * FRAMES) {
		r->rx->ops->step(r->rx);
		while ((b = edge_pop(r->edge)) != NULL)
			edge_recycle(r->edge, b);
	}
	return (bench_cpu() - start) * 1e9 / (double)(r->rx->counters.items - before);
}

static volatile uint32_t result; /* keeps the work */

static uint32_t read32(const uint8_t *p)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

static double bare(void *arg)
{
	const struct rig *r = arg;
	static struct reply_block out;
	const double start = bench_cpu();
	uint32_t wrong = 0;

	for (uint32_t i = 0; i < ROUNDS * FRAMES; i++) {
		const uint8_t *f = r->source.ring + (size_t)(i % FRAMES) * SPACING;
		const uint32_t saddr = read32(f + 26), ports = read32(f + 34), ack = read32(f + 42);

		wrong += ack - 1 != cookie(&key, OURS, saddr, (uint16_t)(ports >> 16), (uint16_t)ports);
		if (r->accepts)
			out.reply[i % BLOCK_ITEMS] = (struct reply){
				.saddr = saddr, .acknum = ack, .time_ns = wrong, .seqnum = read32(f + 38)
			};
	}
	result = wrong + out.reply[0].saddr;
	return (bench_cpu() - start) * 1e9 / (double)(ROUNDS * FRAMES);
}

static void run(const char *name, bool accepts, void (*compose)(struct bytes *, uint32_t))
{
	const struct edge_options e = { .name = "rx0>bench",
					.blocks = 64,
					.block_size = sizeof(struct reply_block) };
	struct rig r = { .source = { .ring = calloc(FRAMES, SPACING),
				     .len = calloc(FRAMES, sizeof(uint16_t)) },
			 .edge = edge_create(&e),
			 .accepts = accepts };

	if (r.source.ring == NULL || r.source.len == NULL || r.edge == NULL)
		abort();
	for (uint32_t i = 0; i < FRAMES; i++) {
		struct bytes b = { .len = 0 };

		compose(&b, i);
		memcpy(r.source.ring + (size_t)i * SPACING, b.at, b.len);
		r.source.len[i] = (uint16_t)b.len;
	}
	r.source.port = (struct io_port){
		.ops = &ops,
		.match = { .key = key, .local_addr = OURS, .port_first = 32768, .port_last = 61000 }
	};
	r.source.q = (struct io_rxq){ .port = &r.source.port, .fd = -1 };
	r.queue = &r.source.q;
	r.rx = rx_create(0, &(struct rx_options){ .module = probe_modules[0],
						  .queue = &r.queue,
						  .queues = 1,
						  .out = r.edge,
						  .stop = &r.stop });
	if (r.rx == NULL)
		abort();
	bench_pair((struct bench_result){ .bench = "rx+validate",
					  .case_name = name,
					  .items = accepts ? "validated replies" : "rejected frames",
					  .cores = 1,
					  .roof = accepts ? "bare loop: fields, cookie, 64 bytes out" :
							    "bare loop: fields, cookie" },
		   measured, bare, &r);
	if ((rx_counters(r.rx)->valid == r.rx->counters.items) != accepts) {
		fprintf(stderr, "bench_rx: %s: %lu of %lu frames are valid\n", name,
			(unsigned long)rx_counters(r.rx)->valid, (unsigned long)r.rx->counters.items);
		exit(1);
	}
	rx_destroy(r.rx);
	edge_destroy(r.edge);
	free(r.source.ring);
	free(r.source.len);
}

int main(void)
{
	bench_pin_here();
	run("SYN-ACK", true, synack);
	run("RST", true, rst);
	run("ICMP unreachable", true, unreachable);
	run("reject: cookie", false, forged);
	run("reject: flags", false, data);
	run("reject: not IPv4", false, not_ip);
	return 0;
}
