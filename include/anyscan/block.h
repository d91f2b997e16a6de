/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Blocks: what moves between stages. One pointer to a block of up to
 * BLOCK_ITEMS items crosses a ring, never an item (one item per slot costs
 * 9-17 ns a hop, a block of 128 about 1.4 ns per item).
 *
 * Every block starts with struct block, so that rings/edge.h can move any of
 * them. Arrays are structures of arrays, aligned to cache lines.
 *
 * Ownership: a block belongs to the edge it was claimed from. Between claim
 * and push only the producer may touch it; between pop and recycle only the
 * consumer.
 */
#ifndef ANYSCAN_BLOCK_H
#define ANYSCAN_BLOCK_H

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/reply.h"

#define CACHE_LINE 64
#define BLOCK_ITEMS 128

enum block_flag {
	BLOCK_END = 1, /* the producer pushes nothing after this block; it may be empty */
};

struct chunk;

struct block {
	uint32_t count; /* items in use, 0..BLOCK_ITEMS */
	uint32_t flags; /* enum block_flag */
	struct chunk *chunk; /* ledger account of these probes; NULL on the receive side */
} __attribute__((aligned(CACHE_LINE)));

static_assert(sizeof(struct block) == CACHE_LINE, "the header is one cache line");

/* gen -> build. Host byte order: the frame is where network order begins. */
struct target_block {
	struct block hdr;
	uint32_t probe; /* 0-based number of the probe of these targets (-P) */
	uint32_t daddr[BLOCK_ITEMS] __attribute__((aligned(CACHE_LINE)));
	uint16_t dport[BLOCK_ITEMS] __attribute__((aligned(CACHE_LINE)));
} __attribute__((aligned(CACHE_LINE)));

/*
 * build -> tx, and back with blank frames. frame[0..frames) are owned by the
 * block while it is in the hands of build; build composes into the first ones,
 * sets hdr.count (<= frames) and len[], and pushes. tx hands frame[0..count)
 * to the wire and puts blank frames in their places before it recycles.
 */
struct frame_block {
	struct block hdr;
	uint32_t frames; /* blank or composed frames held, 0..BLOCK_ITEMS */
	uint8_t *frame[BLOCK_ITEMS] __attribute__((aligned(CACHE_LINE)));
	uint16_t len[BLOCK_ITEMS] __attribute__((aligned(CACHE_LINE)));
} __attribute__((aligned(CACHE_LINE)));

/* rx -> classify: validated replies, by value, so that RX frames go back at once. */
struct reply_block {
	struct block hdr;
	struct reply reply[BLOCK_ITEMS];
} __attribute__((aligned(CACHE_LINE)));

enum control_kind {
	CONTROL_RST, /* a SYN-ACK that nobody waits for: RFC 9293 3.10.7.1 */
};

/* What a reply asks of the sending side. Host order. */
struct control {
	uint32_t daddr; /* the target */
	uint32_t seq; /* of what is sent */
	uint16_t dport, sport; /* the target's, ours */
	uint8_t kind; /* enum control_kind */
};

/* rx -> tx of the same port: what must be answered. rx never waits for it; what finds no room is dropped and counted. */
struct control_block {
	struct block hdr;
	struct control control[BLOCK_ITEMS];
} __attribute__((aligned(CACHE_LINE)));

static_assert(sizeof(struct control) == 16, "four to a cache line");
static_assert(offsetof(struct target_block, daddr) == 2 * CACHE_LINE, "vectors of addresses start on a line");
static_assert(offsetof(struct target_block, dport) == 2 * CACHE_LINE + BLOCK_ITEMS * 4, "no gap");
static_assert(offsetof(struct frame_block, frame) == 2 * CACHE_LINE, "pointers start on a line");
static_assert(offsetof(struct frame_block, len) == 2 * CACHE_LINE + BLOCK_ITEMS * sizeof(uint8_t *),
	      "no gap");
static_assert(offsetof(struct target_block, hdr) == 0, "edges move struct block");
static_assert(offsetof(struct frame_block, hdr) == 0, "edges move struct block");
static_assert(offsetof(struct reply_block, hdr) == 0, "edges move struct block");
static_assert(offsetof(struct control_block, hdr) == 0, "edges move struct block");

#endif
