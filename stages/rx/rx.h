/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage rx: drains its queues, parses, checks the cookie, throws away what is not ours and counts it by
 * cause. Stateless; scales with queues.
 *
 * Ends when told that no more replies are awaited (*stop) and its queues have run dry.
 */
#ifndef RX_RX_H
#define RX_RX_H

#include "anyscan/io.h"
#include "anyscan/probe.h"
#include "anyscan/stage.h"
#include "rings/edge.h"

struct rx_control { /* of one queue */
	struct edge **edge; /* of struct control_block */
	unsigned int edges;
};

struct rx_options {
	const struct probe_module *module;
	struct io_rxq *const *queue;
	unsigned int queues;
	struct edge *out; /* of struct reply_block */
	const struct rx_control *control; /* one for each queue; NULL: nothing is answered */
	const bool *stop; /* set once, by the set-up thread, which then notifies this thread */
};

struct rx_counters { /* one writer */
	counter valid;
	counter unanswered; /* replies that must be answered and found the control edge full */
	counter rejects[REJECT_CAUSES];
};

struct stage *rx_create(unsigned int index,
			const struct rx_options *); /* NULL: out of memory or descriptors */
void rx_destroy(struct stage *);
const struct rx_counters *rx_counters(const struct stage *);

#endif
