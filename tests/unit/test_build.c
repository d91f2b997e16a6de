/* SPDX-License-Identifier: Apache-2.0 */
/* The step driven by hand over real edges: the test is every gen and every tx. */
#include <criterion/criterion.h>
#include <string.h>

#include "io/netlink/neighbours.h"
#include "stages/build/build.h"
#include "stages/gen/ledger.h"

#define INS 3
#define OUTS 2
#define BLOCKS 4 /* per edge */

/* Last octet 0..9: on-link and answered for; 10..19: on-link and silent; others: routed. */
enum neighbour neighbours_find(const struct neighbours *n, uint32_t addr, uint8_t mac[6])
{
	const uint8_t last = addr & 0xff;

	(void)n;
	if (last >= 20)
		return NEIGHBOUR_ROUTED;
	if (last >= 10)
		return NEIGHBOUR_MISSING;
	memset(mac, 0xe0 + last, 6);
	return NEIGHBOUR_FOUND;
}

static struct edge *in[INS], *out[OUTS];
static struct build_output outputs[OUTS];
static struct probe_template template;
static struct policy policy = { .block_fill = BLOCK_ITEMS, .edge_window = BLOCKS };
static const struct policy *policy_now = &policy;
static uint8_t memory[OUTS][BLOCKS][BLOCK_ITEMS][PROBE_FRAME_MAX];
static struct chunk chunks[2];
static struct stage *build;

static void set_up(unsigned int ins, unsigned int outs, unsigned int frames)
{
	const struct probe_identity id = { .dst_mac = { 2, 0, 0, 0, 0, 9 },
					   .saddr = 0xc0000201,
					   .sport_first = 40000,
					   .sport_last = 40099,
					   .key = { 1, 2 } };
	const struct build_options o = { .module = probe_modules[0],
					 .policy = &policy_now,
					 .in = in,
					 .ins = ins,
					 .out = outputs,
					 .outs = outs };

	cr_assert_eq(o.module->prepare(&id, NULL, &template, NULL), 0);
	for (unsigned int i = 0; i < ins; i++)
		in[i] = edge_create(&(struct edge_options){
			.name = "gen>build", .blocks = BLOCKS, .block_size = sizeof(struct target_block) });
	for (unsigned int i = 0; i < outs; i++) {
		out[i] = edge_create(&(struct edge_options){
			.name = "build>tx", .blocks = BLOCKS, .block_size = sizeof(struct frame_block) });
		outputs[i].edge = out[i];
		outputs[i].template = &template;
		for (unsigned int b = 0; b < BLOCKS; b++) {
			struct frame_block *f = (struct frame_block *)edge_block(out[i], b);

			f->frames = frames;
			for (unsigned int k = 0; k < frames; k++)
				f->frame[k] = memory[i][b][k];
		}
	}
	build = build_create(7, &o);
	cr_assert_not_null(build);
	cr_assert_str_eq(build->ops->name, "build");
	cr_assert_eq(build->index, 7);
}

static void tear_down(unsigned int ins, unsigned int outs)
{
	build_destroy(build);
	for (unsigned int i = 0; i < ins; i++) {
		cr_assert(edge_conserved(in[i], 0));
		edge_destroy(in[i]);
	}
	for (unsigned int i = 0; i < outs; i++)
		edge_destroy(out[i]);
}

/* count targets first, first + 1, ... into input i. */
static void feed(unsigned int i, uint32_t first, unsigned int count, struct chunk *chunk, uint32_t flags)
{
	struct target_block *t = (struct target_block *)edge_claim(in[i], 0);

	cr_assert_not_null(t);
	t->hdr.count = count;
	t->hdr.flags = flags;
	t->hdr.chunk = chunk;
	t->probe = 0;
	for (unsigned int k = 0; k < count; k++) {
		t->daddr[k] = first + k;
		t->dport[k] = (uint16_t)(first + k);
	}
	edge_push(in[i], &t->hdr);
}

static uint32_t daddr_of(const uint8_t *frame)
{
	return (uint32_t)frame[30] << 24 | frame[31] << 16 | frame[32] << 8 | frame[33];
}

static unsigned int dport_of(const uint8_t *frame)
{
	return (unsigned int)frame[36] << 8 | frame[37];
}

/* The next block of output o has these targets; gives it back. */
static void expect(unsigned int o, uint32_t first, unsigned int count, const struct chunk *chunk)
{
	struct frame_block *f = (struct frame_block *)edge_pop(out[o]);

	cr_assert_not_null(f);
	cr_assert_eq(f->hdr.count, count, "%u frames, not %u", f->hdr.count, count);
	cr_assert_eq(f->hdr.flags, 0);
	cr_assert_eq(f->hdr.chunk, chunk);
	for (unsigned int k = 0; k < count; k++) {
		cr_assert_eq(f->len[k], 66);
		cr_assert_eq(daddr_of(f->frame[k]), first + k);
		cr_assert_eq(dport_of(f->frame[k]), (first + k) & 0xffff);
	}
	edge_recycle(out[o], &f->hdr);
}

static void expect_end(unsigned int o)
{
	struct frame_block *f = (struct frame_block *)edge_pop(out[o]);

	cr_assert_not_null(f);
	cr_assert_eq(f->hdr.count, 0);
	cr_assert_eq(f->hdr.flags, BLOCK_END);
	cr_assert_null(f->hdr.chunk);
	edge_recycle(out[o], &f->hdr);
}

static void expect_nothing(unsigned int o)
{
	cr_assert_null(edge_pop(out[o]));
}

static size_t step(void)
{
	build->wake_at = 0;
	const size_t done = build->ops->step(build);

	if (done == 0)
		cr_assert_eq(build->wake_at, WAKE_NEVER);
	return done;
}

Test(build, one_block_becomes_one_block)
{
	set_up(1, 1, BLOCK_ITEMS);
	feed(0, 1000, BLOCK_ITEMS, &chunks[0], 0);
	cr_assert_eq(step(), BLOCK_ITEMS);
	expect(0, 1000, BLOCK_ITEMS, &chunks[0]);
	expect_nothing(0);
	cr_assert_eq(build->counters.items, BLOCK_ITEMS);
	cr_assert_eq(build->counters.starved_in, 0);
	tear_down(1, 1);
}

Test(build, nothing_to_do_is_a_starve)
{
	set_up(2, 1, BLOCK_ITEMS);
	cr_assert_eq(step(), 0);
	cr_assert_eq(step(), 0);
	cr_assert_eq(build->counters.starved_in, 2);
	cr_assert_eq(build->counters.stalled_out, 0);
	cr_assert(!build->done);
	tear_down(2, 1);
}

Test(build, fewer_frames_than_targets)
{
	set_up(1, 1, 50);
	feed(0, 1000, BLOCK_ITEMS, &chunks[0], 0);
	feed(0, 2000, 10, &chunks[1], 0);
	cr_assert_eq(step(), BLOCK_ITEMS + 10);
	expect(0, 1000, 50, &chunks[0]);
	expect(0, 1050, 50, &chunks[0]);
	expect(0, 1100, 28, &chunks[0]); /* not filled up from the next: that is another chunk */
	expect(0, 2000, 10, &chunks[1]);
	expect_nothing(0);
	tear_down(1, 1);
}

Test(build, a_full_edge_loses_nothing)
{
	struct block *held[BLOCKS];

	set_up(1, 1, 10);
	feed(0, 1000, BLOCK_ITEMS, &chunks[0], 0);
	cr_assert_eq(step(), 40);
	cr_assert_eq(step(), 0);
	cr_assert_eq(step(), 0);
	cr_assert_eq(build->counters.stalled_out, 2);
	cr_assert_eq(build->counters.starved_in, 0);
	for (unsigned int i = 0; i < BLOCKS; i++) {
		held[i] = edge_pop(out[0]);
		cr_assert_eq(daddr_of(((struct frame_block *)held[i])->frame[9]), 1000 + i * 10 + 9);
	}
	cr_assert_eq(step(), 0, "popped is not recycled");
	edge_recycle(out[0], held[0]);
	cr_assert_eq(step(), 10);
	expect(0, 1040, 10, &chunks[0]);
	for (unsigned int i = 1; i < BLOCKS; i++)
		edge_recycle(out[0], held[i]);
	cr_assert_eq(step(), 40);
	for (unsigned int i = 0; i < BLOCKS; i++)
		expect(0, 1050 + i * 10, 10, &chunks[0]);
	cr_assert_eq(step(), 38);
	for (unsigned int i = 0; i < 3; i++)
		expect(0, 1090 + i * 10, 10, &chunks[0]);
	expect(0, 1120, 8, &chunks[0]);
	cr_assert_eq(build->counters.items, BLOCK_ITEMS);
	tear_down(1, 1);
}

Test(build, the_window_of_the_policy_holds)
{
	const struct policy narrow = { .block_fill = 1, .edge_window = 1 };

	policy_now = &narrow;
	set_up(1, 1, BLOCK_ITEMS);
	feed(0, 1000, 5, NULL, 0);
	feed(0, 2000, 5, NULL, 0);
	cr_assert_eq(step(), 5);
	cr_assert_eq(step(), 0);
	expect(0, 1000, 5, NULL);
	cr_assert_eq(step(), 5);
	expect(0, 2000, 5, NULL);
	tear_down(1, 1);
	policy_now = &policy;
}

Test(build, inputs_and_outputs_take_turns)
{
	set_up(3, 2, BLOCK_ITEMS);
	for (unsigned int i = 0; i < 3; i++)
		for (uint32_t k = 0; k < 2; k++)
			feed(i, (i + 1) * 10000 + k * 1000, 100, &chunks[k], 0);
	cr_assert_eq(step(), 400);
	cr_assert_eq(step(), 200);
	expect(0, 10000, 100, &chunks[0]);
	expect(1, 20000, 100, &chunks[0]);
	expect(0, 30000, 100, &chunks[0]);
	expect(1, 11000, 100, &chunks[1]);
	expect(0, 21000, 100, &chunks[1]);
	expect(1, 31000, 100, &chunks[1]);
	tear_down(3, 2);
}

Test(build, an_output_that_is_full_is_passed_over)
{
	set_up(1, 2, 10);
	for (unsigned int i = 0; i < 4; i++)
		feed(0, 1000 * i, 20, NULL, 0);
	cr_assert_eq(step(), 40);
	cr_assert_eq(step(), 40); /* four blocks on each */
	expect(1, 10, 10, NULL);
	feed(0, 9000, 10, NULL, 0);
	cr_assert_eq(step(), 10);
	expect(1, 1010, 10, NULL);
	expect(1, 2010, 10, NULL);
	expect(1, 3010, 10, NULL);
	expect(1, 9000, 10, NULL);
	tear_down(1, 2);
}

Test(build, end_follows_the_last_input)
{
	set_up(2, 2, BLOCK_ITEMS);
	feed(0, 0, 0, NULL, BLOCK_END);
	cr_assert_eq(step(), 0);
	cr_assert(!build->done);
	expect_nothing(0);
	expect_nothing(1);
	feed(1, 5000, 30, &chunks[0], BLOCK_END); /* the mark may carry targets */
	cr_assert_eq(step(), 30 + 2);
	cr_assert(build->done);
	cr_assert_eq(build->counters.items, 30);
	expect(0, 5000, 30, &chunks[0]);
	expect_end(0);
	expect_end(1);
	expect_nothing(0);
	expect_nothing(1);
	cr_assert(edge_conserved(out[0], 0));
	cr_assert(edge_conserved(out[1], 0));
	tear_down(2, 2);
}

/* An END popped from one input must not hide what waits in another. */
Test(build, empty_blocks_are_not_the_end_of_a_step)
{
	set_up(2, 1, BLOCK_ITEMS);
	feed(0, 0, 0, NULL, 0);
	feed(0, 0, 0, NULL, BLOCK_END);
	feed(1, 7000, 3, NULL, 0);
	cr_assert_eq(step(), 3);
	expect(0, 7000, 3, NULL);
	cr_assert(!build->done);
	tear_down(2, 1);
}

Test(build, end_waits_for_a_block)
{
	set_up(1, 2, 10);
	for (unsigned int i = 0; i < 4; i++)
		feed(0, 1000 * i, 20, NULL, i == 3 ? BLOCK_END : 0);
	cr_assert_eq(step() + step(), 80);
	cr_assert(!build->done);
	cr_assert_eq(step(), 0);
	expect(1, 10, 10, NULL);
	cr_assert_eq(step(), 0, "the outputs end in order");
	expect(0, 0, 10, NULL);
	cr_assert_eq(step(), 2);
	cr_assert(build->done);
	for (unsigned int o = 0; o < 2; o++) {
		for (unsigned int i = 1; i < 4; i++)
			expect(o, 1000 * i + 10 * o, 10, NULL);
		expect_end(o);
		expect_nothing(o);
	}
	tear_down(1, 2);
}

static void set_up_onlink(void)
{
	outputs[0].neighbours = (const struct neighbours *)&chunks; /* only compared with NULL */
	set_up(1, 1, 100);
	memset(chunks, 0, sizeof(chunks));
}

Test(build, onlink_targets_get_their_own_mac)
{
	uint32_t target = 0xc0000200;
	const uint8_t gateway[6] = { 2, 0, 0, 0, 0, 9 };
	struct frame_block *f;
	uint8_t *owned[BLOCK_ITEMS];

	set_up_onlink();
	feed(0, target, 100, &chunks[0], 0); /* .0-.9 found, .10-.19 missing, .20-.99 routed */
	cr_assert_eq(step(), 100);
	f = (struct frame_block *)edge_pop(out[0]);
	cr_assert_eq(f->hdr.count, 90);
	cr_assert_eq(f->frames, 100);
	for (unsigned int k = 0; k < 90; k++, target++) {
		uint8_t mac[6];

		if (k == 10)
			target += 10;
		cr_assert_eq(daddr_of(f->frame[k]), target);
		cr_assert_eq(f->len[k], 66);
		memset(mac, 0xe0 + (int)k, 6);
		cr_assert_arr_eq(f->frame[k], k < 10 ? mac : gateway, 6);
	}
	cr_assert_eq(build_unresolved(build), 10);
	cr_assert_eq(chunks[0].accepted, 10, "the ledger settles without them");

	memcpy(owned, f->frame, sizeof(owned));
	for (unsigned int k = 0; k < 100; k++)
		for (unsigned int j = 0; j < k; j++)
			cr_assert_neq(owned[k], owned[j], "a frame is lost");
	edge_recycle(out[0], &f->hdr);
	tear_down(1, 1);
}

Test(build, a_block_of_nobody_is_kept_for_the_next)
{
	set_up_onlink();
	feed(0, 0xc000020a, 10, &chunks[0], 0); /* all missing */
	cr_assert_eq(step(), 10);
	expect_nothing(0);
	cr_assert(edge_conserved(out[0], 1));
	cr_assert_eq(chunks[0].accepted, 10);
	feed(0, 0xc0000220, 5, &chunks[1], 0);
	cr_assert_eq(step(), 5);
	expect(0, 0xc0000220, 5, &chunks[1]);
	cr_assert(edge_conserved(out[0], 0));
	cr_assert_eq(chunks[1].accepted, 0);

	feed(0, 0xc000020a, 10, &chunks[0], BLOCK_END); /* and the kept block can become the END */
	cr_assert_eq(step(), 10 + 1);
	cr_assert(build->done);
	expect_end(0);
	cr_assert(edge_conserved(out[0], 0));
	cr_assert_eq(build_unresolved(build), 20);
	tear_down(1, 1);
}
