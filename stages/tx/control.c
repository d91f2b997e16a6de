/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/tx/control.h"

#include <string.h>

#include "io/netlink/neighbours.h"

static void recycle(struct control_in *c)
{
	c->ended += (c->block->hdr.flags & BLOCK_END) != 0;
	edge_recycle(c->edge[c->from], &c->block->hdr);
	c->block = NULL;
}

/* False: no edge has an answer. An END that carries none goes back at once. */
static bool next_control(struct control_in *c)
{
	for (unsigned int empty = 0; c->block == NULL && empty < c->edges;) {
		c->from = c->turn;
		c->turn = c->turn + 1 < c->edges ? c->turn + 1 : 0;
		c->block = (struct control_block *)edge_pop(c->edge[c->from]);
		c->taken = 0;
		if (c->block == NULL)
			empty++;
		else if (c->block->hdr.count == 0)
			recycle(c);
	}
	return c->block != NULL;
}

/* The way of the probe: to the target itself on the link, else to the template's gateway. */
static void compose(struct control_in *c, const struct control *item)
{
	uint8_t *frame = c->part->blank[--c->part->count], mac[6];

	c->len[c->count] = c->module->answer(c->template, item, frame);
	if (c->neighbours != NULL && neighbours_find(c->neighbours, item->daddr, mac) == NEIGHBOUR_FOUND)
		memcpy(frame, mac, sizeof(mac)); /* the destination leads an Ethernet header */
	c->frame[c->count++] = frame;
}

unsigned int control_compose(struct control_in *c)
{
	if (c->first == c->count)
		c->first = c->count = 0;
	while (c->count < BLOCK_ITEMS && c->part->count > 0 && (c->block != NULL || next_control(c))) {
		compose(c, &c->block->control[c->taken++]);
		if (c->taken == c->block->hdr.count)
			recycle(c);
	}
	return c->count - c->first;
}

unsigned int control_drop(struct control_in *c)
{
	unsigned int dropped = c->count - c->first;

	while (c->first < c->count)
		frames_put(c->part, c->frame[c->first++]);
	while (c->block != NULL || next_control(c)) {
		dropped += c->block->hdr.count - c->taken;
		recycle(c);
	}
	return dropped;
}
