/* SPDX-License-Identifier: Apache-2.0 */
/* The world as a function on bursts: every answer is judged, every frame is counted once. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "io/arp_frame.h"
#include "tests/unit/world_judge.h"
#include "tools/anyscan-world/respond.h"

#define OF(count, fates) \
	((count)->open + (count)->closed + (count)->unreach + (count)->forged + (count)->fates)

static struct judge judge_;
static struct area area;
static struct responder responder;
static uint8_t room[RESPOND_BURST][RESPOND_ROOM];
static uint8_t *frame[RESPOND_BURST];
static uint16_t len[RESPOND_BURST];
static uint8_t copies[RESPOND_BURST];
static uint64_t now = 1;

static struct counts *begin(const char *net, const char *ports)
{
	struct error error;

	cr_assert_eq(area_parse(net, ports, &area, &error), 0, "%s", error.text);
	judge_.world = mixed;
	responder = (struct responder){ .world = mixed,
					.area = &area,
					.mac = { 2, 0, 0, 0, 0, 2 },
					.seen = calloc(area_words(&area), sizeof(uint64_t)) };
	for (unsigned int i = 0; i < RESPOND_BURST; i++)
		frame[i] = room[i];
	return &responder.counts;
}

static void put_syn(unsigned int i, uint32_t addr, uint16_t port, uint32_t seq)
{
	len[i] = SYN_LEN;
	syn_compose(frame[i], addr, port, LOCAL_PORT, seq);
}

/* A burst that starts at target `first`, answers judged. */
static void burst(uint32_t first, unsigned int n)
{
	for (unsigned int i = 0; i < n; i++)
		put_syn(i, BASE + first + i, PORT, seq_of(first + i));
	respond(&responder, frame, len, copies, n, now++);
	for (unsigned int i = 0; i < n; i++) {
		const struct frame_view view = { .data = frame[i], .len = len[i] };

		cr_assert_leq(copies[i], 2);
		for (unsigned int k = 0; k < copies[i]; k++)
			judge(&judge_, &view);
	}
}

static uint64_t marked(void)
{
	uint64_t n = 0;

	for (size_t i = 0; i < area_words(&area); i++)
		n += (uint64_t)__builtin_popcountll(responder.seen[i]);
	return n;
}

Test(respond, every_target_gets_what_the_world_owes_it)
{
	const struct counts *n = begin("10.0.0.0/12", "80,443");
	struct owed owed;

	for (uint32_t t = 0, size; t < TARGETS; t += size) {
		size = TARGETS - t < t % RESPOND_BURST + 1 ? TARGETS - t : t % RESPOND_BURST + 1;
		burst(t, size);
	}
	owed = expect_answers(&judge_, TARGETS);
	cr_assert_eq(judge_.garbage, 0);
	cr_assert_eq(n->frames, TARGETS);
	cr_assert_eq(n->open, owed.fate[WORLD_OPEN]);
	cr_assert_eq(n->closed, owed.fate[WORLD_CLOSED]);
	cr_assert_eq(n->unreach, owed.fate[WORLD_UNREACH]);
	cr_assert_eq(n->forged, owed.fate[WORLD_FORGED]);
	cr_assert_eq(n->silent, owed.fate[WORLD_SILENT]);
	cr_assert_eq(n->lost, owed.lost);
	cr_assert_eq(n->duplicated, owed.twice);
	cr_assert_eq(OF(n, silent), n->frames);
	cr_assert_eq(n->open + n->closed + n->unreach + n->forged - n->lost + n->duplicated, owed.replies);
	cr_assert_eq(n->repeats + n->resets + n->outside + n->other + n->bad_checksum + n->failed, 0);
	cr_assert_eq(marked(), TARGETS);
	cr_assert_leq(n->first_ns, n->last_ns);
	cr_assert_gt(n->first_ns, 0);
}

Test(respond, each_frame_is_counted_for_what_it_is)
{
	const struct counts *n = begin("10.0.0.0/24", "443");

	put_syn(0, 0x0a000001, 443, 1);
	put_syn(1, 0x0a000001, 443, 1); /* again, in the same burst */
	put_syn(2, 0x0a000100, 443, 1); /* no target: address */
	put_syn(3, 0x0a000002, 80, 1); /* port */
	put_syn(4, 0x0a000003, 443, 1);
	frame[4][40] ^= 1; /* damaged */
	put_syn(5, 0x0a000004, 443, 1);
	frame[5][47] = 4; /* RST */
	syn_checksums(frame[5]);
	put_syn(6, 0x0a000005, 443, 1);
	frame[6][47] = 0x12; /* SYN-ACK */
	syn_checksums(frame[6]);
	put_syn(7, 0x0a000006, 443, 1);
	len[7] = 40; /* cut */
	put_syn(8, 0x0a000007, 443, 1);
	syn_put(frame[8] + 12, 0x8100, 2); /* a tag */
	respond(&responder, frame, len, copies, 9, now++);
	cr_assert_eq(n->frames, 3);
	cr_assert_eq(n->repeats, 1);
	cr_assert_eq(n->outside, 2);
	cr_assert_eq(n->bad_checksum, 1);
	cr_assert_eq(n->resets, 1);
	cr_assert_eq(n->other, 3);
	cr_assert_eq(OF(n, silent), 2);
	cr_assert_eq(marked(), 1);
	for (unsigned int i = 2; i < 9; i++)
		cr_assert_eq(copies[i], 0, "%u", i);
}

static void put_echo(unsigned int i, uint32_t addr)
{
	memset(frame[i], 0, RESPOND_ROOM);
	put_syn(i, addr, 0, 1);
	frame[i][23] = 1; /* ICMP */
	syn_put(frame[i] + 34, 0x0800, 2);
	syn_put(frame[i] + 36, 0, 2);
	syn_put(frame[i] + 36, 0xffff ^ syn_sum(0, frame[i] + 34, 24), 2);
	syn_put(frame[i] + 24, 0, 2);
	syn_put(frame[i] + 24, 0xffff ^ syn_sum(0, frame[i] + 14, 20), 2);
}

Test(respond, a_world_of_hosts_answers_echoes_alone)
{
	const struct counts *n = begin("10.0.0.0/24", "icmp");

	put_syn(0, 0x0a000001, 0, 1);
	put_echo(1, 0x0a000001);
	responder.world = (struct world){ .seed = 1, .open = SHARE(1) };
	respond(&responder, frame, len, copies, 2, now++);
	cr_assert_eq(n->outside, 1);
	cr_assert_eq(n->frames, 1);
	cr_assert_eq(n->open, 1);
	cr_assert_eq(copies[0], 0);
	cr_assert_eq(copies[1], 1);
	cr_assert_eq(syn_get(frame[1] + 34, 2), 0, "echo reply");
	put_echo(1, 0x0a000001);
	responder.world = (struct world){ .seed = 1, .closed = SHARE(1) };
	respond(&responder, frame + 1, len + 1, copies + 1, 1, now++);
	cr_assert_eq(n->frames, 2);
	cr_assert_eq(n->silent, 1, "a closed host does not answer an echo");
	cr_assert_eq(copies[1], 0);
}

/* Nobody answers, so nothing is drawn; all are marked and counted all the same. */
Test(respond, a_silent_world_draws_nothing)
{
	const struct counts *n = begin("10.0.0.0/12", "80,443");

	responder.world = (struct world){ .seed = 1 };
	for (unsigned int first = 0; first < 10 * RESPOND_BURST; first += RESPOND_BURST) {
		burst(first, RESPOND_BURST);
		for (unsigned int i = 0; i < RESPOND_BURST; i++)
			cr_assert_eq(copies[i], 0);
	}
	cr_assert_eq(n->frames, 10 * RESPOND_BURST);
	cr_assert_eq(n->silent, 10 * RESPOND_BURST);
	cr_assert_eq(OF(n, lost), 0);
	cr_assert_eq(marked(), 10 * RESPOND_BURST);
}

Test(respond, arp_finds_every_address_behind_the_gateway)
{
	static const uint8_t asker[6] = { 2, 0, 0, 0, 0, 1 };
	const struct counts *n = begin("10.0.0.0/24", "443");
	struct arp_frame *arp[5];

	for (unsigned int i = 0; i < 5; i++) {
		arp[i] = (struct arp_frame *)frame[i];
		arp_frame_ask(arp[i], asker, 0xc6120001, 0xc6120002);
		len[i] = 60;
	}
	arp_frame_ask(arp[1], asker, 0xc6120001, 0xc6120001); /* tells where it is */
	arp_frame_ask(arp[2], asker, 0, 0xc6120001); /* asks whether it may be there */
	arp[3]->operation = htons(ARPOP_REPLY);
	len[4] = 41;
	respond(&responder, frame, len, copies, 5, now++);
	cr_assert_eq(n->other, 5);
	cr_assert_eq(n->frames, 0);
	cr_assert_eq(copies[0], 1);
	for (unsigned int i = 1; i < 5; i++)
		cr_assert_eq(copies[i], 0, "%u", i);
	cr_assert_eq(len[0], 60);
	cr_assert(arp_frame_is(arp[0], len[0], ARPOP_REPLY));
	cr_assert_arr_eq(arp[0]->dst, asker, 6);
	cr_assert_arr_eq(arp[0]->src, responder.mac, 6);
	cr_assert_arr_eq(arp[0]->sender_mac, responder.mac, 6);
	cr_assert_arr_eq(arp[0]->target_mac, asker, 6);
	cr_assert_eq(syn_get(arp[0]->sender_addr, 4), 0xc6120002);
	cr_assert_eq(syn_get(arp[0]->target_addr, 4), 0xc6120001);
}

Test(respond, times_of_the_first_frames_alone)
{
	const struct counts *n = begin("10.0.0.0/16", "443");
	uint64_t times[100] = { 0 };

	responder.times = times;
	responder.times_room = 99;
	burst(0, 60);
	cr_assert_eq(responder.times_next, 60);
	burst(60, 60);
	cr_assert_eq(responder.times_next, 99);
	cr_assert_eq(times[0], n->first_ns);
	cr_assert_eq(times[59], times[0]);
	cr_assert_eq(times[98], n->last_ns);
	cr_assert_eq(times[99], 0);
}

Test(respond, answers_that_could_not_leave_are_told)
{
	const struct counts *n = begin("10.0.0.0/24", "443");

	respond_failed(&responder, 3);
	cr_assert_eq(n->failed, 3);
}
