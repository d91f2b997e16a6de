/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tx queue whose frames have left by the time submit returns: the engines
 * without a device (null, sim, pcap, dryrun) copy or drop what they are given.
 * It owns the frame memory, and a stack of the frames that tx_reclaim() gives
 * back: last in, first out, while they are still in the cache.
 *
 * Set-up thread: departed_init, departed_fini. The rest: the queue's tx thread.
 */
#ifndef IO_DEPARTED_H
#define IO_DEPARTED_H

#include <string.h>

#include "anyscan/block.h"
#include "anyscan/io.h"
#include "rings/lines.h"
#include "rings/pages.h"

struct departed { /* the first member of the engine's queue */
	struct io_txq txq;
	struct pages pages; /* the memory of the frames */
	uint8_t **frame;
	unsigned int count; /* frames on the stack, <= txq.nframes */
	uint8_t apart
		[LINES_APART]; /* engines keep their queues in arrays, and another thread's begins here */
};

/* Frames and stack for `options`. 0 or -ENOMEM; fills *error. */
int departed_init(struct departed *, struct io_port *, unsigned int index, const struct io_port_options *,
		  struct error *error);
void departed_fini(struct departed *);

/* How many of n frames the stack has room for; always n while callers submit only frames of the queue. */
static inline unsigned int departed_room(const struct departed *d, unsigned int n)
{
	const unsigned int room = d->txq.nframes - d->count;
	return n < room ? n : room;
}

static inline void departed_push(struct departed *d, uint8_t *const frame[], unsigned int n)
{
	memcpy(d->frame + d->count, frame, n * sizeof(*frame));
	d->count += n;
}

/* io_ops.tx_reclaim and io_ops.tx_flush of these engines. */
unsigned int departed_reclaim(struct io_txq *, uint8_t *frame[], unsigned int n);
unsigned int departed_flush(struct io_txq *);

#endif
