/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The rx end of the control edges of one rx queue: what its replies ask of the tx queues of the same port, one of them
 * after another. rx thread only.
 *
 * rx never waits here. Of every edge it keeps one block in its hands from the first one on and lets go of it only
 * when another is free: so there is always a place for the END, and while tx is slow blocks fill before answers are
 * dropped.
 */
#ifndef RX_CONTROL_H
#define RX_CONTROL_H

#include <stdbool.h>

#include "anyscan/block.h"
#include "rings/edge.h"

struct control_lane {
	struct edge *edge; /* of struct control_block */
	struct control_block *block; /* in hand; NULL: the whole pool is at home */
};

struct control_out {
	struct control_lane *lane;
	unsigned int lanes, turn; /* lanes 0: nothing is answered */
};

/* Set-up; control_fini() in either case. 0 or -ENOMEM. */
int control_init(struct control_out *, struct edge *const *edge, unsigned int edges);
void control_fini(struct control_out *);

/* False: every edge and block is full, and nothing was taken. */
bool control_put(struct control_out *, const struct control *);
/* When the input runs dry: pushes what is in hand, where another block is free. Returns how many blocks went. */
unsigned int control_flush(struct control_out *);
/* Something is in hand that no flush could push. */
bool control_holds(const struct control_out *);
/* Once: everything in hand, and the marks that nothing follows. Returns how many blocks went. */
unsigned int control_end(struct control_out *);

#endif
