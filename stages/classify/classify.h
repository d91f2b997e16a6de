/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage classify: finds the target of each validated reply, tells first answers
 * from repeats, applies the output filter, counts, and hands records to sink.
 */
#ifndef CLASSIFY_CLASSIFY_H
#define CLASSIFY_CLASSIFY_H

#include "anyscan/probe.h"
#include "anyscan/record.h"
#include "anyscan/stage.h"
#include "rings/edge.h"
#include "stages/classify/dedup.h"
#include "stages/classify/filter.h"
#include "stages/classify/result_queue.h"
#include "stages/gen/domain.h"

struct classify_options {
	const struct domain *domain;
	struct dedup *dedup; /* NULL: every reply counts as the first */
	const struct filter *filter;
	uint64_t max_results;
	struct edge **in; /* of struct reply_block, one per rx */
	unsigned int ins;
	struct result_queue *out;
	const uint64_t *send_end_ns; /* CLOCK_REALTIME of the last probe, 0 while sending */
	struct waker *on_max; /* notified when max_results is reached */
};

struct classify_counters { /* one writer */
	counter unasked; /* validate, but not in the domain */
	counter repeats;
	counter first[REPLY_CLASSES]; /* first answers by class */
	counter results; /* records handed to sink */
	counter lost; /* records for which the result path had no room */
};

struct stage *classify_create(unsigned int index, const struct classify_options *); /* NULL: out of memory */
void classify_destroy(struct stage *);
const struct classify_counters *classify_counters(const struct stage *);

#endif
