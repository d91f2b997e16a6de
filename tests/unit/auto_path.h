/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For test_auto_rate.c: a scan at --rate auto in a time of its own, a millisecond at a time. Probes go through the
 * bottleneck of the sim engine; who answers is drawn, and answers after the round trip.
 */
#ifndef UNIT_AUTO_PATH_H
#define UNIT_AUTO_PATH_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "anyscan/clock.h"
#include "io/sim/bottleneck.h"
#include "stages/auto_rate/auto_rate.h"

#define PATH_FUTURE_MS 4096

struct path_noise {
	double wobble; /* the hit rate of each look is drawn from 1 +- this */
	double change_at_s, change; /* from then on it is multiplied by this */
	double cpu_share, cpu_at_s, cpu_until_s; /* what of the pace the sender keeps then */
	unsigned int stray_ms; /* one counted drop each; 0: none */
};

struct path {
	uint64_t random;
	struct bottleneck way;
	struct path_noise noise;
	double hit_rate;
	unsigned int rtt_ms;
	struct auto_rate a;
	uint64_t ms, sent, passed, answered;
	double owed; /* of a probe */
	uint32_t due[PATH_FUTURE_MS]; /* answers, by the millisecond */
	struct auto_rate_look look;
	double hits; /* the hit rate of this look */
	double highest; /* rate asked for so far */
};

static inline uint64_t path_random(struct path *p)
{
	p->random ^= p->random << 13;
	p->random ^= p->random >> 7;
	p->random ^= p->random << 17;
	return p->random;
}

static inline double path_uniform(struct path *p)
{
	return (double)(path_random(p) >> 11) * 0x1p-53;
}

static inline double path_between(struct path *p, double least, double most)
{
	return least + (most - least) * path_uniform(p);
}

static inline double path_now_s(const struct path *p)
{
	return (double)p->ms / 1000;
}

static void path_open(struct path *p, uint64_t seed, enum world_bottleneck_kind kind, double hit_rate,
		      struct auto_rate_range range)
{
	memset(p, 0, sizeof(*p));
	p->random = world_mix(seed + 1) | 1;
	path_random(p);
	p->way.spec = (struct world_bottleneck){ .kind = kind, .queue_ns = 50000000 };
	p->hit_rate = p->hits = hit_rate;
	p->rtt_ms = 5 + (unsigned int)(path_random(p) % 150);
	auto_rate_init(&p->a, range);
}

/* From `at_s` on; in order. */
static void path_capacity(struct path *p, double rate, double at_s)
{
	struct world_bottleneck spec = p->way.spec;

	spec.capacity[spec.capacities].rate = (uint64_t)rate;
	spec.capacity[spec.capacities++].from_ns = (uint64_t)(at_s * 1e9);
	bottleneck_init(&p->way, &spec);
}

static void path_answer(struct path *p)
{
	const uint64_t delay = p->rtt_ms + bottleneck_delay_ns(&p->way) / 1000000;

	p->passed++;
	if (path_uniform(p) < p->hits)
		p->due[(p->ms + delay) % PATH_FUTURE_MS]++;
}

/* What the sender gets off in this millisecond. */
static double path_pace(const struct path *p)
{
	const struct path_noise *n = &p->noise;
	const double now = path_now_s(p), asked = p->a.rate;
	const double most = bottleneck_capacity(&p->way.spec, p->ms * 1000000);
	const bool slow = now >= n->cpu_at_s && now < n->cpu_until_s;

	if (p->way.spec.kind == BOTTLENECK_CPU && asked > most)
		return most;
	return slow ? asked * n->cpu_share : asked;
}

static void path_send(struct path *p)
{
	const bool narrow = p->way.spec.kind != BOTTLENECK_NONE && p->way.spec.kind != BOTTLENECK_CPU;

	if (narrow)
		bottleneck_enter(&p->way, NS_PER_S + p->ms * 1000000);
	for (p->owed += path_pace(p) / 1000; p->owed >= 1; p->owed -= 1) {
		p->sent++;
		p->look.sent++;
		if (!narrow || bottleneck_pass(&p->way))
			path_answer(p);
		else if (p->way.spec.kind == BOTTLENECK_POLICER)
			p->look.lost++;
	}
	if (narrow)
		bottleneck_leave(&p->way);
	if (p->noise.stray_ms > 0 && p->ms % p->noise.stray_ms == 0)
		p->look.lost++;
}

static void path_look(struct path *p)
{
	const struct path_noise *n = &p->noise;

	p->look.seconds = AUTO_RATE_LOOK_S;
	p->look.frames = p->look.sent;
	p->look.counter = p->look.lost > 0 ? "pps_allowance_exceeded" : NULL;
	auto_rate_step(&p->a, &p->look);
	p->look = (struct auto_rate_look){ 0 };
	p->highest = p->a.rate > p->highest ? p->a.rate : p->highest;
	p->hits = p->hit_rate * path_between(p, 1 - n->wobble, 1 + n->wobble);
	if (n->change > 0 && path_now_s(p) >= n->change_at_s)
		p->hits *= n->change;
}

/* Until that time. */
static void path_run(struct path *p, double until_s)
{
	while (path_now_s(p) < until_s) {
		uint32_t *due = &p->due[p->ms % PATH_FUTURE_MS];

		p->look.replies += *due;
		p->answered += *due;
		*due = 0;
		path_send(p);
		p->ms++;
		if (p->ms % (uint64_t)(AUTO_RATE_LOOK_S * 1000) == 0)
			path_look(p);
	}
}

#endif
