/* SPDX-License-Identifier: Apache-2.0 */
/* What stage tx does when it is told, while it runs, to pause or to leave targets out. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "stages/gen/ranges.h"
#include "tests/unit/tx_fake.h"

struct live {
	struct policy now;
	const struct policy *policy;
	struct fake f;
	struct edge *e;
	struct chunk chunk;
	struct bucket bucket;
	struct stage *tx;
	uint32_t number;
};

static struct live *live_new(struct policy policy)
{
	struct live *l = aligned_alloc(2 * CACHE_LINE, (sizeof(*l) + 127) & ~127UL);

	memset(l, 0, sizeof(*l));
	l->now = policy;
	l->policy = &l->now;
	fake_init(&l->f, FRAMES, 0);
	l->e = frame_edge(8);
	bucket_init(&l->bucket, clock_mono_ns());
	l->tx = tx_create(0, &(struct tx_options){ .policy = &l->policy,
						   .bucket = &l->bucket,
						   .queues = 1,
						   .queue = &(struct tx_queue_options){
							   .queue = &l->f.q, .in = &l->e, .ins = 1 } });
	cr_assert_not_null(l->tx);
	return l;
}

/* To its end; every block is home. */
static void live_end(struct live *l)
{
	push_end(l->e, l->tx);
	for (int i = 0; i < 1000000 && !l->tx->done; i++)
		l->tx->ops->step(l->tx);
	cr_assert(l->tx->done);
	cr_assert(edge_conserved(l->e, 0));
	tx_destroy(l->tx);
	edge_destroy(l->e);
	free(l->f.q.frames);
	free(l);
}

static void steps(struct live *l)
{
	for (int i = 0; i < 100; i++)
		l->tx->ops->step(l->tx);
}

/* Sixty numbers, of which two ranges and an address are excluded, the last two blocks composed before that. */
Test(tx_live, what_is_excluded_is_not_sent_however_old_and_is_settled)
{
	static const struct range no[] = { { 5, 14 }, { 30, 30 }, { 50, 1000 } };
	struct live *l = live_new(unlimited);

	compose(l->e, &l->chunk, &l->number, 10);
	steps(l);
	cr_assert_eq(l->f.submitted, 10);
	compose(l->e, &l->chunk, &l->number, 25);
	compose(l->e, &l->chunk, &l->number, 25);
	l->now.exclusion = no;
	l->now.exclusions = 3;
	l->now.epoch = 1;
	steps(l);
	compose(l->e, &l->chunk, &l->number, 40); /* 60 to 99: all of it */
	steps(l);
	for (uint32_t i = 0; i < 100; i++)
		cr_expect_eq(l->f.seen[i], i < 10 || (i >= 15 && i != 30 && i < 50), "number %u", i);
	cr_expect_eq(counter_read(&tx_counters(l->tx)->excluded), 5 + 1 + 10 + 40);
	cr_expect_eq(counter_read(&l->tx->counters.items), 44);
	cr_expect_eq(l->chunk.accepted, 100, "nothing of it is left to be done");
	live_end(l);
}

/* The queue has taken a part of the block at the head when the exclusion comes. */
Test(tx_live, what_is_left_of_a_block_is_looked_through)
{
	static const struct range no[] = { { 0, 9 }, { 15, 19 } };
	struct live *l = live_new(unlimited);

	l->f.q.depth = 7;
	l->f.hold = true;
	compose(l->e, &l->chunk, &l->number, 30);
	steps(l);
	cr_assert_eq(l->f.submitted, 7);
	l->now.exclusion = no;
	l->now.exclusions = 2;
	l->now.epoch = 1;
	l->f.q.depth = FRAMES;
	l->f.hold = false;
	step_for(l->tx, 20000000); /* the queue is asked again after a back-off of a millisecond at most */
	for (uint32_t i = 0; i < 30; i++)
		cr_expect_eq(l->f.seen[i], i < 7 || (i >= 10 && i < 15) || i >= 20, "number %u", i);
	cr_expect_eq(counter_read(&tx_counters(l->tx)->excluded), 3 + 5);
	cr_expect_eq(l->chunk.accepted, 30);
	live_end(l);
}

/* Behind a VLAN tag all lies four bytes further back. */
Test(tx_live, a_tagged_frame)
{
	static const struct range no[] = { { 0, 9 } };
	struct live *l = live_new(unlimited);
	struct frame_block *b = (struct frame_block *)edge_claim(l->e, 0);

	for (uint32_t i = 0; i < 2; i++) {
		memset(b->frame[i], 0, STRIDE);
		memcpy(b->frame[i], &i, sizeof(i));
		wire_put16(b->frame[i] + 12, 0x8100);
		wire_put32(b->frame[i] + 30, i == 0 ? 77 : 3);
		wire_put32(b->frame[i] + 34, i == 0 ? 3 : 77);
		b->len[i] = 60;
	}
	b->hdr.count = 2;
	b->hdr.flags = 0;
	b->hdr.chunk = &l->chunk;
	edge_push(l->e, &b->hdr);
	l->now.exclusion = no;
	l->now.exclusions = 1;
	l->now.epoch = 1;
	steps(l);
	cr_expect_eq(l->f.seen[0], 0);
	cr_expect_eq(l->f.seen[1], 1);
	live_end(l);
}

Test(tx_live, a_policy_is_taken_by_the_step_that_reads_it)
{
	struct live *l = live_new(unlimited);

	cr_expect_eq(tx_counters(l->tx)->epoch, 0);
	l->now.epoch = 7;
	l->tx->ops->step(l->tx);
	cr_expect_eq(tx_counters(l->tx)->epoch, 7);
	live_end(l);
}

Test(tx_live, a_pause_holds_all_and_loses_nothing)
{
	struct live *l = live_new(unlimited);

	l->now.paused = true;
	compose(l->e, &l->chunk, &l->number, 100);
	steps(l);
	cr_expect_eq(l->f.submitted, 0);
	cr_expect_eq(l->tx->wake_at, WAKE_NEVER, "it sleeps until the policy changes");
	l->now.paused = false;
	steps(l);
	cr_expect_eq(l->f.submitted, 100);
	cr_expect_eq(l->chunk.accepted, 100);
	live_end(l);
}

Test(tx_live, a_stop_in_a_pause_gives_up_what_is_held)
{
	struct live *l = live_new(unlimited);

	l->now.paused = true;
	compose(l->e, &l->chunk, &l->number, 100);
	compose(l->e, &l->chunk, &l->number, 20);
	steps(l);
	l->now.stop = true;
	steps(l);
	cr_expect_eq(l->f.submitted, 0);
	cr_expect_eq(counter_read(&tx_counters(l->tx)->abandoned), 120);
	cr_expect_eq(l->chunk.accepted, 0, "the ledger knows what was not sent");
	live_end(l);
}

/* 100 ms of pause at 10,000/s would be 1000 probes: what leaves after it is what is due by then, and no debt is left. */
Test(tx_live, after_a_pause_the_pace_goes_on_without_a_burst_or_a_debt)
{
	struct live *l = live_new((struct policy){ .rate = 10000, .block_fill = BLOCK_ITEMS });
	uint64_t before, resumed, passed;

	for (int i = 0; i < 7; i++)
		compose(l->e, &l->chunk, &l->number, BLOCK_ITEMS);
	step_for(l->tx, 5000000);
	l->now.paused = true;
	l->tx->ops->step(l->tx);
	before = l->f.submitted;
	cr_expect_gt(before, 0);
	step_for(l->tx, 100000000);
	cr_expect_eq(l->f.submitted, before);
	l->bucket.debt = 0; /* of a CPU that others took */
	resumed = clock_mono_ns();
	bucket_restart(&l->bucket, resumed);
	l->now.paused = false;
	l->tx->ops->step(l->tx);
	passed = clock_mono_ns() - resumed;
	/* those due since, and a lease, of half a millisecond */
	cr_expect_leq(l->f.submitted - before, passed / 100000 + 6);
	if (passed < 900000)
		cr_expect_eq(l->bucket.debt, 0);
	step_for(l->tx, 10000000);
	cr_expect_gt(l->f.submitted, before);
	l->now.rate = RATE_MAX;
	live_end(l);
}
