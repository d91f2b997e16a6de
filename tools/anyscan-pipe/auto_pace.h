/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --rate auto of a scan that runs: looks at its counters five times a second, and sets its rate. Set-up thread only;
 * nothing of it is on the way of a packet.
 */
#ifndef ANYSCAN_PIPE_AUTO_PACE_H
#define ANYSCAN_PIPE_AUTO_PACE_H

#include "stages/auto_rate/history.h"
#include "stages/auto_rate/sampler.h"

struct auto_pace {
	struct pipeline *pipeline; /* NULL: before it runs */
	bool on;
	struct auto_rate rate; /* of the latest time it was on */
	struct sampler sampler;
	struct auto_rate_history history;
	uint64_t next_ns; /* CLOCK_MONOTONIC */
	char limit[AUTO_RATE_NAME_MAX + 16];
};

/* From the floor on. */
void auto_pace_start(struct auto_pace *, struct pipeline *, struct auto_rate_range);
void auto_pace_stop(struct auto_pace *);

/* For every turn of the loop. Returns when the next look is due, CLOCK_MONOTONIC ns. */
uint64_t auto_pace_step(struct auto_pace *);

/* SIGUSR1, SIGUSR2: it goes on from there. Returns the rate. */
double auto_pace_change(struct auto_pace *, double factor);

/*
 * What holds the scan back: `limit` of pipeline_stats(), or where that is the rate, what holds the rate. Valid until
 * the next auto_pace_step().
 */
const char *auto_pace_limit(struct auto_pace *, const char *limit);

#endif
