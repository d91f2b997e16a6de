/* SPDX-License-Identifier: Apache-2.0 */
/* What auto_rate_step() is told, from the counters of a pipeline that runs. Set-up thread. */
#ifndef AUTO_RATE_SAMPLER_H
#define AUTO_RATE_SAMPLER_H

#include "stages/auto_rate/auto_rate.h"
#include "stages/pipeline.h"

#define SAMPLER_NAMES 64 /* of counters, of all ports together: more are not looked at */

struct sampler {
	struct pipeline *pipeline;
	struct pipeline_stats before;
	struct reading drop[SAMPLER_NAMES]; /* summed over the ports, as of the look before */
	size_t drops;
};

void sampler_init(struct sampler *, struct pipeline *); /* the next look is of the time from now on */

/* look->counter is valid until the next call. */
void sampler_look(struct sampler *, struct auto_rate_look *look);

#endif
