/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The unit of decision: a slice of time at one rate. Its first SLICE_GUARD_S are for answers to arrive that belong to
 * the rate before; from then on probes and replies are of the same rate, but for those that take longer.
 */
#ifndef AUTO_RATE_SLICE_H
#define AUTO_RATE_SLICE_H

#include "stages/auto_rate/auto_rate.h"

#define SLICE_GUARD_S 0.3 /* in whole looks */

double slice_clamp(double x, double least, double most);
double slice_in_range(const struct auto_rate *, double rate);

void slice_begin(struct auto_rate *, enum auto_rate_phase, double rate);
void slice_add(struct auto_rate *, const struct auto_rate_look *);
void slice_merge(struct auto_rate *); /* its hits become part of the reference */

/* Of the probes or of the answers, whichever lose more: the share that counters say is lost. */
double slice_loss(double sent, double lost, double heard, double unheard);
double slice_counted(const struct auto_rate *); /* that of the slice; 0: a few */
struct shortfall slice_missing(const struct auto_rate *); /* by the reference */
bool slice_keeps_pace(const struct auto_rate *);
double slice_achieved(const struct auto_rate *); /* frames/s */

#endif
