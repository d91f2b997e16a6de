/* SPDX-License-Identifier: Apache-2.0 */
/* What stage tx keeps of a queue: its edges, its memory, and what lies at its head. tx thread only. */
#ifndef TX_TX_QUEUE_H
#define TX_TX_QUEUE_H

#include "stages/tx/control.h"
#include "stages/tx/frames.h"
#include "stages/tx/lease.h"
#include "stages/tx/tx.h"

struct tx_queue {
	struct io_txq *io;
	struct edge **in;
	struct frames *part; /* one per edge, and one for the answers if there are any */
	unsigned int ins, turn; /* edges; the one to look at first */
	unsigned int parts;
	unsigned int ended; /* edges that delivered END */

	struct frame_block *block; /* at the head: [sent, count) still to go */
	unsigned int from; /* the edge it came from */
	unsigned int sent;
	uint32_t
		screened; /* epoch of the policy whose exclusions the block was last looked through for, or 0 */
	bool held; /* by a pause, at the last look */
	struct lease lease;
	uint64_t retry_ns; /* back-off of a full queue, 0 = it took the last submit */
	uint64_t retry_at_ns, refusing_ns; /* when it is asked again; since when it takes nothing */
	bool flushed; /* the last probe is on the wire */
	bool done;

	struct control_in *control; /* NULL: nothing is answered */
	bool yield; /* the last to leave were answers: the next turn is that of a probe that waits */
	uint64_t answer_until_ns; /* 0: rx lives */
};

/* Set-up: 0 or -ENOMEM; tx_queue_fini() in either case. */
int tx_queue_init(struct tx_queue *, const struct probe_module *, const struct tx_queue_options *);
void tx_queue_fini(struct tx_queue *);

/* Frames that have left go back to the part of the memory that they lie in. */
void tx_queue_reclaim(struct tx_queue *);

/* Puts the next block at the head. False: no edge has one. */
bool tx_queue_next(struct tx_queue *);

#endif
