/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How sure is sure: a slice that is looked at once must differ by Z_SLICE standard deviations, one that is looked at
 * five times a second for minutes by Z_ANY_TIME (one-sided 3e-7, a false alarm in a week; and a false alarm costs a few
 * seconds, not the rate). A control comes once in ten seconds, and Z_CONTROL is a false alarm in half a day. To leave a
 * trial rate unadopted nothing need be proved: Z_DOUBT will do.
 */
#include "stages/auto_rate/phases.h"

#include <math.h>
#include <string.h>

#include "stages/auto_rate/moves.h"
#include "stages/auto_rate/slice.h"

#define RAMP_S 0.3 /* measured at least, and */
#define RAMP_MOST_S 0.9 /* at most, while there are fewer than */
#define RAMP_REPLIES 400
#define HOLD_S 2.0
#define SUSPECT_S 0.8
#define TRIAL_S 0.5 /* likewise, until a quarter of the gain would show */
#define TRIAL_MOST_S 2.0
#define RAMP_FACTOR 2.0
#define GAIN_KEPT \
	0.03 /* of a gain that was tried is not taken: the rate that is held is that far from the tried one */
#define CONTROL_SHARE 0.9
#define Z_SLICE 4.0
#define Z_ANY_TIME 5.0
#define Z_CONTROL 3.5
#define Z_DOUBT 1.0
#define Z_LATE 2.5 /* where it was measured for long, and a mistake costs little */
#define Z_RETRY 2.0 /* a doubt below is looked into again at once */
#define SHORT_RAMP \
	0.05 /* a share of answers that is missing and means something: where rates have doubled, */
#define SHORT_HOLD 0.015 /* and where they hardly change */

static void ramp_on(struct auto_rate *a)
{
	slice_merge(a);
	a->achieved = slice_achieved(a);
	a->settled = a->rate;
	move_state(a, AUTO_RATE_CLEAN, "");
	if (a->rate >= a->range.ceiling)
		move_hold(a, a->rate, WAIT_MOST_S);
	else
		slice_begin(a, AUTO_RATE_RAMP, a->rate * RAMP_FACTOR);
}

/* The pace is kept, or what is sent grows at least half as much as what is asked for, over what is held. */
static bool keeps_up(const struct auto_rate *a)
{
	const double asked = a->rate / a->settled, got = slice_achieved(a) / a->achieved;

	return slice_keeps_pace(a) || a->achieved <= 0 || got - 1 >= (asked - 1) / 2;
}

static void end_ramp(struct auto_rate *a)
{
	const struct shortfall s = slice_missing(a);

	if (a->measured_s < RAMP_S || (a->now.replies < RAMP_REPLIES && a->measured_s < RAMP_MOST_S))
		return;
	/* before it doubles again, a doubt is worth two seconds */
	if (s.share > SHORT_RAMP && shortfall_z(s) > Z_DOUBT && shortfall_z(s) <= Z_SLICE &&
	    a->measured_s < TRIAL_MOST_S)
		return;
	if (!keeps_up(a))
		move_for_cpu(a);
	else if (shortfall_z(s) <= Z_LATE || s.share <= SHORT_RAMP)
		ramp_on(a);
	else if (a->measured_s >= RAMP_MOST_S) /* a second of it, for a good estimate */
		move_for_missing(a, s.share);
}

static double share_of(struct hits h)
{
	return h.probes > 0 ? h.replies / h.probes : 0;
}

/*
 * If the path was to blame, the share that is answered has grown as the rate has shrunk, up to what it was; if the
 * targets were, it is the same. Whichever is nearer.
 */
static bool improved(const struct auto_rate *a)
{
	const double before = share_of(a->before), usual = share_of(a->reference);
	const double grown = a->rate > 0 ? before * a->before_rate / a->rate : usual;

	return share_of(a->now) > sqrt(before * (grown < usual ? grown : usual));
}

/* Is it better at the lower rate? If not, the rate was not to blame. */
static void end_verify(struct auto_rate *a)
{
	const bool guess = strcmp(a->cause, AUTO_RATE_HITRATE) == 0;
	const struct shortfall s = slice_missing(a);

	if (a->measured_s < TRIAL_S || (s.sd > SHORT_HOLD && a->measured_s < TRIAL_MOST_S))
		return;
	if (!guess || shortfall_z(s) <= Z_LATE) {
		slice_merge(a);
		/* where losses grow with the rate the estimate is low: look further up at once */
		a->failed = guess ? a->before_rate : 0;
		a->gain = guess && move_has_room(a) ? GAIN_FACTOR * GAIN_FIRST : GAIN_FIRST;
		move_trial(a);
	} else if (!improved(a)) {
		a->reference = a->now;
		move_state(a, AUTO_RATE_CLEAN, "");
		move_hold(a, a->before_rate, WAIT_MOST_S);
	} else {
		move_for_missing(a, s.share);
	}
}

static void begin_control(struct auto_rate *a)
{
	a->control_next = false;
	slice_begin(a, AUTO_RATE_CONTROL, a->settled * CONTROL_SHARE);
}

static void next_hold(struct auto_rate *a)
{
	if (a->waited_s < a->wait_s)
		slice_begin(a, AUTO_RATE_HOLD, a->settled);
	else if (a->control_next || a->settled >= a->range.ceiling)
		begin_control(a);
	else
		move_trial(a);
}

/* Some of the slice is of before: measured afresh, the loss is what it is now. */
static void begin_suspicion(struct auto_rate *a)
{
	slice_begin(a, AUTO_RATE_HOLD, a->settled);
	a->suspect = true;
}

static void end_hold(struct auto_rate *a)
{
	const struct shortfall s = slice_missing(a);

	if (a->suspect && a->measured_s < SUSPECT_S)
		return;
	if (s.share > SHORT_HOLD && shortfall_z(s) > (a->suspect ? Z_SLICE : Z_ANY_TIME)) {
		if (a->suspect)
			move_for_missing(a, s.share);
		else
			begin_suspicion(a);
		return;
	}
	a->suspect = false;
	if (a->measured_s < HOLD_S && a->waited_s < a->wait_s)
		return;
	if (!slice_keeps_pace(a) && !a->cpu_kept) {
		if (a->measured_s >= HOLD_S / 2)
			move_for_cpu(a);
		return;
	}
	a->slow = 0;
	a->cpu_rate = 0;
	a->achieved = slice_achieved(a);
	slice_merge(a);
	next_hold(a);
}

static void end_trial(struct auto_rate *a)
{
	const double gain = a->rate / a->settled - 1;
	const struct shortfall s = slice_missing(a);
	const bool plain = shortfall_z(s) > Z_ANY_TIME && s.share > SHORT_HOLD;

	if (a->measured_s < TRIAL_S || (s.sd > gain / 4 && a->measured_s < TRIAL_MOST_S && !plain))
		return;
	if (!keeps_up(a)) {
		move_for_cpu(a);
	} else if (shortfall_z(s) > Z_SLICE && s.share > SHORT_HOLD) {
		move_for_missing(a, s.share);
	} else if (shortfall_z(s) > Z_DOUBT && s.share > gain / 4) {
		/* one in six is refused for nothing: once more, soon */
		const bool again = !a->doubted && shortfall_z(s) < Z_RETRY;

		a->gain = GAIN_FIRST;
		a->doubted = again;
		a->control_next = !again;
		move_hold(a, move_learned(a, s.share, TRIAL_WEIGHT), again ? WAIT_FIRST_S : WAIT_MOST_S);
	} else {
		move_state(a, AUTO_RATE_CLEAN, "");
		a->achieved = slice_achieved(a);
		a->cpu_kept = false;
		a->settled = a->rate >= a->range.ceiling ? a->rate : a->rate * (1 - GAIN_KEPT);
		a->gain = slice_clamp(GAIN_FACTOR * a->gain, GAIN_FIRST, GAIN_MOST);
		a->wait_s = WAIT_FIRST_S;
		if (move_has_room(a))
			move_trial(a);
		else
			move_hold(a, a->settled, WAIT_MOST_S);
	}
}

/* The slow sample: more answers there than at the rate mean that the rate loses some. */
static void end_control(struct auto_rate *a)
{
	struct shortfall s = hits_shortfall(a->now, a->reference, &a->scatter);

	if (a->measured_s < TRIAL_S || (s.sd > SHORT_HOLD && a->measured_s < TRIAL_MOST_S))
		return;
	a->cpu_kept = false;
	if (shortfall_z(s) > Z_CONTROL && s.share > SHORT_HOLD) {
		a->before_rate = a->settled;
		a->before = a->reference;
		a->reference = a->now;
		move_state(a, AUTO_RATE_NETWORK, AUTO_RATE_HITRATE);
		a->gain = GAIN_FIRST;
		a->settled =
			slice_in_range(a, a->settled * slice_clamp((1 - s.share) * MARGIN, CUT_MOST, MARGIN));
		slice_begin(a, AUTO_RATE_VERIFY, a->settled);
		return;
	}
	if (shortfall_z(slice_missing(a)) >
	    Z_CONTROL) { /* fewer, and at less: something else has happened meanwhile */
		move_hold(a, a->settled, a->wait_s);
		a->suspect = true;
		return;
	}
	slice_merge(a);
	move_hold(a, a->settled, a->wait_s);
}

void phase_look(struct auto_rate *a)
{
	static void (*const end[])(struct auto_rate *) = {
		[AUTO_RATE_RAMP] = end_ramp,   [AUTO_RATE_VERIFY] = end_verify,	  [AUTO_RATE_HOLD] = end_hold,
		[AUTO_RATE_TRIAL] = end_trial, [AUTO_RATE_CONTROL] = end_control,
	};

	end[a->phase](a);
}
