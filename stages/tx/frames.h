/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The blank frames of one part of a tx queue's memory: those that are neither in a block nor on the wire.
 * A stack, so that the frame that left last, still in cache, is composed next.
 */
#ifndef TX_FRAMES_H
#define TX_FRAMES_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

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

/* How many frames, from the first on, belong to this part. */
static inline unsigned int frames_owned(const struct frames *f, uint8_t *const frame[], unsigned int n)
{
	const uintptr_t first = (uintptr_t)f->first, bytes = (uintptr_t)f->end - first;
	unsigned int owned = 0;

	while (owned < n && (uintptr_t)frame[owned] - first < bytes)
		owned++;
	return owned;
}

static inline void frames_put(struct frames *f, uint8_t *frame)
{
	f->blank[f->count++] = frame;
}

static inline void frames_put_all(struct frames *f, uint8_t *const frame[], unsigned int n)
{
	memcpy(f->blank + f->count, frame, n * sizeof(*frame));
	f->count += n;
}

/* Replaces the first `count` frames of the block, which are on the wire. False: not enough are blank yet. */
bool frames_refill(struct frames *, struct frame_block *);

#endif
