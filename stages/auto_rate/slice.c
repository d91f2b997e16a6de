/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/auto_rate/slice.h"

#include <math.h>

#define COUNTED_LEAST 8
#define CPU_SHARE 0.95 /* of the pace: less is not kept */
#define CPU_SENT 50 /* a slice that should send fewer says nothing of the pace */
#define REFERENCE_S 20.0 /* its memory: hit rates drift, as networks grow tired of a scan */

double slice_clamp(double x, double least, double most)
{
	return x < least ? least : x > most ? most : x;
}

double slice_in_range(const struct auto_rate *a, double rate)
{
	return slice_clamp(rate, a->range.floor, a->range.ceiling);
}

void slice_begin(struct auto_rate *a, enum auto_rate_phase phase, double rate)
{
	const double old = a->rate;

	a->phase = phase;
	a->rate = slice_in_range(a, rate);
	/* at the same rate the answers that come are of the same rate, too */
	a->guard_s = phase == AUTO_RATE_HOLD && a->rate == old ? 0 : SLICE_GUARD_S;
	a->suspect = false;
	a->age_s = a->measured_s = 0;
	a->now = (struct hits){ 0 };
	a->frames = a->lost = a->unheard = 0;
	if (a->guard_s > 0)
		scatter_break(&a->scatter);
}

void slice_merge(struct auto_rate *a)
{
	const double keep = exp(-a->measured_s / REFERENCE_S);

	a->reference.probes = a->reference.probes * keep + a->now.probes;
	a->reference.replies = a->reference.replies * keep + a->now.replies;
}

double slice_loss(double sent, double lost, double heard, double unheard)
{
	const double probes = sent > 0 ? lost / sent : 0;
	const double answers = heard + unheard > 0 ? unheard / (heard + unheard) : 0;

	return slice_clamp(probes > answers ? probes : answers, 0, 1);
}

double slice_counted(const struct auto_rate *a)
{
	if (a->lost < COUNTED_LEAST && a->unheard < COUNTED_LEAST)
		return 0;
	return slice_loss(a->frames, a->lost, a->now.replies, a->unheard);
}

struct shortfall slice_missing(const struct auto_rate *a)
{
	return hits_shortfall(a->reference, a->now, &a->scatter);
}

double slice_achieved(const struct auto_rate *a)
{
	return a->age_s > 0 ? a->frames / a->age_s : 0;
}

bool slice_keeps_pace(const struct auto_rate *a)
{
	const double asked = a->rate * a->age_s;

	return asked < CPU_SENT || a->frames >= CPU_SHARE * asked;
}

void slice_add(struct auto_rate *a, const struct auto_rate_look *l)
{
	a->last = *l;
	a->age_s += l->seconds;
	a->frames += (double)l->frames;
	a->lost += (double)l->lost;
	a->unheard += (double)l->unheard;
	if (a->phase == AUTO_RATE_HOLD)
		a->waited_s += l->seconds;
	if (a->guard_s > 0) {
		a->guard_s -= l->seconds;
		return;
	}
	a->measured_s += l->seconds;
	a->now.probes += (double)l->sent;
	a->now.replies += (double)l->replies;
	scatter_look(&a->scatter, (struct hits){ (double)l->sent, (double)l->replies });
}
