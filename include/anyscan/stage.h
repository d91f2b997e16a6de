/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A stage is a step function; a thread is a list of steps (stages/thread.h).
 * The same steps run pipelined, one stage a thread, or fused, several on one.
 */
#ifndef ANYSCAN_STAGE_H
#define ANYSCAN_STAGE_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/block.h"
#include "anyscan/counters.h"

struct stage;

struct stage_ops {
	const char *name; /* the word on the command line, the folder, the thread */
	int (*enter)(struct stage *); /* on the thread, before the first step; may be NULL */
	/*
	 * Takes what is ready on the input edges, works on whole blocks, returns items
	 * done. 0 = nothing could be done; then stage.wake_at tells when to try again
	 * without being woken. Sets stage.done after its END mark is pushed.
	 */
	size_t (*step)(struct stage *);
	void (*leave)(struct stage *); /* on the thread, after the last step; may be NULL */
};

#define WAKE_NEVER UINT64_MAX /* only an edge or the queue's fd can give it work */

struct stage_counters { /* one writer: the thread that steps */
	counter items;
	counter steps_worked, steps_idle;
	counter stalled_out; /* steps that found an output edge full */
	counter starved_in; /* steps that found the input edges empty */
	counter busy_cycles; /* TSC ticks in steps that did work */
} __attribute__((aligned(CACHE_LINE)));

struct stage {
	const struct stage_ops *ops;
	unsigned int index; /* of this stage: gen 0, gen 1, ... */
	bool done; /* the stage's own; others read `finished` */
	bool finished; /* done, published with release by the thread loop */
	uint64_t wake_at; /* CLOCK_MONOTONIC ns, or WAKE_NEVER; set by a step that did nothing */
	int fd; /* the queue's wait: readable = step may progress; -1: none */
	struct stage_counters counters;
};

static_assert(sizeof(struct stage_counters) == CACHE_LINE, "what the status line reads is one line");
static_assert(offsetof(struct stage, counters) == CACHE_LINE,
	      "which the thread loop's own fields do not share");

#endif
