/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Both rings have more slots than the pool has blocks (ck_ring leaves one slot
 * empty), so an enqueue cannot fail while each block is in one place only.
 *
 * Free blocks come back in the order the consumer let go of them and are
 * reused last in, first out: the hottest first. The producer looks at the back
 * ring only when its own stack does not do, so that the cache line of the
 * consumer's index crosses the cores once per refill and not once per block.
 */
#include "rings/edge.h"

#include <ck_pr.h>
#include <stdlib.h>
#include <string.h>

#include "rings/edge_layout.h"
#include "rings/lines.h"
#include "rings/tsan.h"

static size_t round_up(size_t n, size_t unit)
{
	return (n + unit - 1) / unit * unit;
}

static unsigned int ring_size(unsigned int blocks)
{
	unsigned int size = 4; /* ck_ring's smallest */

	while (size <= blocks)
		size *= 2;
	return size;
}

#ifdef ANYSCAN_DEBUG
static void edge_move(struct edge *e, struct block *b, enum edge_state from, enum edge_state to)
{
	size_t offset = (size_t)((uint8_t *)b - e->pool);
	struct edge_custody *c = &e->custody[offset / e->block_size];

	assert((uint8_t *)b >= e->pool && offset < e->blocks * e->block_size && "a block of another edge");
	assert(offset % e->block_size == 0 && "not the start of a block");
	assert(c->state == from && "not in the state that this call takes a block from");
	if (from == EDGE_CLAIMED || from == EDGE_POPPED)
		assert(pthread_equal(c->holder, pthread_self()) &&
		       "given away by a thread that did not take it");
	c->state = to;
	c->holder = pthread_self();
}
#else
static inline void edge_move(struct edge *e, struct block *b, enum edge_state from, enum edge_state to)
{
	(void)e, (void)b, (void)from, (void)to;
}
#endif

/* Three arrays in one allocation, a pair of lines between them and around them. */
static int slots_alloc(struct edge *e)
{
	size_t ring = round_up(ring_size(e->blocks) * sizeof(ck_ring_buffer_t), LINES_PAIR) + LINES_PAIR;
	size_t size = LINES_PAIR + 2 * ring + round_up(e->blocks * sizeof(*e->free), LINES_PAIR) + LINES_PAIR;
	uint8_t *at = lines_alloc(size);

	if (at == NULL)
		return -1;
	e->slots = at;
	e->forward_slots = (void *)(at + LINES_PAIR);
	e->back_slots = (void *)(at + LINES_PAIR + ring);
	e->free = (void *)(at + LINES_PAIR + 2 * ring);
	return 0;
}

struct edge *edge_create(const struct edge_options *o)
{
	struct edge *e;

	if (o->name == NULL || o->blocks < 2 || o->blocks > EDGE_BLOCKS_MAX ||
	    o->block_size < sizeof(struct block) || o->block_size % CACHE_LINE != 0 ||
	    o->block_size > SIZE_MAX / 2 / EDGE_BLOCKS_MAX)
		return NULL;

	e = lines_alloc(sizeof(*e));
	if (e == NULL)
		return NULL;
	e->blocks = o->blocks;
	e->block_size = o->block_size;
	e->producer = o->producer;
	e->consumer = o->consumer;
	e->push_later = o->push_later;
	e->recycle_later = o->recycle_later;
	ck_ring_init(&e->forward, ring_size(o->blocks));
	ck_ring_init(&e->back, ring_size(o->blocks));

	e->name = strdup(o->name);
	/* an edge of 1024 reply blocks would else take 2000 TLB entries */
	if (e->name == NULL || pages_get(&e->pages, o->blocks * o->block_size) != 0 || slots_alloc(e) < 0)
		goto fail;
	e->pool = e->pages.at;
#ifdef ANYSCAN_DEBUG
	e->custody = calloc(o->blocks, sizeof(*e->custody)); /* 0 is EDGE_EMPTY */
	if (e->custody == NULL)
		goto fail;
#endif
	/* Block 0 on top: a lightly used edge keeps to the first pages of its pool. */
	for (unsigned int i = o->blocks; i-- > 0;)
		e->free[e->nfree++] = edge_block(e, i);
	return e;

fail:
	edge_destroy(e);
	return NULL;
}

void edge_destroy(struct edge *e)
{
	if (e == NULL)
		return;
	free(e->custody);
	free(e->slots);
	pages_put(&e->pages);
	free(e->name);
	free(e);
}

struct block *edge_block(struct edge *e, unsigned int i)
{
	return (struct block *)(e->pool + i * e->block_size);
}

unsigned int edge_blocks(const struct edge *e)
{
	return e->blocks;
}

const char *edge_name(const struct edge *e)
{
	return e->name;
}

static void edge_refill(struct edge *e)
{
	struct block *b;

	while (ck_ring_dequeue_spsc(&e->back, e->back_slots, &b)) {
		tsan_acquire(b);
		e->free[e->nfree++] = b;
	}
}

struct block *edge_claim(struct edge *e, unsigned int window)
{
	struct block *b;

	if (window == 0 || window > e->blocks)
		window = e->blocks;
	/* Out are all but those on our stack; those on the back ring count until we fetch them. */
	if (e->blocks - e->nfree >= window) {
		edge_refill(e);
		if (e->blocks - e->nfree >= window) {
			counter_add(&e->produced.stalls, 1);
			return NULL;
		}
	}
	b = e->free[--e->nfree];
	edge_move(e, b, EDGE_EMPTY, EDGE_CLAIMED);
	*b = (struct block){ 0 };
	return b;
}

void edge_push(struct edge *e, struct block *b)
{
	bool pushed;

	edge_move(e, b, EDGE_CLAIMED, EDGE_FULL);
	counter_add(&e->produced.blocks, 1);
	counter_add(&e->produced.items, b->count);
	tsan_release(b);
	pushed = ck_ring_enqueue_spsc(&e->forward, e->forward_slots, b);
	assert(pushed); /* else a block was pushed twice */
	(void)pushed;
	if (e->consumer != NULL)
		notices_add(e->push_later, e->consumer);
}

struct block *edge_pop(struct edge *e)
{
	struct block *b;

	if (!ck_ring_dequeue_spsc(&e->forward, e->forward_slots, &b)) {
		counter_add(&e->consumed.stalls, 1);
		return NULL;
	}
	tsan_acquire(b);
	edge_move(e, b, EDGE_FULL, EDGE_POPPED);
	counter_add(&e->consumed.blocks, 1);
	counter_add(&e->consumed.items, b->count);
	return b;
}

void edge_recycle(struct edge *e, struct block *b)
{
	bool recycled;

	edge_move(e, b, EDGE_POPPED, EDGE_EMPTY);
	tsan_release(b);
	/*
	 * Our loads from the block, and from the slot it came in, before the
	 * producer may write either again: ck_ring up to 0.7.1 orders stores
	 * only. Free on x86; on arm64 this fence is what makes both rings safe.
	 */
	ck_pr_fence_release();
	recycled = ck_ring_enqueue_spsc(&e->back, e->back_slots, b);
	assert(recycled); /* else a block was recycled twice */
	(void)recycled;
	if (e->producer != NULL)
		notices_add(e->recycle_later, e->producer);
}

const struct edge_counters *edge_produced(const struct edge *e)
{
	return &e->produced;
}

const struct edge_counters *edge_consumed(const struct edge *e)
{
	return &e->consumed;
}

/* Marks a block as seen; false when it is none of ours or was seen before. */
static bool edge_see(const struct edge *e, const void *block, uint8_t seen[])
{
	size_t offset = (size_t)((const uint8_t *)block - e->pool);

	if ((const uint8_t *)block < e->pool || offset >= e->blocks * e->block_size ||
	    offset % e->block_size != 0)
		return false;
	return seen[offset / e->block_size]++ == 0;
}

static bool edge_see_ring(const struct edge *e, const struct ck_ring *r, const ck_ring_buffer_t *slots,
			  uint8_t seen[])
{
	for (unsigned int i = r->c_head; i != r->p_tail; i++)
		if (!edge_see(e, slots[i & r->mask].value, seen))
			return false;
	return true;
}

bool edge_conserved(const struct edge *e, unsigned int in_hands)
{
	uint8_t seen[EDGE_BLOCKS_MAX] = { 0 };

	if (e->nfree > e->blocks)
		return false;
	for (unsigned int i = 0; i < e->nfree; i++)
		if (!edge_see(e, e->free[i], seen))
			return false;
	if (!edge_see_ring(e, &e->forward, e->forward_slots, seen) ||
	    !edge_see_ring(e, &e->back, e->back_slots, seen))
		return false;
	return e->nfree + ck_ring_size(&e->forward) + ck_ring_size(&e->back) + in_hands == e->blocks;
}
