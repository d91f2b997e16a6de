/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "stages/stop_rules.h"

#define SECOND 1000000000ULL

/* A look `second` s after the start, when so many of 1000 probes a second have found something. */
static enum stop_cause look(struct stop_rules *rules, unsigned int second, uint64_t found)
{
	const struct pipeline_stats s = { .state = PIPELINE_SENDING,
					  .start_ns = SECOND,
					  .now_ns = SECOND + second * SECOND,
					  .sent = 1000 * second,
					  .success = found };

	return stop_rules_check(rules, &s);
}

Test(stop_rules, off)
{
	struct stop_rules rules = { .max_send_failures = UINT64_MAX };
	const struct pipeline_stats s = { .send_lost = UINT64_MAX };

	for (unsigned int second = 0; second < 100; second++)
		cr_assert_eq(look(&rules, second, 0), STOP_NONE);
	cr_expect_eq(stop_rules_check(&rules, &s), STOP_NONE);
}

/* Looked at from second 5 on, and below for 5 s: second 10 is the first that may end it. */
Test(stop_rules, low_hitrate_ends_after_warm_up_and_patience)
{
	struct stop_rules rules = { .min_hitrate = 1, .max_send_failures = UINT64_MAX };

	for (unsigned int second = 0; second < 10; second++)
		cr_assert_eq(look(&rules, second, 9 * second), STOP_NONE, "second %u", second);
	cr_expect_eq(look(&rules, 10, 90), STOP_HITRATE);
}

Test(stop_rules, hitrate_that_is_just_enough)
{
	struct stop_rules rules = { .min_hitrate = 1, .max_send_failures = UINT64_MAX };

	for (unsigned int second = 1; second < 60; second++)
		cr_assert_eq(look(&rules, second, 10 * second), STOP_NONE, "second %u", second);
}

Test(stop_rules, a_recovery_starts_the_patience_anew)
{
	struct stop_rules rules = { .min_hitrate = 1, .max_send_failures = UINT64_MAX };

	for (unsigned int second = 5; second < 10; second++)
		cr_assert_eq(look(&rules, second, 0), STOP_NONE);
	cr_assert_eq(look(&rules, 10, 100), STOP_NONE);
	for (unsigned int second = 11; second < 16; second++)
		cr_assert_eq(look(&rules, second, 100), STOP_NONE, "second %u", second);
	cr_expect_eq(look(&rules, 16, 100), STOP_HITRATE);
}

/* SIGSTOP from second 8 to second 100: 3 s below before, 2 s after. */
Test(stop_rules, time_that_the_process_was_stopped_is_no_patience)
{
	struct stop_rules rules = { .min_hitrate = 1, .max_send_failures = UINT64_MAX };

	for (unsigned int second = 5; second < 9; second++)
		cr_assert_eq(look(&rules, second, 0), STOP_NONE);
	cr_expect_eq(look(&rules, 100, 0), STOP_NONE);
	cr_expect_eq(look(&rules, 101, 0), STOP_NONE);
	cr_expect_eq(look(&rules, 102, 0), STOP_HITRATE);
}

Test(stop_rules, hitrate_counts_only_while_sending)
{
	struct stop_rules rules = { .min_hitrate = 1, .max_send_failures = UINT64_MAX };

	for (unsigned int second = 6; second < 60; second++) {
		const struct pipeline_stats s = { .state = PIPELINE_COOLDOWN,
						  .now_ns = second * SECOND,
						  .sent = 1000 };

		cr_assert_eq(stop_rules_check(&rules, &s), STOP_NONE, "second %u", second);
	}
}

Test(stop_rules, more_failures_than_allowed)
{
	struct stop_rules rules = { .max_send_failures = 3 }, none = { .max_send_failures = 0 };
	struct pipeline_stats s = { .send_lost = 3 };

	cr_expect_eq(stop_rules_check(&rules, &s), STOP_NONE);
	cr_expect_eq(stop_rules_check(&none, &s), STOP_SEND_FAILURES);
	s.send_lost = 4;
	cr_expect_eq(stop_rules_check(&rules, &s), STOP_SEND_FAILURES);
	s.state = PIPELINE_DONE;
	cr_expect_eq(stop_rules_check(&rules, &s), STOP_SEND_FAILURES);
}

/* Seven seconds of pause within the ten that end it: then it takes seventeen. */
Test(stop_rules, a_pause_does_not_count)
{
	struct stop_rules rules = { .min_hitrate = 1, .max_send_failures = UINT64_MAX };

	for (unsigned int second = 0; second <= 17; second++) {
		const unsigned int paused = second < 6 ? 0 : second < 13 ? second - 6 : 7;
		const struct pipeline_stats s = { .state = PIPELINE_SENDING,
						  .start_ns = SECOND,
						  .now_ns = SECOND + second * SECOND,
						  .paused_ns = paused * SECOND,
						  .sent = 1000,
						  .success = 1 };

		cr_assert_eq(stop_rules_check(&rules, &s), second < 17 ? STOP_NONE : STOP_HITRATE,
			     "second %u", second);
	}
}
