/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/tx/tx_queue.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rings/lines.h"

/* The last part of the memory is that of the answers. */
static int control_init(struct tx_queue *q, const struct probe_module *module,
			const struct tx_queue_options *o)
{
	struct frames *part = &q->part[o->ins];
	struct control_in *c = lines_alloc(sizeof(*c));

	q->control = c;
	if (c == NULL)
		return -ENOMEM;
	*c = (struct control_in){ .module = module,
				  .template = o->template,
				  .neighbours = o->neighbours,
				  .edge = calloc(o->controls, sizeof(*c->edge)),
				  .edges = o->controls,
				  .part = part };
	if (c->edge == NULL)
		return -ENOMEM;
	memcpy(c->edge, o->control, o->controls * sizeof(*c->edge));
	q->parts++;
	return frames_init(part, o->queue->frames + (o->queue->nframes - CONTROL_FRAMES) * o->queue->stride,
			   CONTROL_FRAMES, o->queue->stride);
}

int tx_queue_init(struct tx_queue *q, const struct probe_module *module, const struct tx_queue_options *o)
{
	const unsigned int reserve = o->controls > 0 ? CONTROL_FRAMES : 0;
	const unsigned int share = (o->queue->nframes - reserve) / o->ins;

	q->io = o->queue;
	q->ins = q->parts = o->ins;
	q->in = calloc(o->ins, sizeof(*q->in));
	q->part = lines_alloc((o->ins + 1) * sizeof(*q->part));
	if (q->in == NULL || q->part == NULL)
		return -ENOMEM;
	for (unsigned int e = 0; e < o->ins; e++) {
		uint8_t *first = o->queue->frames + (size_t)e * share * o->queue->stride;

		q->in[e] = o->in[e];
		if (frames_init(&q->part[e], first, share, o->queue->stride) < 0)
			return -ENOMEM;
		frames_deal(&q->part[e], o->in[e]);
	}
	return o->controls > 0 ? control_init(q, module, o) : 0;
}

void tx_queue_fini(struct tx_queue *q)
{
	for (unsigned int p = 0; q->part != NULL && p < q->parts; p++)
		frames_fini(&q->part[p]);
	if (q->control != NULL)
		free(q->control->edge);
	free(q->control);
	free(q->part);
	free(q->in);
}

void tx_queue_reclaim(struct tx_queue *q)
{
	const struct io_ops *ops = q->io->port->ops;
	uint8_t *frame[BLOCK_ITEMS];
	unsigned int n;

	do {
		n = ops->tx_reclaim(q->io, frame, BLOCK_ITEMS);
		/* by runs of one part, mostly a whole block: 0.6 ns a frame less than one by one */
		for (unsigned int i = 0, p = 0; i < n; p = p + 1 < q->parts ? p + 1 : 0) {
			const unsigned int run = q->parts == 1 ? n :
								 frames_owned(&q->part[p], frame + i, n - i);

			frames_put_all(&q->part[p], frame + i, run);
			i += run;
		}
	} while (n == BLOCK_ITEMS);
}

bool tx_queue_next(struct tx_queue *q)
{
	for (unsigned int i = 0; i < q->ins; i++) {
		unsigned int e = q->turn;

		q->turn = q->turn + 1 < q->ins ? q->turn + 1 : 0;
		q->block = (struct frame_block *)edge_pop(q->in[e]);
		if (q->block == NULL)
			continue;
		q->from = e;
		q->sent = 0;
		q->screened = 0;
		q->ended += (q->block->hdr.flags & BLOCK_END) != 0;
		return true;
	}
	return false;
}
