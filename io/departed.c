/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Frames lie one or two cache-line pairs apart, not IO_FRAME_STRIDE: at 2048
 * bytes every frame would fall into the same two sets of a 32 KiB L1.
 */
#include "io/departed.h"

#include <errno.h>
#include <stdlib.h>

#include "rings/lines.h"

#define DEPARTED_DEPTH 256 /* frames beyond those that blocks hold: two blocks in the hands of tx */
#define DEPARTED_STRIDE_MIN 128

int departed_init(struct departed *d, struct io_port *port, unsigned int index,
		  const struct io_port_options *options, struct error *error)
{
	const size_t stride =
		(options->frame_len + DEPARTED_STRIDE_MIN - 1) / DEPARTED_STRIDE_MIN * DEPARTED_STRIDE_MIN;

	d->txq.port = port;
	d->txq.index = index;
	d->txq.stride = stride > DEPARTED_STRIDE_MIN ? stride : DEPARTED_STRIDE_MIN;
	d->txq.depth = DEPARTED_DEPTH;
	d->txq.nframes = options->frames + DEPARTED_DEPTH;
	d->frame = lines_alloc(d->txq.nframes * sizeof(*d->frame));
	d->count = 0;
	if (pages_get(&d->pages, d->txq.nframes * d->txq.stride) != 0 || d->frame == NULL) {
		departed_fini(d);
		return error_set(error, -ENOMEM, "out of memory for %u frames of queue %u", d->txq.nframes,
				 index);
	}
	d->txq.frames = d->pages.at;
	d->txq.memory = pages_kind_names[d->pages.kind];
	return 0;
}

void departed_fini(struct departed *d)
{
	free(d->frame);
	pages_put(&d->pages);
	d->frame = NULL;
	d->txq.frames = NULL;
}

unsigned int departed_reclaim(struct io_txq *txq, uint8_t *frame[], unsigned int n)
{
	struct departed *d = (struct departed *)txq;

	if (n > d->count)
		n = d->count;
	d->count -= n;
	memcpy(frame, d->frame + d->count, n * sizeof(*frame));
	return n;
}

/* Everything that was submitted is reclaimable already. */
unsigned int departed_flush(struct io_txq *txq)
{
	(void)txq;
	return 0;
}
