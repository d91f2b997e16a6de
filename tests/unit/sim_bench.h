/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For test_sim.c: a port of the sim engine with its queues, and a judge who
 * checks every frame that comes out of it against anyscan/world.h.
 */
#ifndef UNIT_SIM_BENCH_H
#define UNIT_SIM_BENCH_H

#include <criterion/criterion.h>
#include <string.h>

#include "io/engines.h"
#include "io/sim/sim.h"
#include "tests/unit/syn_frame.h"

enum {
	TARGETS = 100000,
	BATCH = 128,
	LOCAL_PORT = 40000,
	PORT = 443
};
#define BASE 0x0a000000u
#define SHARE(x) ((__u64)((x)*4294967296.0))

static struct io_link link_;
static struct error error;

struct bench { /* one port with its queues */
	struct world world;
	struct io_port *port;
	struct io_txq *tx[4];
	struct io_rxq *rx[4];
	unsigned int nrx;
	uint8_t answers[TARGETS], forgeries[TARGETS]; /* frames that came, by target */
	unsigned int garbage;
};

static struct bench bench;

static struct bench *open_bench(const struct world *world, unsigned int ntx, unsigned int nrx,
				unsigned int ring, const char *seen)
{
	struct io_port_options opt = { .link = &link_,
				       .tx_queues = ntx,
				       .rx_queues = nrx,
				       .frames = 512,
				       .frame_len = SYN_LEN,
				       .world = world,
				       .world_seen = seen };
	struct bench *b = &bench;

	b->world = *world;
	b->nrx = nrx;
	cr_assert_eq(sim_ops.find_link("sim0", &link_, &error), 0);
	cr_assert_eq(sim_open_sized(&opt, ring, &b->port, &error), 0, "%s", error.text);
	for (unsigned int i = 0; i < ntx; i++)
		cr_assert_eq(sim_ops.tx_open(b->port, i, &b->tx[i], &error), 0);
	for (unsigned int i = 0; i < nrx; i++)
		cr_assert_eq(sim_ops.rx_open(b->port, i, &b->rx[i], &error), 0);
	return b;
}

static uint64_t count_of(struct bench *b, const char *name)
{
	struct reading reading[32];
	return reading_of(reading, sim_ops.stats(b->port, reading, 32), name);
}

static uint32_t seq_of(uint32_t target)
{
	return target * 2654435761u + 12345;
}

/* Sends targets first..first+n through the queue; returns what was accepted. */
static unsigned int submit(struct bench *b, unsigned int q, uint32_t first, unsigned int n)
{
	uint8_t *frame[BATCH];
	uint16_t len[BATCH];
	unsigned int accepted;

	for (unsigned int i = 0; i < n; i++) {
		frame[i] = b->tx[q]->frames + i * b->tx[q]->stride;
		len[i] = SYN_LEN;
		syn_compose(frame[i], BASE + first + i, PORT, LOCAL_PORT, seq_of(first + i));
	}
	accepted = sim_ops.tx_submit(b->tx[q], frame, len, n);
	cr_assert_eq(sim_ops.tx_reclaim(b->tx[q], frame, BATCH), accepted);
	return accepted;
}

static bool answer_expected(const struct world *w, uint32_t t)
{
	return world_fate(w, BASE + t, PORT) != WORLD_SILENT &&
	       !(world_path(w, BASE + t, PORT, LOCAL_PORT, seq_of(t)) & WORLD_LOST);
}

static bool twice_expected(const struct world *w, uint32_t t)
{
	return (world_path(w, BASE + t, PORT, LOCAL_PORT, seq_of(t)) & WORLD_DUPLICATED) != 0;
}

/* A whole IPv4 packet to us with right checksums; rubbish is not. */
static bool sound(const struct frame_view *v)
{
	const uint8_t *ip = v->data + 14;
	uint32_t total;

	if (v->len < 14 + 20 + 20 || memcmp(v->data, "\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0\x45", 15) != 0)
		return false;
	total = syn_get(ip + 2, 2);
	if (14 + total > v->len || total < 40 || syn_get(ip + 16, 4) != SYN_SADDR ||
	    syn_sum(0, ip, 20) != 0xffff)
		return false;
	if (ip[9] == 6)
		return syn_segment_sum(ip, ip + 20, total - 20) == 0xffff;
	return ip[9] == 1 && syn_sum(0, ip + 20, total - 20) == 0xffff;
}

static void expect_padding(const struct frame_view *v)
{
	cr_assert_geq(v->len, 60);
	for (uint32_t i = 14 + syn_get(v->data + 16, 2); i < v->len; i++)
		cr_assert_eq(v->data[i], 0);
}

/* An unreachable: returns the target; *good = it quotes the probe that was sent. */
static uint32_t judge_icmp(struct bench *b, const uint8_t *ip, bool *good)
{
	const uint8_t *icmp = ip + 20, *quote = icmp + 8;
	const uint32_t addr = syn_get(quote + 16, 4), t = addr - BASE;
	uint8_t probe[SYN_LEN];

	cr_assert_lt(t, TARGETS);
	cr_assert_eq(syn_get(ip + 2, 2), 20 + 8 + 28);
	cr_assert_eq(icmp[0], 3);
	cr_assert_eq(icmp[1], world_icmp_code(&b->world, addr, PORT));
	cr_assert_eq(syn_get(icmp + 4, 4), 0);
	cr_assert_eq(syn_get(ip + 12, 4), (addr & ~255u) + 1);
	syn_compose(probe, addr, PORT, LOCAL_PORT, seq_of(t));
	cr_assert_eq(memcmp(quote, probe + 14, 24), 0, "the quote is not of the probe");
	*good = syn_get(quote + 24, 4) == seq_of(t);
	return t;
}

/* A SYN-ACK or RST: returns the target; *good = port and ack are the probe's. */
static uint32_t judge_tcp(struct bench *b, const uint8_t *ip, bool *good)
{
	const uint8_t *tcp = ip + 20;
	const uint32_t addr = syn_get(ip + 12, 4), t = addr - BASE;
	const bool synack = tcp[13] == 0x12;

	cr_assert_lt(t, TARGETS);
	cr_assert_eq(syn_get(tcp + 2, 2), LOCAL_PORT);
	cr_assert(synack || tcp[13] == 0x14, "flags %02x", tcp[13]);
	cr_assert_eq(syn_get(ip + 2, 2), synack ? 44 : 40);
	cr_assert_eq(tcp[12], synack ? 0x60 : 0x50);
	cr_assert_eq(syn_get(tcp + 4, 4), synack ? world_isn(&b->world, addr, PORT) : 0);
	cr_assert_eq(syn_get(tcp + 14, 2), synack ? WORLD_WINDOW : 0);
	if (synack)
		cr_assert_eq(syn_get(tcp + 20, 4), 0x02040000 + WORLD_MSS);
	*good = syn_get(tcp, 2) == PORT && syn_get(tcp + 8, 4) == seq_of(t) + 1;
	return t;
}

/* The one way in which each forgery is wrong. */
static void expect_forgery(struct bench *b, const uint8_t *ip, uint32_t t)
{
	const uint8_t *l4 = ip + 20;
	const bool tcp = ip[9] == 6;

	cr_assert_eq(world_fate(&b->world, BASE + t, PORT), WORLD_FORGED);
	switch (world_forgery(&b->world, BASE + t, PORT)) {
	case WORLD_FORGED_SYNACK:
		cr_assert(tcp && l4[13] == 0x12 && syn_get(l4, 2) == PORT &&
			  syn_get(l4 + 8, 4) != seq_of(t) + 1);
		break;
	case WORLD_FORGED_RST:
		cr_assert(tcp && l4[13] == 0x14 && syn_get(l4, 2) == PORT &&
			  syn_get(l4 + 8, 4) != seq_of(t) + 1);
		break;
	case WORLD_FORGED_PORT:
		cr_assert(tcp && l4[13] == 0x12 && syn_get(l4, 2) != PORT &&
			  syn_get(l4 + 8, 4) == seq_of(t) + 1);
		break;
	default:
		cr_assert_not(tcp);
	}
}

static void judge(struct bench *b, const struct frame_view *v)
{
	const uint8_t *ip = v->data + 14;
	bool good;
	uint32_t t;

	if (!sound(v)) {
		cr_assert_geq(v->len, 1);
		cr_assert_leq(v->len, SIM_REPLY_MAX);
		b->garbage++;
		return;
	}
	expect_padding(v);
	cr_assert_eq(ip[8], WORLD_TTL);
	t = ip[9] == 1 ? judge_icmp(b, ip, &good) : judge_tcp(b, ip, &good);
	if (!good) {
		expect_forgery(b, ip, t);
		b->forgeries[t]++;
		return;
	}
	switch (world_fate(&b->world, BASE + t, PORT)) {
	case WORLD_OPEN:
		cr_assert(ip[9] == 6 && ip[33] == 0x12);
		break;
	case WORLD_CLOSED:
		cr_assert(ip[9] == 6 && ip[33] == 0x14);
		break;
	default:
		cr_assert_eq(world_fate(&b->world, BASE + t, PORT), WORLD_UNREACH);
		cr_assert_eq(ip[9], 1);
	}
	b->answers[t]++;
}

/* Takes what is due from an rx queue, n frames a call; returns how many came. */
static unsigned int drain(struct bench *b, unsigned int q, unsigned int n)
{
	struct frame_view view[BATCH];
	unsigned int total = 0, got;

	while ((got = sim_ops.rx_receive(b->rx[q], view, n)) > 0) {
		for (unsigned int i = 0; i < got; i++)
			judge(b, &view[i]);
		sim_ops.rx_release(b->rx[q]);
		total += got;
	}
	return total;
}

/* Every target of [0, n) got exactly the frames that the world owes it, and the readings agree. */
static void expect_world(struct bench *b, uint32_t n)
{
	uint64_t fate[WORLD_FATES] = { 0 }, lost = 0, twice = 0, garbage = 0, replies = 0;

	for (uint32_t t = 0; t < n; t++) {
		const enum world_fate f = world_fate(&b->world, BASE + t, PORT);
		const bool answered = answer_expected(&b->world, t);
		const unsigned int owed = answered ? 1 + twice_expected(&b->world, t) : 0;

		cr_assert_eq(b->answers[t], f == WORLD_FORGED ? 0 : owed, "target %u: %u answers", t,
			     b->answers[t]);
		cr_assert_eq(b->forgeries[t], f == WORLD_FORGED ? owed : 0, "target %u: %u forgeries", t,
			     b->forgeries[t]);
		fate[f]++;
		lost += f != WORLD_SILENT && !answered;
		twice += owed == 2;
		replies += owed;
		garbage += answered && f == WORLD_FORGED && sim_sends_garbage(&b->world, BASE + t, PORT);
	}
	cr_assert_eq(b->garbage, garbage);
	cr_assert_eq(count_of(b, "world_frames"), n);
	cr_assert_eq(count_of(b, "world_silent"), fate[WORLD_SILENT]);
	cr_assert_eq(count_of(b, "world_open"), fate[WORLD_OPEN]);
	cr_assert_eq(count_of(b, "world_closed"), fate[WORLD_CLOSED]);
	cr_assert_eq(count_of(b, "world_unreach"), fate[WORLD_UNREACH]);
	cr_assert_eq(count_of(b, "world_forged"), fate[WORLD_FORGED]);
	cr_assert_eq(count_of(b, "world_lost"), lost);
	cr_assert_eq(count_of(b, "world_duplicated"), twice);
	cr_assert_eq(count_of(b, "world_replies"), replies + garbage);
	cr_assert_eq(count_of(b, "bad_checksum"), 0);
	cr_assert_eq(count_of(b, "not_a_probe"), 0);
}

#endif
