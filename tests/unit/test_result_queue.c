/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "stages/classify/result_queue.h"

#define BLOCKS 20

static struct result_queue *make(struct waker *sink)
{
	struct result_queue *q;

	cr_assert_eq(waker_init(sink, false), 0);
	q = result_queue_create(BLOCKS * sizeof(struct record_block), sink);
	cr_assert_not_null(q);
	return q;
}

Test(result_queue, order_is_kept_and_memory_follows_the_load)
{
	struct waker sink;
	struct result_queue *q = make(&sink);

	for (uint32_t round = 0; round < 1000; round++) {
		struct record_block *b = result_queue_claim(q);

		b->count = 1;
		b->record[0].reply.saddr = round;
		result_queue_push(q, b);
		if (round % 3 != 2)
			continue;
		for (uint32_t k = round - 2; k <= round; k++) {
			b = result_queue_pop(q);
			cr_assert_eq(b->record[0].reply.saddr, k);
			result_queue_recycle(q, b);
		}
		cr_assert_eq(result_queue_bytes(q), 0);
	}
	cr_assert_not_null(result_queue_pop(q), "round 999 is still there");
	cr_assert_null(result_queue_pop(q));
	result_queue_destroy(q);
	waker_fini(&sink);
}

/* history 13 */
Test(result_queue, pressed_at_a_quarter_released_at_a_tenth_refused_when_full)
{
	struct waker sink;
	struct result_queue *q = make(&sink);
	int pushed = 0;
	struct record_block *b;

	while ((b = result_queue_claim(q)) != NULL) {
		cr_assert_eq(result_queue_pressed(q), pushed > BLOCKS / 4, "after %d of %d", pushed, BLOCKS);
		result_queue_push(q, b);
		pushed++;
	}
	cr_assert_eq(pushed, BLOCKS, "in flight still finds room up to the limit");
	result_queue_lose(q, 5);
	cr_assert_eq(result_queue_lost(q), 5);
	for (int left = pushed; left > 0; left--) {
		cr_assert_eq(result_queue_pressed(q), left >= BLOCKS / 10, "with %d of %d left", left,
			     BLOCKS);
		result_queue_recycle(q, result_queue_pop(q));
	}
	cr_assert_not(result_queue_pressed(q));
	cr_assert_not_null(b = result_queue_claim(q), "usable again");
	result_queue_push(q, b);
	result_queue_destroy(q);
	waker_fini(&sink);
}
