/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The controller of --rate auto on paths of known capacity, in a time of their own. Each claim is over many seeds, which
 * draw capacity, hit rate and round trip: 25,000 to 60,000 frames/s of which 50 to 70% are answered. Fewer answers a
 * second take longer to tell from noise; that is arithmetic, not the controller's.
 */
#include <criterion/criterion.h>
#include <math.h>

#include "tests/unit/auto_path.h"

#define SEEDS 40
#define NEAR 0.05
#define SETTLE_S 20.0
#define OVERSHOOT 2.6 /* it doubles, and a little more until the last doubling is seen */

static struct path p;
static const struct auto_rate_range wide = { 1000, 1e7 };

static double open_one(uint64_t seed, enum world_bottleneck_kind kind)
{
	double capacity;

	path_open(&p, seed, kind, 0.5, wide);
	p.hit_rate = p.hits = path_between(&p, 0.5, 0.7);
	capacity = exp(path_between(&p, log(25000), log(60000)));
	path_capacity(&p, capacity, 0);
	return capacity;
}

static bool is_near(double capacity)
{
	return p.a.phase != AUTO_RATE_RAMP && fabs(p.a.settled / capacity - 1) <= NEAR;
}

/* Runs until it is near; returns the time that took. */
static double settle(double capacity, double until_s)
{
	const double from = path_now_s(&p);

	do
		path_run(&p, path_now_s(&p) + AUTO_RATE_LOOK_S);
	while (!is_near(capacity) && path_now_s(&p) < until_s);
	return path_now_s(&p) - from;
}

struct held {
	double near, lowest, highest; /* share of the time; rates by the capacity */
	double lost; /* share of the probes */
	double answered; /* of what the hit rate promises */
};

static struct held hold_on(double capacity, double seconds)
{
	const double until = path_now_s(&p) + seconds;
	const uint64_t sent = p.sent, passed = p.passed, answered = p.answered;
	struct held h = { .lowest = INFINITY };
	unsigned int looks = 0;

	for (; path_now_s(&p) < until; looks++) {
		path_run(&p, path_now_s(&p) + AUTO_RATE_LOOK_S);
		h.near += is_near(capacity);
		h.lowest = fmin(h.lowest, p.a.settled / capacity);
		h.highest = fmax(h.highest, p.a.settled / capacity);
	}
	h.near /= looks;
	h.lost = 1 - (double)(p.passed - passed) / (double)(p.sent - sent);
	h.answered = (double)(p.answered - answered) / (p.hit_rate * (double)(p.sent - sent));
	return h;
}

/* Settles, stays there, and finds a new capacity. */
static void follows(enum world_bottleneck_kind kind)
{
	double took, lost = 0;

	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		const double capacity = open_one(seed, kind);
		struct held h;

		path_capacity(&p, capacity / 2, 40);
		path_capacity(&p, capacity, 64);
		took = settle(capacity, 40);
		cr_expect_leq(took, SETTLE_S, "seed %lu: %g s to settle", seed, took);
		cr_expect_leq(p.highest, OVERSHOOT * capacity, "seed %lu: up to %g of the capacity", seed,
			      p.highest / capacity);
		path_run(&p, 20);
		h = hold_on(capacity, 20);
		cr_expect(h.lowest >= 0.85 && h.highest <= 1.1, "seed %lu: held at %g to %g", seed, h.lowest,
			  h.highest);
		lost += h.lost / SEEDS;
		took = settle(capacity / 2, 64);
		cr_expect_leq(took, SETTLE_S, "seed %lu: %g s to go down", seed, took);
		path_run(&p, 64);
		took = settle(capacity, 90);
		cr_expect_leq(took, SETTLE_S, "seed %lu: %g s to go up", seed, took);
	}
	cr_expect_leq(lost, 0.01, "%g of the probes are lost on the average", lost);
}

Test(auto_rate, follows_a_policer_that_counts)
{
	follows(BOTTLENECK_POLICER);
}

Test(auto_rate, follows_a_silent_policer)
{
	follows(BOTTLENECK_SILENT);
}

Test(auto_rate, follows_a_queue)
{
	follows(BOTTLENECK_QUEUE);
}

Test(auto_rate, follows_a_ramping_loss)
{
	follows(BOTTLENECK_RAMP);
}

Test(auto_rate, follows_the_cpu)
{
	follows(BOTTLENECK_CPU);
}

Test(auto_rate, holds_ten_minutes)
{
	for (int kind = BOTTLENECK_POLICER; kind < BOTTLENECK_KINDS; kind++) {
		for (uint64_t seed = 1000; seed < 1002; seed++) {
			const double capacity = open_one(seed, (enum world_bottleneck_kind)kind);
			struct held h;

			path_run(&p, 20);
			h = hold_on(capacity, 600);
			cr_expect_geq(h.near, 0.95, "kind %d, seed %lu: near for %g of the time", kind, seed,
				      h.near);
			cr_expect_geq(h.answered, 0.99, "kind %d, seed %lu: recall %g", kind, seed,
				      h.answered);
		}
	}
}

Test(auto_rate, what_the_cpu_takes_is_no_loss)
{
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		const double capacity = open_one(seed, BOTTLENECK_CPU);
		double least = INFINITY;

		settle(capacity, 20);
		while (path_now_s(&p) < 40) {
			path_run(&p, path_now_s(&p) + AUTO_RATE_LOOK_S);
			least = fmin(least, p.a.settled);
			cr_assert_neq(p.a.state, AUTO_RATE_NETWORK, "seed %lu", seed);
		}
		cr_expect_geq(least, 0.999 * capacity, "seed %lu: backed off to %g", seed, least / capacity);
	}
}

/* Threads that sleep too long send a share of whatever they are asked for: that is no roof. */
Test(auto_rate, a_pace_that_is_never_kept_does_not_hold_it_down)
{
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		path_open(&p, seed, BOTTLENECK_NONE, 0.3, (struct auto_rate_range){ 1000, 30000 });
		p.noise.cpu_share = path_between(&p, 0.5, 1);
		p.noise.cpu_until_s = 60;
		path_run(&p, 20);
		while (path_now_s(&p) < 60) {
			path_run(&p, path_now_s(&p) + AUTO_RATE_LOOK_S);
			cr_assert_geq(p.a.settled, 0.9 * 30000 * p.noise.cpu_share,
				      "seed %lu, %g of the pace: %g at %g s", seed, p.noise.cpu_share,
				      p.a.settled / 30000, path_now_s(&p));
			cr_assert_neq(p.a.state, AUTO_RATE_NETWORK, "seed %lu", seed);
		}
	}
}

Test(auto_rate, a_drop_now_and_then_changes_nothing)
{
	path_open(&p, 1, BOTTLENECK_NONE, 0.3, (struct auto_rate_range){ 1000, 30000 });
	p.noise.stray_ms = 700;
	path_run(&p, 10);
	cr_assert_float_eq(p.a.settled, 30000, 1e-6);
	while (path_now_s(&p) < 120) {
		path_run(&p, path_now_s(&p) + AUTO_RATE_LOOK_S);
		cr_assert_float_eq(p.a.settled, 30000, 1e-6, "at %g s", path_now_s(&p));
		cr_assert_eq(p.a.state, AUTO_RATE_CLEAN);
	}
}

Test(auto_rate, noise_in_the_hit_rate_does_not_swing_it)
{
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct held h;

		path_open(&p, seed, BOTTLENECK_NONE, 0.3, (struct auto_rate_range){ 1000, 30000 });
		p.noise.wobble = path_between(&p, 0, 0.1);
		path_run(&p, 20);
		h = hold_on(30000, 40);
		cr_expect(h.lowest > 0.8 && h.near > 0.4, "seed %lu, wobble %g: down to %g, near for %g",
			  seed, p.noise.wobble, h.lowest, h.near);
	}
}

Test(auto_rate, fewer_targets_are_no_narrower_path)
{
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		path_open(&p, seed, BOTTLENECK_NONE, 0.4, (struct auto_rate_range){ 1000, 30000 });
		p.noise.change_at_s = 20;
		p.noise.change = path_between(&p, 0.3, 0.9);
		path_run(&p, 30);
		cr_expect_leq(settle(30000, 60), SETTLE_S, "seed %lu, change %g: at %g", seed, p.noise.change,
			      p.a.settled);
	}
}

Test(auto_rate, never_leaves_its_range)
{
	for (uint64_t seed = 0; seed < SEEDS; seed++) {
		struct auto_rate a;
		double rate;

		p.random = world_mix(seed + 1) | 1;
		const double floor = path_between(&p, 0.5, 5000);
		const struct auto_rate_range range = { floor, floor * path_between(&p, 1, 1000) };

		auto_rate_init(&a, range);
		cr_assert_eq(a.rate, floor);
		for (int i = 0; i < 2000; i++) {
			const uint64_t sent = (uint64_t)(a.rate * path_between(&p, 0.5, 1.1) * 0.2);
			const struct auto_rate_look l = { .seconds = path_between(&p, 0.1, 0.4),
							  .sent = sent,
							  .frames = sent,
							  .replies = path_random(&p) % (sent / 2 + 1),
							  .lost = path_random(&p) % 8 == 0 ? sent / 3 : 0,
							  .unheard = path_random(&p) % 16 == 0 ? sent / 9 : 0,
							  .counter = "some_counter",
							  .broken = path_random(&p) % 32 == 0 };

			rate = auto_rate_step(&a, &l);
			cr_assert(rate >= range.floor && rate <= range.ceiling, "seed %lu: %g of %g-%g", seed,
				  rate, range.floor, range.ceiling);
			if (i % 500 == 0)
				auto_rate_set(&a, path_between(&p, 0, 1e7));
		}
	}
}

Test(auto_rate, one_rate_is_a_range_too)
{
	path_open(&p, 1, BOTTLENECK_POLICER, 0.5, (struct auto_rate_range){ 5000, 5000 });
	path_capacity(&p, 4000, 0);
	path_run(&p, 10);
	cr_assert_eq(p.a.rate, 5000);
	cr_assert_eq(p.highest, 5000);
}

Test(auto_rate, a_look_that_is_broken_says_nothing)
{
	struct auto_rate_look l = {
		.seconds = 0.2, .sent = 200, .frames = 200, .lost = 200, .counter = "x", .broken = true
	};
	struct auto_rate a;

	auto_rate_init(&a, wide);
	for (int i = 0; i < 100; i++)
		cr_assert_eq(auto_rate_step(&a, &l), 1000);
	cr_assert_eq(a.state, AUTO_RATE_CLEAN);
}

Test(auto_rate, names_the_counter)
{
	open_one(1, BOTTLENECK_POLICER);
	path_run(&p, 20);
	cr_assert_eq(p.a.state, AUTO_RATE_NETWORK);
	cr_assert_str_eq(p.a.cause, "pps_allowance_exceeded");
	open_one(1, BOTTLENECK_SILENT);
	path_run(&p, 20);
	cr_assert_eq(p.a.state, AUTO_RATE_NETWORK);
	cr_assert_str_eq(p.a.cause, AUTO_RATE_HITRATE);
	open_one(1, BOTTLENECK_CPU);
	path_run(&p, 20);
	cr_assert_eq(p.a.state, AUTO_RATE_CPU);
}
