/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/auto_rate/auto_rate.h"

#include "stages/auto_rate/moves.h"
#include "stages/auto_rate/phases.h"
#include "stages/auto_rate/slice.h"

#define DRAIN_S 0.6
#define COUNTED_SHARE 0.003 /* of the probes: what a counter says is lost and is not worth a thought */

const char *const auto_rate_state_names[AUTO_RATE_STATES] = { "clean", "cpu", "network" };

void auto_rate_init(struct auto_rate *a, struct auto_rate_range range)
{
	*a = (struct auto_rate){ .range = range, .settled = range.floor };
	scatter_init(&a->scatter);
	a->gain = GAIN_FIRST;
	a->wait_s = WAIT_FIRST_S;
	slice_begin(a, AUTO_RATE_RAMP, range.floor);
}

void auto_rate_set(struct auto_rate *a, double rate)
{
	a->settled = slice_in_range(a, rate);
	a->waited_s = 0;
	slice_begin(a, AUTO_RATE_HOLD, a->settled);
}

double auto_rate_step(struct auto_rate *a, const struct auto_rate_look *l)
{
	double share;

	if (l->broken || l->seconds <= 0) {
		slice_begin(a, a->phase, a->rate);
		a->guard_s = SLICE_GUARD_S;
		return a->rate;
	}
	slice_add(a, l);
	if (a->phase == AUTO_RATE_DRAIN) {
		if (a->age_s >= DRAIN_S)
			slice_begin(a, AUTO_RATE_VERIFY, a->settled);
		return a->rate;
	}
	share = slice_counted(a);
	if (share > COUNTED_SHARE) {
		/* the second look is the estimate: the first may have a bucket's savings in it */
		if (a->age_s >= 2 * AUTO_RATE_LOOK_S * 0.9)
			move_for_counter(a, share);
		return a->rate;
	}
	if (a->measured_s > 0)
		phase_look(a);
	return a->rate;
}
