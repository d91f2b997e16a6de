/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a probe costs in each stage of an engine on this machine, from trials of four layouts: fused, where no stage
 * waits for another core, with a second CPU and without, and two with more threads than CPUs, for what it costs to wake
 * a thread. Each of those has something in it that is not of the hop, so the lower of the two is taken. It is of plans
 * with more threads than CPUs alone, which nothing here recommends; where tx costs nothing (null) and each CPU has a gen
 * and a tx of its own, it was found 40 % too high.
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
	double hop_ns[COSTS_LOOKS_MAX]; /* each time: a hypervisor moves CPUs to one core and apart */
	unsigned int looks;
};

bool layout_fits(const struct trial_wire *, const struct layout *);

/* One more look at each. 0 or negative errno with *e. */
int costs_look(const struct trial_wire *, struct costs_sample *, struct error *);

/* From what was seen. */
struct stage_costs costs_of(const struct costs_sample *);

#endif
