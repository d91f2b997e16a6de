/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/stop_rules.h"

double stop_rules_hitrate(const struct pipeline_stats *s)
{
	return s->sent > 0 ? 100 * (double)s->success / (double)s->sent : 0;
}

/* Once sending has ended there is nothing left to save. */
static bool hitrate_is_low(const struct stop_rules *rules, const struct pipeline_stats *s)
{
	return s->state == PIPELINE_SENDING && pipeline_sending_ns(s) >= STOP_WARM_UP_NS &&
	       stop_rules_hitrate(s) < rules->min_hitrate;
}

/* No answer was taken while the process was stopped: that time is no time of patience. */
static void leave_out_stops(struct stop_rules *rules, uint64_t sending_ns)
{
	const uint64_t since = rules->looked_ns != 0 ? sending_ns - rules->looked_ns : 0;

	if (rules->below_since_ns != 0 && since > STOP_LOOK_NS)
		rules->below_since_ns += since;
	rules->looked_ns = sending_ns;
}

enum stop_cause stop_rules_check(struct stop_rules *rules, const struct pipeline_stats *s)
{
	leave_out_stops(rules, pipeline_sending_ns(s));
	/* whenever: a scan that lost more than this says so, even if it ended a moment before it was looked at */
	if (s->send_lost > rules->max_send_failures)
		return STOP_SEND_FAILURES;
	if (!hitrate_is_low(rules, s)) {
		rules->below_since_ns = 0;
		return STOP_NONE;
	}
	if (rules->below_since_ns == 0)
		rules->below_since_ns = pipeline_sending_ns(s);
	return pipeline_sending_ns(s) - rules->below_since_ns >= STOP_BELOW_NS ? STOP_HITRATE : STOP_NONE;
}
