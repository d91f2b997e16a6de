/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An edge joins one producer stage to one consumer stage: a forward ring of
 * full blocks, a return ring of empty ones (both ck_ring SPSC), and a fixed
 * pool of blocks. Nothing is allocated, freed or lost while it runs:
 *
 *     forward + back + producer's hands + consumer's hands = pool
 *
 * | call            | thread   | from state         | to state         |
 * |-----------------|----------|--------------------|------------------|
 * | edge_claim      | producer | empty, on the edge | in P's hands     |
 * | edge_push       | producer | in P's hands       | full, forward    |
 * | edge_pop        | consumer | full, forward      | in C's hands     |
 * | edge_recycle    | consumer | in C's hands       | empty, back      |
 *
 * Everything else is forbidden: pushing a block twice, recycling what was not
 * popped, claiming on one thread and pushing on another. Debug builds check.
 *
 * A claim that finds no block, or more than `window` blocks out, is a stall of
 * the producer (back-pressure); a pop that finds none is a starve of the
 * consumer. The two counters name the bottleneck without a profiler.
 */
#ifndef RINGS_EDGE_H
#define RINGS_EDGE_H

#include <ck_ring.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/block.h"
#include "anyscan/counters.h"
#include "rings/notices.h"
#include "rings/waker.h"

#define EDGE_BLOCKS_MAX 1024

struct edge_counters {
	counter blocks, items;
	counter stalls; /* producer side: stalls; consumer side: starves */
} __attribute__((aligned(CACHE_LINE)));

struct edge;

struct edge_options {
	const char *name; /* "gen0>build0", for counters */
	unsigned int blocks; /* pool size, 2..EDGE_BLOCKS_MAX */
	size_t block_size; /* sizeof(struct target_block), ...; a multiple of CACHE_LINE */
	struct waker *producer, *consumer; /* notified by recycle and push; NULL: same thread, or it polls */
	/* where the notifying thread keeps them until it has nothing else to do; NULL: at once */
	struct notices *push_later, *recycle_later;
};

/* Set-up thread. All blocks start empty, zeroed, on the producer's side. NULL: out of memory or bad options. */
struct edge *edge_create(const struct edge_options *);
void edge_destroy(struct edge *);

/* Set-up thread, before the threads start: block i of the pool, to give it its frames. */
struct block *edge_block(struct edge *, unsigned int i);
unsigned int edge_blocks(const struct edge *);
const char *edge_name(const struct edge *);

/*
 * Producer: an empty block, its header blank, or NULL: stalled. At most
 * `window` blocks are out at once (0 = all of the pool).
 */
struct block *edge_claim(struct edge *, unsigned int window);
void edge_push(struct edge *, struct block *);

/* Consumer: a full block, or NULL: starved. */
struct block *edge_pop(struct edge *);
void edge_recycle(struct edge *, struct block *);

/* Any thread. */
const struct edge_counters *edge_produced(const struct edge *);
const struct edge_counters *edge_consumed(const struct edge *);

/*
 * While both ends are quiet: true when every block of the pool is in exactly
 * one place and `in_hands` of them are on neither ring nor free list.
 */
bool edge_conserved(const struct edge *, unsigned int in_hands);

#endif
