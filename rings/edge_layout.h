/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of an edge; private to rings/ and its tests.
 *
 * x86 fetches cache lines in pairs of 128 bytes, so what two threads write must
 * lie 128 bytes apart, not 64. struct ck_ring is {c_head | p_tail, p_head |
 * size, mask}, one line each: placed at 64 modulo 128, its first line pairs
 * with what the same thread owns before it.
 *
 * | pair | first line                 | second line                |
 * |------|----------------------------|----------------------------|
 * | 0    | set-up, read only          | set-up, read only          |
 * | 1    | producer: free stack       | producer: counters         |
 * | 2    | (empty)                    | producer: back.c_head      |
 * | 3    | consumer: back.p_tail      | back.size, read only       |
 * | 4    | consumer: counters         | consumer: forward.c_head   |
 * | 5    | producer: forward.p_tail   | forward.size, read only    |
 */
#ifndef RINGS_EDGE_LAYOUT_H
#define RINGS_EDGE_LAYOUT_H

#include <pthread.h>

#include "rings/edge.h"
#include "rings/lines.h"
#include "rings/pages.h"

enum edge_state {
	EDGE_EMPTY,
	EDGE_CLAIMED,
	EDGE_FULL,
	EDGE_POPPED
};

/* One per block in debug builds; written only by the thread that holds the block. */
struct edge_custody {
	uint8_t state; /* enum edge_state */
	pthread_t holder; /* who claimed or popped it */
};

struct edge {
	char *name;
	unsigned int blocks;
	size_t block_size;
	struct pages pages; /* the memory of the pool */
	uint8_t *pool; /* block i lies at pool + i * block_size */
	ck_ring_buffer_t *forward_slots, *back_slots;
	void *slots; /* the allocation that holds both, and the free stack */
	struct edge_custody *custody; /* NULL but in debug builds */
	struct waker *producer, *consumer;
	struct notices *push_later, *recycle_later;

	struct block **free __attribute__((aligned(LINES_PAIR)));
	unsigned int nfree;
	struct edge_counters produced;

	uint8_t gap[CACHE_LINE] __attribute__((aligned(LINES_PAIR)));
	struct ck_ring back;

	struct edge_counters consumed __attribute__((aligned(LINES_PAIR)));
	struct ck_ring forward;
} __attribute__((aligned(LINES_PAIR)));

static_assert(sizeof(struct ck_ring) > 2 * CACHE_LINE, "a ck_ring is three lines");
static_assert(offsetof(struct ck_ring, p_tail) == CACHE_LINE, "the heads of a ck_ring lie a line apart");
static_assert(sizeof(struct edge_counters) == CACHE_LINE, "counters are one line");
static_assert(sizeof(struct edge) % LINES_PAIR == 0, "two edges side by side share no pair");
static_assert(offsetof(struct edge, free) == LINES_PAIR, "pair 1 is the producer's");
static_assert(offsetof(struct edge, produced) == LINES_PAIR + CACHE_LINE, "pair 1 is the producer's");
static_assert(offsetof(struct edge, back) == 2 * LINES_PAIR + CACHE_LINE, "back.c_head is the producer's");
static_assert(offsetof(struct edge, consumed) == 4 * LINES_PAIR, "pair 4 is the consumer's");
static_assert(offsetof(struct edge, forward) == 4 * LINES_PAIR + CACHE_LINE,
	      "forward.c_head is the consumer's");

#endif
