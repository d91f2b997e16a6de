/* SPDX-License-Identifier: Apache-2.0 */
/* Where the rate goes: each ends the slice that runs and begins the next. */
#ifndef AUTO_RATE_MOVES_H
#define AUTO_RATE_MOVES_H

#include "stages/auto_rate/auto_rate.h"

#define WAIT_FIRST_S 1.0
#define WAIT_MOST_S 3.0
#define GAIN_FIRST 0.06
#define GAIN_MOST 1.0
#define GAIN_FACTOR 3
#define MARGIN 0.97 /* of what gets through */
#define CUT_MOST 0.45 /* what is left of the rate, at once */
#define TRIAL_WEIGHT 0.3 /* of the capacity that one trial points to, in what is held */

void move_state(struct auto_rate *, enum auto_rate_state, const char *cause);
void move_hold(struct auto_rate *, double rate, double wait_s); /* until the next trial or control */
bool move_has_room(const struct auto_rate *); /* for a trial: below what has failed and the ceiling */
void move_trial(struct auto_rate *);

/* A counter tells that this share of the slice is lost. */
void move_for_counter(struct auto_rate *, double share);
/* This share of the answers is missing. */
void move_for_missing(struct auto_rate *, double share);
/* The threads have not kept the pace. */
void move_for_cpu(struct auto_rate *);

/* What a trial that has lost this share makes of the rate that is held; weight: of a capacity above it. */
double move_learned(const struct auto_rate *, double share, double weight);

#endif
