/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The blank frames of one part of a tx queue's memory: those that are neither in a block nor on the wire.
 * A stack, so that the frame that left last, still in cache, is composed next.
 */
#ifndef TX_FRAMES_H
#define TX_FRAMES_H

#include <stdbool.h>
#include <stdint.h>

#include "anyscan/block.h"
#include "rings/edge.h"

struct frames {
	uint8_t *first, *end; /* the part's memory: [first, end) */
	uint8_t **blank;
	unsigned int count, room;
};

/* Set-up: n frames from `first` on, all blank and here. 0 or -ENOMEM. */
int frames_init(struct frames *, uint8_t *first, unsigned int n, size_t stride);
/* Set-up: fills every block of the edge, the rest stays here. */
void frames_deal(struct frames *, struct edge *);
void frames_fini(struct frames *);

static inline bool frames_own(const struct frames *f, const uint8_t *frame)
{
	return frame >= f->first && frame < f->end;
}

static inline void frames_put(struct frames *f, uint8_t *frame)
{
	f->blank[f->count++] = frame;
}

/* Replaces the first `count` frames of the block, which are on the wire. False: not enough are blank yet. */
bool frames_refill(struct frames *, struct frame_block *);

#endif
