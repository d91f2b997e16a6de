/* SPDX-License-Identifier: Apache-2.0 */
/* Both ends of a control edge: what is put comes out once and in order, what finds no room is refused, blocks are kept. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "stages/rx/control.h"
#include "stages/tx/control.h"

#define STRIDE 64
#define POOL 4

static uint16_t answer(const struct probe_template *t, const struct control *c, uint8_t *frame)
{
	(void)t;
	memcpy(frame, &c->seq, sizeof(c->seq));
	return (uint16_t)(40 + c->seq % 20);
}

static const struct probe_module module = { .answer = answer };
static uint8_t memory[CONTROL_FRAMES * STRIDE];

struct rig {
	struct edge *edge[2];
	struct control_out out[3]; /* of the first edge, of the second, of both */
	struct frames part;
	struct control_in in;
};

static void open_rig(struct rig *r, unsigned int edges)
{
	memset(r, 0, sizeof(*r));
	for (unsigned int i = 0; i < edges; i++) {
		r->edge[i] = edge_create(&(struct edge_options){
			.name = "rx>tx", .blocks = POOL, .block_size = sizeof(struct control_block) });
		cr_assert_eq(control_init(&r->out[i], &r->edge[i], 1), 0);
	}
	cr_assert_eq(control_init(&r->out[2], r->edge, edges), 0);
	cr_assert_eq(frames_init(&r->part, memory, CONTROL_FRAMES, STRIDE), 0);
	r->in = (struct control_in){ .module = &module, .edge = r->edge, .edges = edges, .part = &r->part };
}

static void close_rig(struct rig *r)
{
	cr_expect_eq(r->part.count, CONTROL_FRAMES, "%u of the frames are back", r->part.count);
	for (unsigned int i = 0; i < r->in.edges; i++) {
		cr_expect(edge_conserved(r->edge[i], 0));
		edge_destroy(r->edge[i]);
	}
	for (int i = 0; i < 3; i++)
		control_fini(&r->out[i]);
	frames_fini(&r->part);
}

static bool put(struct rig *r, unsigned int out, uint32_t number)
{
	return control_put(&r->out[out], &(struct control){ .kind = CONTROL_RST, .seq = number });
}

/* Plays tx and the wire: takes n composed answers and gives their frames back. */
static void take(struct rig *r, unsigned int n, void (*each)(uint32_t number, void *), void *arg)
{
	struct control_in *c = &r->in;

	for (unsigned int i = 0; i < n; i++) {
		uint32_t number;

		memcpy(&number, c->frame[c->first + i], sizeof(number));
		cr_assert_eq(c->len[c->first + i], 40 + number % 20);
		each(number, arg);
		frames_put(&r->part, c->frame[c->first + i]);
	}
	control_sent(c, n);
}

static void expect_next(uint32_t number, void *arg)
{
	uint32_t *expected = arg;

	cr_assert_eq(number, *expected, "%u came, not %u", number, *expected);
	(*expected)++;
}

Test(control, in_order_and_once_through_blocks_of_every_size)
{
	uint32_t number = 0, expected = 0;
	uint64_t state = 3;
	struct rig r;

	open_rig(&r, 1);
	for (int round = 0; round < 20000; round++) {
		unsigned int n;

		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		for (unsigned int i = 0; i < state >> 59; i++) {
			while (!put(&r, 0, number)) {
				n = control_compose(&r.in);
				take(&r, n, expect_next, &expected);
			}
			number++;
		}
		if (state >> 40 & 1)
			control_flush(&r.out[0]);
		n = control_compose(&r.in);
		take(&r, n / 2, expect_next, &expected);
		cr_assert_not(control_over(&r.in));
	}
	cr_assert_eq(control_end(&r.out[0]), 1);
	while (!control_over(&r.in))
		take(&r, control_compose(&r.in), expect_next, &expected);
	cr_expect_eq(expected, number);
	cr_expect_eq(counter_read(&edge_consumed(r.edge[0])->items), number);
	close_rig(&r);
}

/* rx never waits: what finds no room is refused, and the END finds its place whatever tx does. */
Test(control, a_full_edge_refuses_and_still_takes_the_end)
{
	uint32_t number = 0, expected = 0;
	struct rig r;

	open_rig(&r, 1);
	while (put(&r, 0, number))
		number++;
	cr_expect_eq(number, POOL * BLOCK_ITEMS, "%u answers in %u blocks", number, POOL);
	cr_expect_not(put(&r, 0, number));
	cr_expect_eq(control_flush(&r.out[0]), 0, "no other block is free");
	cr_expect(control_holds(&r.out[0]));
	control_end(&r.out[0]);
	while (!control_over(&r.in))
		take(&r, control_compose(&r.in), expect_next, &expected);
	cr_expect_eq(expected, number);
	close_rig(&r);
}

/* Part blocks must not use up the pool: while tx does not look, the block in hand fills. */
Test(control, part_blocks_do_not_use_up_the_pool)
{
	uint32_t number = 0, pushed = 0;
	struct rig r;

	open_rig(&r, 1);
	for (unsigned int i = 0; i < 100; i++) {
		cr_assert(put(&r, 0, number++));
		pushed += control_flush(&r.out[0]);
	}
	cr_expect_eq(pushed, POOL - 1);
	control_end(&r.out[0]);
	cr_expect_eq(control_drop(&r.in), 100);
	cr_expect(control_over(&r.in));
	close_rig(&r);
}

Test(control, an_edge_without_answers_ends)
{
	struct control_out none;
	struct rig r;

	open_rig(&r, 1);
	cr_expect_eq(control_flush(&r.out[0]), 0);
	cr_expect_eq(control_end(&r.out[0]), 1);
	cr_assert_eq(control_init(&none, NULL, 0), 0);
	cr_expect_eq(control_flush(&none), 0);
	cr_expect_eq(control_end(&none), 0);
	control_fini(&none);
	cr_expect_eq(control_compose(&r.in), 0);
	cr_expect(control_over(&r.in));
	close_rig(&r);
}

static void count(uint32_t number, void *arg)
{
	((uint32_t *)arg)[number / 100000]++;
}

Test(control, several_edges_share_a_queue)
{
	uint32_t seen[2] = { 0, 0 };
	struct rig r;

	open_rig(&r, 2);
	for (uint32_t i = 0; i < 300; i++) {
		cr_assert(put(&r, 0, i));
		cr_assert(put(&r, 1, 100000 + i));
	}
	control_end(&r.out[0]);
	for (int i = 0; i < 2; i++)
		take(&r, control_compose(&r.in), count, seen);
	cr_expect_eq(seen[0], BLOCK_ITEMS);
	cr_expect_eq(seen[1], BLOCK_ITEMS, "block by block in turn: %u of the other", seen[1]);
	for (int i = 0; i < 10; i++)
		take(&r, control_compose(&r.in), count, seen);
	cr_expect_eq(r.in.ended, 1);
	control_end(&r.out[1]);
	while (!control_over(&r.in))
		take(&r, control_compose(&r.in), count, seen);
	cr_expect_eq(seen[0], 300);
	cr_expect_eq(seen[1], 300);
	close_rig(&r);
}

/* A port has more tx queues than rx queues: each of them gets its share, and all must be full before one is dropped. */
Test(control, a_queue_spreads_over_several_edges)
{
	uint32_t number = 0;
	struct rig r;

	open_rig(&r, 2);
	for (int i = 0; i < 6; i++) {
		cr_assert(put(&r, 2, number++));
		control_flush(&r.out[2]);
	}
	cr_expect_eq(counter_read(&edge_produced(r.edge[0])->items), 3);
	cr_expect_eq(counter_read(&edge_produced(r.edge[1])->items), 3);
	while (put(&r, 2, number))
		number++;
	cr_expect_eq(number, 2 * BLOCK_ITEMS + 6,
		     "%u of two pools, of which six blocks are out with one each", number);
	cr_expect_eq(control_end(&r.out[2]), 2);
	cr_expect_eq(control_drop(&r.in), number);
	cr_expect(control_over(&r.in));
	close_rig(&r);
}

/* What is dropped is counted whole: composed, in hand, and on the edges. */
Test(control, drop_counts_everything)
{
	uint32_t number = 0, expected = 0;
	struct rig r;

	open_rig(&r, 1);
	while (put(&r, 0, number))
		number++;
	cr_expect_eq(control_compose(&r.in), BLOCK_ITEMS);
	take(&r, 10, expect_next, &expected);
	cr_expect_eq(control_compose(&r.in), BLOCK_ITEMS - 10, "no room in the arrays until all have left");
	control_end(&r.out[0]);
	cr_expect_eq(control_drop(&r.in), number - 10);
	cr_expect_eq(control_drop(&r.in), 0);
	cr_expect(control_over(&r.in));
	close_rig(&r);
}
