/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage tx: paces frame blocks and hands them to the wire. Owns one or more (NIC, queue) pairs.
 *
 * A refused frame is submitted again until it is accepted, exactly once; its block stays at the head
 * until then. Only a stop gives it up, when the queue has taken nothing for a second or its time is a second off.
 * A probe to an address that is excluded by now is not sent, however long ago it was composed; its account in the
 * ledger is settled as if it were. A pause holds probes where they are, and answers go on.
 * Frames come back by reclaim() in any order; each returns to the edge whose part of the queue's memory it lies in.
 *
 * Where the kernel does not see the replies, rx tells by control edges what must be answered (RSTs). Answers leave by
 * the same bucket as probes, before them, but take no more than every other turn while a probe waits: whoever
 * repeats his SYN-ACKs without end must not stop a scan. A queue with control edges lives until rx has ended.
 */
#ifndef TX_TX_H
#define TX_TX_H

#include "anyscan/io.h"
#include "anyscan/policy.h"
#include "anyscan/stage.h"
#include "rings/edge.h"
#include "stages/tx/bucket.h"

struct neighbours;
struct result_queue;

struct tx_queue_options {
	struct io_txq *queue; /* its frames are dealt to the edges' blocks by tx_create() */
	struct edge *
		*in; /* of struct frame_block; each owns an equal, contiguous part of the queue's frames */
	unsigned int ins;
	struct edge *const
		*control; /* of struct control_block; the last CONTROL_FRAMES of the memory are for them */
	unsigned int controls; /* 0: nothing is answered; the next two may be NULL then */
	const struct probe_template *template; /* of the queue's port */
	const struct neighbours *neighbours; /* of the same, or NULL */
};

struct tx_options {
	const struct policy *const *policy;
	struct bucket *bucket;
	const struct tx_queue_options *queue;
	unsigned int queues;
	struct result_queue *const *results; /* tx pauses while one is pressed */
	unsigned int nresults;
	/* With control edges only: */
	const struct probe_module *module; /* composes the answers */
	const bool *stop; /* as rx_options.stop: rx ends, and answers that wait have little time */
	struct waker *on_sent; /* notified when tx_sent() becomes true */
};

struct tx_counters { /* one writer */
	counter refused; /* submits that took less than offered */
	counter paced; /* steps that waited for the bucket */
	counter paused; /* steps that waited for the result path */
	counter answered; /* answers on the wire; probes are stage.counters.items */
	counter unanswered; /* answers whose turn had not come when the scan was over */
	counter excluded; /* probes that an exclusion kept from being sent */
	counter epoch; /* of the last policy that it took: whatever it sends from now on is sent by that one */
	counter abandoned; /* probes that a stop did not wait for: the queue took none, or none was due, for a second */
};

struct stage *tx_create(unsigned int index, const struct tx_options *); /* NULL: out of memory */
void tx_destroy(struct stage *);
/* Any thread: the last probe has left the process; answers may still be sent. */
bool tx_sent(const struct stage *);
const struct tx_counters *tx_counters(const struct stage *);

#endif
