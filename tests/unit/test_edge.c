/* SPDX-License-Identifier: Apache-2.0 */
/* Edges on one thread: what may be out at once, in what order, and that no block is ever lost. */
#include <criterion/criterion.h>
#include <limits.h>
#include <signal.h>

#include "rings/edge.h"
#include "rings/edge_layout.h"

static struct edge *edge_of(unsigned int blocks)
{
	struct edge_options o = { .name = "a0>b0",
				  .blocks = blocks,
				  .block_size = sizeof(struct target_block) };
	struct edge *e = edge_create(&o);

	cr_assert_not_null(e);
	return e;
}

/* As if the edge had run for this many blocks, so that the 32-bit indices wrap. */
static void set_indices(struct edge *e, unsigned int index)
{
	e->forward.c_head = e->forward.p_head = e->forward.p_tail = index;
	e->back.c_head = e->back.p_head = e->back.p_tail = index;
}

Test(edge, refuses_bad_options)
{
	struct edge_options o = { .name = "x", .blocks = 2, .block_size = sizeof(struct block) };
	struct edge *e = edge_create(&o);

	cr_assert_not_null(e);
	edge_destroy(e);
	o.blocks = 1;
	cr_expect_null(edge_create(&o));
	o.blocks = EDGE_BLOCKS_MAX + 1;
	cr_expect_null(edge_create(&o));
	o.blocks = 2;
	o.block_size = 0;
	cr_expect_null(edge_create(&o));
	o.block_size = CACHE_LINE + 8;
	cr_expect_null(edge_create(&o));
	o.block_size = CACHE_LINE;
	o.name = NULL;
	cr_expect_null(edge_create(&o));
	edge_destroy(NULL);
}

Test(edge, names_and_zeroes_its_pool)
{
	char name[] = "gen0>build0";
	struct edge_options o = { .name = name, .blocks = 5, .block_size = sizeof(struct frame_block) };
	struct edge *e = edge_create(&o);
	static const struct frame_block zero;

	name[0] = 'X';
	cr_expect_str_eq(edge_name(e), "gen0>build0");
	cr_expect_eq(edge_blocks(e), 5);
	for (unsigned int i = 0; i < 5; i++) {
		cr_expect_eq((uintptr_t)edge_block(e, i) % CACHE_LINE, 0);
		cr_expect_arr_eq(edge_block(e, i), &zero, sizeof(zero));
	}
	cr_expect_eq((uint8_t *)edge_block(e, 4) - (uint8_t *)edge_block(e, 0), 4 * (ptrdiff_t)sizeof(zero));
	cr_expect(edge_conserved(e, 0));
	edge_destroy(e);
}

Test(edge, large_pools_start_on_a_huge_page)
{
	struct edge_options o = { .name = "x", .blocks = 512, .block_size = sizeof(struct reply_block) };
	struct edge *e = edge_create(&o);

	cr_expect_eq((uintptr_t)edge_block(e, 0) % (2UL << 20), 0);
	edge_destroy(e);
}

/* For sizes at and beside powers of two: every block can be out, and every block can be in the forward ring. */
/* history 9 */
Test(edge, holds_the_whole_pool)
{
	static const unsigned int sizes[] = { 2, 3, 4, 5, 7, 8, 9, 64, EDGE_BLOCKS_MAX - 1, EDGE_BLOCKS_MAX };

	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++) {
		unsigned int n = sizes[s];
		struct edge *e = edge_of(n);

		for (unsigned int round = 0; round < 3; round++) {
			for (unsigned int i = 0; i < n; i++) {
				struct block *b = edge_claim(e, 0);
				cr_assert_not_null(b, "pool of %u, block %u", n, i);
				cr_expect_eq(b->count, 0);
				cr_expect_eq(b->flags, 0);
				b->count = i + 1;
				cr_expect(edge_conserved(e, 1));
				edge_push(e, b);
				cr_expect(edge_conserved(e, 0));
			}
			cr_expect_null(edge_claim(e, 0));
			for (unsigned int i = 0; i < n; i++) {
				struct block *b = edge_pop(e);
				cr_assert_not_null(b);
				cr_expect_eq(b->count, i + 1, "blocks arrive in order");
				b->flags = BLOCK_END;
				cr_expect(edge_conserved(e, 1));
				edge_recycle(e, b);
			}
			cr_expect_null(edge_pop(e));
			cr_expect(edge_conserved(e, 0));
		}
		cr_expect_eq(counter_read(&edge_produced(e)->blocks), 3 * n);
		cr_expect_eq(counter_read(&edge_produced(e)->items), 3ULL * n * (n + 1) / 2);
		cr_expect_eq(counter_read(&edge_produced(e)->stalls), 3);
		cr_expect_eq(counter_read(&edge_consumed(e)->blocks), 3 * n);
		cr_expect_eq(counter_read(&edge_consumed(e)->items), 3ULL * n * (n + 1) / 2);
		cr_expect_eq(counter_read(&edge_consumed(e)->stalls), 3);
		edge_destroy(e);
	}
}

/* history 9 */
Test(edge, index_wraps)
{
	for (unsigned int n = 2; n <= 5; n++) {
		struct edge *e = edge_of(n);
		unsigned int sent = 0, got = 0;

		set_indices(e, UINT_MAX - 9);
		while (got < 40) {
			struct block *b;
			while ((b = edge_claim(e, 0)) != NULL) {
				b->count = ++sent;
				edge_push(e, b);
			}
			cr_assert(edge_conserved(e, 0));
			/* One less than fits, so that the two rings get out of step. */
			for (unsigned int i = 1; i < n && (b = edge_pop(e)) != NULL; i++) {
				cr_assert_eq(b->count, ++got);
				edge_recycle(e, b);
			}
			cr_assert(edge_conserved(e, 0));
		}
		cr_expect_lt(e->forward.c_head, 40, "the index has wrapped");
		cr_expect_lt(e->back.c_head, 40, "the index has wrapped");
		edge_destroy(e);
	}
}

Test(edge, window_limits_what_is_out)
{
	struct edge *e = edge_of(8);
	struct block *a = edge_claim(e, 2), *b = edge_claim(e, 2);

	cr_assert(a != NULL && b != NULL);
	cr_expect_null(edge_claim(e, 2), "claimed blocks are out");
	cr_expect_eq(counter_read(&edge_produced(e)->stalls), 1);
	edge_push(e, a);
	cr_expect_null(edge_claim(e, 2), "full blocks are out");
	cr_assert_eq(edge_pop(e), a);
	cr_expect_null(edge_claim(e, 2), "popped blocks are out");
	edge_recycle(e, a);
	cr_expect_eq(edge_claim(e, 2), a, "and reused as soon as they are back");
	cr_expect_null(edge_claim(e, 2));

	struct block *c = edge_claim(e, 3);
	cr_expect_not_null(c, "a wider window takes effect at once");
	cr_expect_null(edge_claim(e, 1), "so does a narrower one");
	cr_expect_eq(counter_read(&edge_produced(e)->stalls), 5);
	for (unsigned int i = 3; i < 8; i++)
		cr_expect_not_null(edge_claim(e, 100), "a window wider than the pool is the pool");
	cr_expect_null(edge_claim(e, 100));
	cr_expect(edge_conserved(e, 8));
	cr_expect_not(edge_conserved(e, 7));
	edge_destroy(e);
}

Test(edge, reuses_the_hottest_block)
{
	struct edge *e = edge_of(64);
	struct block *first = edge_claim(e, 1);

	edge_push(e, first);
	for (unsigned int i = 0; i < 100; i++) {
		edge_recycle(e, edge_pop(e));
		struct block *b = edge_claim(e, 1);
		cr_assert_eq(b, first, "a window of one runs through one block, not through the pool");
		edge_push(e, b);
	}
	edge_destroy(e);
}

Test(edge, end_follows_the_last_block)
{
	struct edge *e = edge_of(3);
	struct block *b = edge_claim(e, 0);

	b->count = 7;
	edge_push(e, b);
	b = edge_claim(e, 0);
	b->flags = BLOCK_END;
	edge_push(e, b);

	b = edge_pop(e);
	cr_expect_eq(b->count, 7);
	cr_expect_eq(b->flags, 0);
	edge_recycle(e, b);
	b = edge_pop(e);
	cr_expect_eq(b->count, 0);
	cr_expect_eq(b->flags, BLOCK_END);
	edge_recycle(e, b);
	cr_expect_null(edge_pop(e));
	cr_expect_eq(counter_read(&edge_produced(e)->items), 7);
	for (unsigned int i = 0; i < 3; i++)
		cr_expect_eq(edge_claim(e, 0)->flags, 0, "a reused block carries no old mark");
	edge_destroy(e);
}

/* history 9 */
Test(edge, conservation_sees_a_lost_or_doubled_block)
{
	struct edge *e = edge_of(4);

	e->nfree--;
	cr_expect_not(edge_conserved(e, 0), "lost");
	cr_expect(edge_conserved(e, 1));
	e->nfree++;
	e->free[0] = e->free[1];
	cr_expect_not(edge_conserved(e, 0), "doubled");
	e->free[0] = (struct block *)((uint8_t *)e->pool + CACHE_LINE);
	cr_expect_not(edge_conserved(e, 0), "not the start of a block");
	edge_destroy(e);
}

Test(edge, notifies_the_other_side)
{
	struct waker p, c;
	struct edge_options o = {
		.name = "x", .blocks = 2, .block_size = CACHE_LINE, .producer = &p, .consumer = &c
	};
	struct edge *e;

	waker_init(&p, false);
	waker_init(&c, false);
	e = edge_create(&o);
	edge_push(e, edge_claim(e, 0));
	cr_expect_eq(waker_ticket(&c), 1);
	cr_expect_eq(waker_ticket(&p), 0);
	edge_recycle(e, edge_pop(e));
	cr_expect_eq(waker_ticket(&c), 1);
	cr_expect_eq(waker_ticket(&p), 1);
	edge_destroy(e);
	waker_fini(&p);
	waker_fini(&c);
}

#ifdef ANYSCAN_DEBUG
Test(edge, debug_catches_a_double_push, .signal = SIGABRT)
{
	struct edge *e = edge_of(4);
	struct block *b = edge_claim(e, 0);

	edge_push(e, b);
	edge_push(e, b);
}

Test(edge, debug_catches_a_recycle_of_what_was_not_popped, .signal = SIGABRT)
{
	struct edge *e = edge_of(4);

	edge_recycle(e, edge_claim(e, 0));
}

Test(edge, debug_catches_a_block_of_another_edge, .signal = SIGABRT)
{
	struct edge *e = edge_of(4), *other = edge_of(4);

	edge_push(other, edge_claim(e, 0));
}

static void *push(void *arg)
{
	struct edge *e = arg;

	edge_push(e, edge_block(e, 0));
	return NULL;
}

Test(edge, debug_catches_a_push_from_another_thread, .signal = SIGABRT)
{
	struct edge *e = edge_of(4);
	pthread_t thread;

	cr_assert_eq(edge_claim(e, 0), edge_block(e, 0));
	pthread_create(&thread, NULL, push, e);
	pthread_join(thread, NULL);
}
#endif
