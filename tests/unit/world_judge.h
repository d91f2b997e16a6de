/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests of who plays the world: a judge who checks every frame that it
 * sends against anyscan/world.h. Targets are numbered from 0, at BASE.
 */
#ifndef UNIT_WORLD_JUDGE_H
#define UNIT_WORLD_JUDGE_H

#include <criterion/criterion.h>
#include <string.h>

#include "anyscan/io.h"
#include "io/sim/sim.h"
#include "tests/unit/syn_frame.h"

enum {
	TARGETS = 100000,
	LOCAL_PORT = 40000,
	PORT = 443
};
#define BASE 0x0a000000u
#define SHARE(x) ((__u64)((x)*4294967296.0))

/* Every fate there is, but a late answer. */
static const struct world mixed = {
	.seed = 42,
	.open = SHARE(.2),
	.closed = SHARE(.3),
	.unreach = SHARE(.2),
	.forged = SHARE(.2),
	.loss = SHARE(.1),
	.dup = SHARE(.1),
};

struct judge {
	struct world world;
	uint8_t answers[TARGETS], forgeries[TARGETS]; /* frames that came, by target */
	unsigned int garbage;
};

struct owed { /* what the world sends for targets that are asked once each */
	uint64_t fate[WORLD_FATES], lost, twice, garbage, replies;
};

static uint32_t seq_of(uint32_t target)
{
	return target * 2654435761u + 12345;
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
static uint32_t judge_icmp(struct judge *j, const uint8_t *ip, bool *good)
{
	const uint8_t *icmp = ip + 20, *quote = icmp + 8;
	const uint32_t addr = syn_get(quote + 16, 4), t = addr - BASE;
	uint8_t probe[SYN_LEN];

	cr_assert_lt(t, TARGETS);
	cr_assert_eq(syn_get(ip + 2, 2), 20 + 8 + 28);
	cr_assert_eq(icmp[0], 3);
	cr_assert_eq(icmp[1], world_icmp_code(&j->world, addr, PORT));
	cr_assert_eq(syn_get(icmp + 4, 4), 0);
	cr_assert_eq(syn_get(ip + 12, 4), (addr & ~255u) + 1);
	syn_compose(probe, addr, PORT, LOCAL_PORT, seq_of(t));
	cr_assert_eq(memcmp(quote, probe + 14, 24), 0, "the quote is not of the probe");
	*good = syn_get(quote + 24, 4) == seq_of(t);
	return t;
}

/* A SYN-ACK or RST: returns the target; *good = port and ack are the probe's. */
static uint32_t judge_tcp(struct judge *j, const uint8_t *ip, bool *good)
{
	const uint8_t *tcp = ip + 20;
	const uint32_t addr = syn_get(ip + 12, 4), t = addr - BASE;
	const bool synack = tcp[13] == 0x12;

	cr_assert_lt(t, TARGETS);
	cr_assert_eq(syn_get(tcp + 2, 2), LOCAL_PORT);
	cr_assert(synack || tcp[13] == 0x14, "flags %02x", tcp[13]);
	cr_assert_eq(syn_get(ip + 2, 2), synack ? 44 : 40);
	cr_assert_eq(tcp[12], synack ? 0x60 : 0x50);
	cr_assert_eq(syn_get(tcp + 4, 4), synack ? world_isn(&j->world, addr, PORT) : 0);
	cr_assert_eq(syn_get(tcp + 14, 2), synack ? WORLD_WINDOW : 0);
	if (synack)
		cr_assert_eq(syn_get(tcp + 20, 4), 0x02040000 + WORLD_MSS);
	*good = syn_get(tcp, 2) == PORT && syn_get(tcp + 8, 4) == seq_of(t) + 1;
	return t;
}

/* The one way in which each forgery is wrong. */
static void expect_forgery(struct judge *j, const uint8_t *ip, uint32_t t)
{
	const uint8_t *l4 = ip + 20;
	const bool tcp = ip[9] == 6;

	cr_assert_eq(world_fate(&j->world, BASE + t, PORT), WORLD_FORGED);
	switch (world_forgery(&j->world, BASE + t, PORT)) {
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

static void judge(struct judge *j, const struct frame_view *v)
{
	const uint8_t *ip = v->data + 14;
	bool good;
	uint32_t t;

	if (!sound(v)) {
		cr_assert_geq(v->len, 1);
		cr_assert_leq(v->len, SIM_REPLY_MAX);
		j->garbage++;
		return;
	}
	expect_padding(v);
	cr_assert_eq(ip[8], WORLD_TTL);
	t = ip[9] == 1 ? judge_icmp(j, ip, &good) : judge_tcp(j, ip, &good);
	if (!good) {
		expect_forgery(j, ip, t);
		j->forgeries[t]++;
		return;
	}
	switch (world_fate(&j->world, BASE + t, PORT)) {
	case WORLD_OPEN:
		cr_assert(ip[9] == 6 && ip[33] == 0x12);
		break;
	case WORLD_CLOSED:
		cr_assert(ip[9] == 6 && ip[33] == 0x14);
		break;
	default:
		cr_assert_eq(world_fate(&j->world, BASE + t, PORT), WORLD_UNREACH);
		cr_assert_eq(ip[9], 1);
	}
	j->answers[t]++;
}

/* Every target of [0, n) got exactly the frames that the world owes it. */
static struct owed expect_answers(const struct judge *j, uint32_t n)
{
	struct owed owed = { 0 };

	for (uint32_t t = 0; t < n; t++) {
		const enum world_fate f = world_fate(&j->world, BASE + t, PORT);
		const bool answered = answer_expected(&j->world, t);
		const unsigned int copies = answered ? 1 + twice_expected(&j->world, t) : 0;

		cr_assert_eq(j->answers[t], f == WORLD_FORGED ? 0 : copies, "target %u: %u answers", t,
			     j->answers[t]);
		cr_assert_eq(j->forgeries[t], f == WORLD_FORGED ? copies : 0, "target %u: %u forgeries", t,
			     j->forgeries[t]);
		owed.fate[f]++;
		owed.lost += f != WORLD_SILENT && !answered;
		owed.twice += copies == 2;
		owed.replies += copies;
		owed.garbage += answered && f == WORLD_FORGED && sim_sends_garbage(&j->world, BASE + t, PORT);
	}
	return owed;
}

#endif
