/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/auto_rate/moves.h"

#include <math.h>
#include <stdio.h>

#include "stages/auto_rate/slice.h"

#define DRAIN_SHARE 0.75 /* empties a queue of 0.15 s */
#define CPU_SLACK 1.03 /* of what the threads manage is asked of them */
#define CPU_SLICES 2

void move_state(struct auto_rate *a, enum auto_rate_state state, const char *cause)
{
	a->state = state;
	if (cause != a->cause)
		snprintf(a->cause, sizeof(a->cause), "%s", cause);
}

void move_hold(struct auto_rate *a, double rate, double wait_s)
{
	a->settled = slice_in_range(a, rate);
	a->failed = 0;
	a->waited_s = 0;
	a->wait_s = slice_clamp(wait_s, WAIT_FIRST_S, WAIT_MOST_S);
	slice_begin(a, AUTO_RATE_HOLD, a->settled);
}

/* What gets through is `carried`: go there, but not all the way down at once. */
static void back_off(struct auto_rate *a, double carried, const char *cause)
{
	move_state(a, AUTO_RATE_NETWORK, cause);
	a->before_rate = a->settled > a->rate ? a->settled : a->rate;
	a->before = a->now;
	a->gain = GAIN_FIRST;
	a->wait_s = WAIT_FIRST_S;
	a->settled = slice_in_range(a, slice_clamp(carried * MARGIN, a->rate * CUT_MOST, a->rate));
	slice_begin(a, AUTO_RATE_DRAIN, a->settled * DRAIN_SHARE);
}

/*
 * By the latest look alone: what a bucket had saved up is used up by then. Of the rate that is asked for, whether the
 * threads keep it or not: what they send grows with it, or the CPU is what holds it.
 */
static double carried_now(const struct auto_rate *a)
{
	const struct auto_rate_look *l = &a->last;

	return a->rate *
	       (1 - slice_loss((double)l->frames, (double)l->lost, (double)l->replies, (double)l->unheard));
}

/* Not beyond the middle between what is held and what has failed in this row of trials. */
void move_trial(struct auto_rate *a)
{
	const double most = a->failed > 0 ? sqrt(a->settled * a->failed) : INFINITY;
	const double next = a->settled * (1 + a->gain);

	a->control_next = true;
	slice_begin(a, AUTO_RATE_TRIAL, next < most ? next : most);
}

bool move_has_room(const struct auto_rate *a)
{
	return a->settled < a->range.ceiling &&
	       (a->failed <= 0 || a->failed > a->settled * (1 + 2 * GAIN_FIRST));
}

/* The tried rate is too much. Far above what is held, the answer lies between them: go on at once. */
static void trial_failed(struct auto_rate *a, double settled)
{
	a->doubted = false;
	a->settled = slice_in_range(a, settled);
	a->failed = a->rate;
	a->gain = slice_clamp(a->gain / GAIN_FACTOR, GAIN_FIRST, GAIN_MOST);
	if (move_has_room(a))
		move_trial(a);
	else
		move_hold(a, settled, 2 * a->wait_s);
}

/* A counter tells of losses. In a hold they may be of a moment, and the cut is no more than twice what was lost. */
void move_for_counter(struct auto_rate *a, double share)
{
	const char *cause = a->last.counter != NULL ? a->last.counter : a->cause;
	double carried = carried_now(a);

	if (a->phase == AUTO_RATE_TRIAL) {
		move_state(a, AUTO_RATE_NETWORK, cause);
		trial_failed(a, slice_clamp(carried * MARGIN, a->settled * MARGIN, a->rate * MARGIN));
		return;
	}
	if (a->phase == AUTO_RATE_HOLD && carried * MARGIN < a->rate * (1 - 2 * share) && share < 1 - MARGIN)
		carried = a->rate * (1 - 2 * share) / MARGIN;
	back_off(a, carried, cause);
}

/* What a trial that has lost something makes of the rate that is held: it points to a capacity. */
double move_learned(const struct auto_rate *a, double share, double weight)
{
	const double target =
		slice_clamp(a->rate * (1 - share) * MARGIN, a->settled * MARGIN, a->rate * MARGIN);

	return a->settled + (target > a->settled ? weight : TRIAL_WEIGHT) * (target - a->settled);
}

/* Answers are missing. */
void move_for_missing(struct auto_rate *a, double share)
{
	if (a->phase == AUTO_RATE_TRIAL) {
		move_state(a, AUTO_RATE_NETWORK, AUTO_RATE_HITRATE);
		trial_failed(a, move_learned(a, share, 1));
		return;
	}
	back_off(a, a->rate * (1 - share), AUTO_RATE_HITRATE);
}

/* Ask what they manage, so that no rate waits that was never tried. */
static void trim(struct auto_rate *a, double achieved)
{
	a->cpu_rate = a->rate;
	a->cpu_achieved = achieved;
	a->slow = 0;
	move_hold(a, slice_clamp(achieved * CPU_SLACK, 0, a->rate), a->wait_s);
}

/* Asked for less they manage less: what they lack is not time but punctual sleep, and asking less only costs. */
static void untrim(struct auto_rate *a)
{
	const double rate = a->cpu_rate;

	a->cpu_kept = true;
	a->cpu_rate = 0;
	a->slow = 0;
	move_hold(a, rate, a->wait_s);
}

void move_for_cpu(struct auto_rate *a)
{
	const double achieved = slice_achieved(a);

	a->slow++;
	a->gain = GAIN_FIRST;
	if (a->phase == AUTO_RATE_TRIAL) {
		a->slow = 0;
		move_state(a, AUTO_RATE_CPU, "");
		move_hold(a, slice_clamp(achieved * CPU_SLACK, a->settled, a->rate), 2 * a->wait_s);
		return;
	}
	if (a->slow < CPU_SLICES) {
		slice_begin(a, a->phase, a->rate);
		return;
	}
	move_state(a, AUTO_RATE_CPU, "");
	if (a->cpu_rate > a->rate && achieved < a->cpu_achieved * (1 + a->rate / a->cpu_rate) / 2)
		untrim(a);
	else
		trim(a, achieved);
}
