/* SPDX-License-Identifier: Apache-2.0 */
/* What each bottleneck lets pass, in a time of the test's own. */
#include <criterion/criterion.h>

#include "anyscan/clock.h"
#include "io/sim/bottleneck.h"

#define START 1000000000ULL

static struct bottleneck b;
static uint64_t delay_ns, until_ns; /* of the last frame and the last batch */

static void open_way(enum world_bottleneck_kind kind, uint64_t first, uint64_t then)
{
	const struct world_bottleneck spec = { .kind = kind,
					       .queue_ns = kind == BOTTLENECK_QUEUE ? 50000000 : 0,
					       .capacities = 2,
					       .capacity = { { first, 0 }, { then, 10 * NS_PER_S } } };

	bottleneck_init(&b, &spec);
}

/* Frames that pass between two seconds after the start, sent at `rate` in batches of a millisecond. */
static uint64_t passed(uint64_t rate, unsigned int from_s, unsigned int to_s)
{
	uint64_t n = 0;

	for (uint64_t ms = 1000 * from_s; ms < 1000 * to_s; ms++) {
		bottleneck_enter(&b, START + ms * 1000000);
		for (uint64_t i = 0; i < (ms + 1) * rate / 1000 - ms * rate / 1000; i++) {
			n += bottleneck_pass(&b);
			delay_ns = bottleneck_delay_ns(&b);
		}
		until_ns = bottleneck_leave(&b);
	}
	return n;
}

/* Within one or two: the clock is a floating-point number. */
static void expect_passed(uint64_t rate, unsigned int from_s, unsigned int to_s, double frames)
{
	const double n = (double)passed(rate, from_s, to_s);

	cr_expect_float_eq(n, frames, 2, "%g of %g/s passed from %u to %u s, expected %g", n, (double)rate,
			   from_s, to_s, frames);
}

Test(bottleneck, policer)
{
	open_way(BOTTLENECK_POLICER, 20000, 10000);
	expect_passed(20000, 0, 2, 40000);
	expect_passed(40000, 2, 4, 40000 + 200 - 20); /* 10 ms at once, and the last ms is not over */
	expect_passed(40000, 4, 6, 40000);
	expect_passed(40000, 10, 12, 20000 + 100 - 10); /* the second capacity, after a silence */
	expect_passed(5000, 12, 14, 10000);
	cr_expect_eq(delay_ns, 0);
	cr_expect_eq(until_ns, 0);
}

Test(bottleneck, queue)
{
	open_way(BOTTLENECK_QUEUE, 20000, 20000);
	expect_passed(40000, 0, 1, 20000 + 1000 - 20); /* the capacity of 999 ms, and what waits */
	cr_expect(delay_ns > 48000000 && delay_ns <= 50000000, "%llu ns", (unsigned long long)delay_ns);
	passed(10000, 1, 2);
	cr_expect(delay_ns <= 500000, "drained, but for the batch: %llu ns", (unsigned long long)delay_ns);
}

Test(bottleneck, ramp)
{
	open_way(BOTTLENECK_RAMP, 20000, 20000);
	cr_expect_eq(passed(20000, 0, 2), 40000);
	passed(25000, 2, 3);
	cr_expect_float_eq((double)passed(25000, 3, 5), 50000 * 0.75, 50);
	passed(60000, 5, 6);
	cr_expect_eq(passed(60000, 6, 7), 0);
	passed(20000, 7, 8);
	cr_expect_eq(passed(20000, 8, 10), 40000);
}

Test(bottleneck, cpu)
{
	open_way(BOTTLENECK_CPU, 20000, 20000);
	cr_expect_eq(passed(10000, 0, 1), 10000);
	cr_expect_leq(until_ns, START + NS_PER_S, "no longer than the rate asks");
	cr_expect_eq(passed(40000, 1, 2), 40000, "nothing is lost");
	cr_expect_float_eq((double)until_ns, START + 2.995e9, 2e6, "two seconds for what was sent in one");
}
