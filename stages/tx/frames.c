/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/tx/frames.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rings/lines.h"

int frames_init(struct frames *f, uint8_t *first, unsigned int n, size_t stride)
{
	f->first = first;
	f->end = first + n * stride;
	f->count = 0;
	f->room = n;
	f->blank = lines_alloc(n * sizeof(*f->blank));
	if (f->blank == NULL)
		return -ENOMEM;
	/* Last first: the stack then hands them out in memory order. */
	for (unsigned int i = n; i-- > 0;)
		frames_put(f, first + i * stride);
	return 0;
}

void frames_deal(struct frames *f, struct edge *e)
{
	for (unsigned int b = 0; b < edge_blocks(e); b++) {
		struct frame_block *block = (struct frame_block *)edge_block(e, b);

		for (block->frames = 0; block->frames < BLOCK_ITEMS && f->count > 0; block->frames++)
			block->frame[block->frames] = f->blank[--f->count];
	}
}

void frames_fini(struct frames *f)
{
	free(f->blank);
	f->blank = NULL;
}

bool frames_refill(struct frames *f, struct frame_block *b)
{
	const unsigned int n = b->hdr.count;
	uint8_t *const *blank;

	if (f->count < n)
		return false;
	f->count -= n;
	blank = &f->blank[f->count];
	/* what leaves at once comes back as it was: then the builder's core keeps its copy of these lines */
	if (memcmp(b->frame, blank, n * sizeof(b->frame[0])) != 0)
		memcpy(b->frame, blank, n * sizeof(b->frame[0]));
	return true;
}
