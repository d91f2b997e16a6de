/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a probe costs in each stage of an engine on this machine, from trials of four layouts: fused, where no stage
 * waits for another core, with a second CPU and without, and two with more threads than CPUs, for what it costs to wake
 * a thread.
 */
#ifndef TUNE_COSTS_H
#define TUNE_COSTS_H

#include "tools/anyscan-tune/trial.h"
#include "tools/machine/model.h"

#define COSTS_LOOKS_MAX 32
#define COSTS_LAYOUTS 4
#define TRIAL_MS 40

extern const struct layout costs_layouts[COSTS_LAYOUTS];

struct costs_sample {
	struct trial_result result[COSTS_LAYOUTS][COSTS_LOOKS_MAX];
	unsigned int looks;
};

bool layout_fits(const struct trial_wire *, const struct layout *);

/* One more look at each. 0 or negative errno with *e. */
int costs_look(const struct trial_wire *, struct costs_sample *, struct error *);

/* From what was seen. cpus: of the plans that it is for, as waking another CPU costs more. */
struct stage_costs costs_of(const struct costs_sample *, unsigned int cpus);

#endif
