/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/classify/result_queue.h"

#include <ck_ring.h>
#include <stdlib.h>

#include "anyscan/block.h"
#include "anyscan/counters.h"
#include "rings/lines.h"
#include "rings/tsan.h"

#define SPARES 64 /* blocks that go back and forth instead of through the allocator */

struct spsc {
	ck_ring_t ring __attribute__((aligned(2 * CACHE_LINE)));
	ck_ring_buffer_t *slot;
};

struct result_queue {
	struct spsc full; /* holds every block that the limit allows */
	struct spsc spare;
	size_t limit;
	struct waker *consumer;
	uint64_t bytes __attribute__((
		aligned(2 * CACHE_LINE))); /* in blocks pushed and not recycled; both ends add */
	bool pressed;
	counter lost; /* the producer's */
};

static int spsc_init(struct spsc *s, size_t blocks)
{
	unsigned int size = 4;

	while (size <= blocks) /* one slot of a ck_ring stays empty */
		size *= 2;
	s->slot = lines_alloc(size * sizeof(*s->slot));
	if (s->slot == NULL)
		return -1;
	ck_ring_init(&s->ring, size);
	return 0;
}

static bool spsc_put(struct spsc *s, void *block)
{
	tsan_release(&s->ring);
	return ck_ring_enqueue_spsc(&s->ring, s->slot, block);
}

static void *spsc_take(struct spsc *s)
{
	void *block;

	if (!ck_ring_dequeue_spsc(&s->ring, s->slot, &block))
		return NULL;
	tsan_acquire(&s->ring);
	return block;
}

struct result_queue *result_queue_create(size_t limit, struct waker *consumer)
{
	struct result_queue *q = lines_alloc(sizeof(*q));

	if (q == NULL)
		return NULL;
	*q = (struct result_queue){ .limit = limit, .consumer = consumer };
	if (spsc_init(&q->full, limit / sizeof(struct record_block) + 2) < 0 ||
	    spsc_init(&q->spare, SPARES) < 0) {
		result_queue_destroy(q);
		return NULL;
	}
	return q;
}

void result_queue_destroy(struct result_queue *q)
{
	void *block;

	if (q == NULL)
		return;
	while (q->full.slot != NULL && (block = spsc_take(&q->full)) != NULL)
		free(block);
	while (q->spare.slot != NULL && (block = spsc_take(&q->spare)) != NULL)
		free(block);
	free(q->full.slot);
	free(q->spare.slot);
	free(q);
}

struct record_block *result_queue_claim(struct result_queue *q)
{
	struct record_block *b;

	if (__atomic_load_n(&q->bytes, __ATOMIC_RELAXED) + sizeof(*b) > q->limit)
		return NULL;
	b = spsc_take(&q->spare);
	if (b == NULL)
		b = aligned_alloc(CACHE_LINE, sizeof(*b));
	if (b != NULL)
		b->count = b->flags = 0;
	return b;
}

void result_queue_push(struct result_queue *q, struct record_block *b)
{
	size_t bytes = __atomic_add_fetch(&q->bytes, sizeof(*b), __ATOMIC_RELAXED);

	if (bytes > q->limit / 4)
		__atomic_store_n(&q->pressed, true, __ATOMIC_RELAXED);
	spsc_put(&q->full, b); /* cannot fail: claim keeps within the limit that sized the ring */
	waker_notify(q->consumer);
}

void result_queue_lose(struct result_queue *q, uint64_t records)
{
	counter_add(&q->lost, records);
}

struct record_block *result_queue_pop(struct result_queue *q)
{
	return spsc_take(&q->full);
}

void result_queue_recycle(struct result_queue *q, struct record_block *b)
{
	size_t bytes;

	if (!spsc_put(&q->spare, b))
		free(b);
	bytes = __atomic_sub_fetch(&q->bytes, sizeof(*b), __ATOMIC_RELAXED);
	if (bytes < q->limit / 10)
		__atomic_store_n(&q->pressed, false, __ATOMIC_RELAXED);
}

bool result_queue_pressed(const struct result_queue *q)
{
	return __atomic_load_n(&q->pressed, __ATOMIC_RELAXED);
}

uint64_t result_queue_lost(const struct result_queue *q)
{
	return counter_read(&q->lost);
}

size_t result_queue_bytes(const struct result_queue *q)
{
	return __atomic_load_n(&q->bytes, __ATOMIC_RELAXED);
}
