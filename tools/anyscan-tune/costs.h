/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a probe costs in each stage of an engine on this machine, and on the edges between them, from trials: fused, where
 * no stage waits for another core, with a second CPU and without; with more threads than CPUs, for what it costs to wake
 * one; and, into the null engine, as a pipeline of two cores. What an edge costs does not depend on the engine, and shows
 * best where nothing else does: it is measured there alone. What such a plan costs an engine beyond that is rx being
 * woken more often.
 */
#ifndef TUNE_COSTS_H
#define TUNE_COSTS_H

#include "tools/anyscan-tune/trial.h"
#include "tools/machine/model.h"

#define COSTS_LOOKS_MAX 32
#define TRIAL_MS 40

enum costs_layout {
	COSTS_FUSED,
	COSTS_FUSED_ONE,
	COSTS_CROWDED_ONE,
	COSTS_CROWDED_TWO,
	COSTS_PIPELINED,
	COSTS_LAYOUTS
};
extern const struct layout costs_layouts[COSTS_LAYOUTS];

struct costs_sample {
	struct trial_result engine[COSTS_LAYOUTS][COSTS_LOOKS_MAX]; /* no COSTS_PIPELINED */
	struct trial_result edges[COSTS_LAYOUTS][COSTS_LOOKS_MAX]; /* of null */
	unsigned int looks;
};

bool layout_fits(const struct trial_wire *, const struct layout *);

/* Whether the costs are from it, so that it is no test of them. */
bool costs_are_from(const struct trial_wire *, const struct layout *);

/* One more look at each; null: the wire of that engine. 0 or negative errno with *e. */
int costs_look(const struct trial_wire *, const struct trial_wire *null, struct costs_sample *,
	       struct error *);

/* From what was seen. whole: each CPU has threads of all stages, and none is ever idle for want of its neighbour's work. */
struct stage_costs costs_of(const struct costs_sample *, bool whole);

#endif
