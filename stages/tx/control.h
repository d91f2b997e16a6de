/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tx end of the control edges of one queue: pops what rx asks for and composes the answers, in frames of the
 * queue's memory that no builder has. When and how fast they leave is the business of tx.c.
 */
#ifndef TX_CONTROL_H
#define TX_CONTROL_H

#include <stdbool.h>
#include <stdint.h>

#include "anyscan/block.h"
#include "anyscan/probe.h"
#include "rings/edge.h"
#include "stages/tx/frames.h"

#define CONTROL_FRAMES BLOCK_ITEMS /* of a queue's memory: those that are composed or on the wire */

struct neighbours;

struct control_in {
	const struct probe_module *module;
	const struct probe_template *template; /* of the queue's port */
	const struct neighbours *neighbours; /* of the same, or NULL */
	struct edge **edge; /* of struct control_block */
	unsigned int edges, turn;
	unsigned int ended; /* edges that delivered END */
	struct frames *part; /* of the queue's memory, CONTROL_FRAMES; the caller's */

	struct control_block *block; /* in hand, or NULL: [taken, count) still to be composed */
	unsigned int from, taken; /* the edge it came from */
	unsigned int first, count; /* [first, count) of the next two are composed and not sent */
	uint8_t *frame[BLOCK_ITEMS];
	uint16_t len[BLOCK_ITEMS];
};

/* Composes while there is something to compose, and blank frames. Returns how many answers wait to be sent. */
unsigned int control_compose(struct control_in *);
static inline bool control_waits(const struct control_in *c)
{
	return c->first < c->count;
}

/* The first n of them are on the wire. */
static inline void control_sent(struct control_in *c, unsigned int n)
{
	c->first += n;
}

/* Gives up all that waits, here and on the edges; returns how many answers that were. */
unsigned int control_drop(struct control_in *);

/* Answers that the queue has and has not given back. */
static inline unsigned int control_in_flight(const struct control_in *c)
{
	return CONTROL_FRAMES - c->part->count - (c->count - c->first);
}

/* Nothing waits, and nothing will come. */
static inline bool control_over(const struct control_in *c)
{
	return c->ended == c->edges && c->block == NULL && !control_waits(c);
}

#endif
