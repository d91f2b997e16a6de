/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/rx/control.h"

#include <errno.h>
#include <stdlib.h>

#include "rings/lines.h"

int control_init(struct control_out *c, struct edge *const *edge, unsigned int edges)
{
	*c = (struct control_out){ .lanes = edges };
	if (edges == 0)
		return 0;
	c->lane = lines_alloc(edges * sizeof(*c->lane));
	if (c->lane == NULL)
		return -ENOMEM;
	for (unsigned int i = 0; i < edges; i++)
		c->lane[i].edge = edge[i];
	return 0;
}

void control_fini(struct control_out *c)
{
	free(c->lane);
}

/* Out goes the block in hand, another takes its place. False: none is free. */
static bool rotate(struct control_lane *l)
{
	struct block *next = edge_claim(l->edge, 0);

	if (next == NULL)
		return false;
	if (l->block != NULL)
		edge_push(l->edge, &l->block->hdr);
	l->block = (struct control_block *)next;
	return true;
}

static bool holds(const struct control_lane *l)
{
	return l->block != NULL && l->block->hdr.count > 0;
}

static void next_lane(struct control_out *c)
{
	c->turn = c->turn + 1 < c->lanes ? c->turn + 1 : 0;
}

bool control_put(struct control_out *c, const struct control *item)
{
	for (unsigned int tried = 0; tried < c->lanes; tried++) {
		struct control_lane *l = &c->lane[c->turn];

		if ((l->block != NULL && l->block->hdr.count < BLOCK_ITEMS) || rotate(l)) {
			l->block->control[l->block->hdr.count++] = *item;
			return true;
		}
		next_lane(c);
	}
	return false;
}

unsigned int control_flush(struct control_out *c)
{
	unsigned int pushed = 0;

	for (unsigned int i = 0; i < c->lanes; i++)
		pushed += holds(&c->lane[i]) && rotate(&c->lane[i]);
	if (pushed > 0)
		next_lane(c);
	return pushed;
}

bool control_holds(const struct control_out *c)
{
	for (unsigned int i = 0; i < c->lanes; i++) {
		if (holds(&c->lane[i]))
			return true;
	}
	return false;
}

unsigned int control_end(struct control_out *c)
{
	for (unsigned int i = 0; i < c->lanes; i++) {
		struct control_lane *l = &c->lane[i];

		if (l->block == NULL)
			rotate(l); /* nothing was ever out: one is free */
		/* NOLINTNEXTLINE(clang-analyzer-core.NullDereference): so it is */
		l->block->hdr.flags = BLOCK_END;
		edge_push(l->edge, &l->block->hdr);
		l->block = NULL;
	}
	return c->lanes;
}
