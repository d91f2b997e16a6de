/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x -> x * c mod p for a constant c, by Shoup's precomputed quotient: with
 * c' = floor(c * 2^64 / p), q = floor(x * c' / 2^64) is the true quotient or one less, so x * c - q * p
 * lies in [0, 2p). Two products and a minimum, no division, exact for p < 2^63. A plain 64-bit
 * x * c would wrap above 2^32 and fall into short cycles.
 *
 * One multiplication waits for the last (2.5 ns); WALK_LANES of them, each stepping by g^WALK_LANES, overlap
 * (0.9 ns) and give the same order.
 */
#include "stages/gen/walk.h"

#include <stdbool.h>
#include <string.h>

#include "anyscan/cookie.h"
#include "stages/gen/prime.h"

#define likely(x) __builtin_expect(!!(x), 1)

/* Words that keep the draws of generator and offset apart. */
#define DRAW_GENERATOR (1ULL << 32)
#define DRAW_OFFSET (2ULL << 32)

static inline uint64_t multiply(uint64_t x, uint64_t c, uint64_t quotient, uint64_t p)
{
	uint64_t q = (uint64_t)((unsigned __int128)x * quotient >> 64);
	uint64_t r = x * c - q * p;

	return r < r - p ? r : r - p; /* r - p wraps to above 2^63 when r < p */
}

static uint64_t shoup_quotient(uint64_t c, uint64_t p)
{
	return (uint64_t)(((unsigned __int128)c << 64) / p);
}

/* True when g^((p-1)/q) != 1 for every prime q | p - 1: g generates all of 1..p-1. */
static bool primitive(uint64_t g, uint64_t p, const uint64_t *factor, unsigned int factors)
{
	for (unsigned int i = 0; i < factors; i++)
		if (prime_pow(g, (p - 1) / factor[i], p) == 1)
			return false;
	return true;
}

/* A share phi(p-1)/(p-1) of all candidates is primitive: a handful of draws. */
static uint64_t draw_generator(const struct walk *w, uint64_t seed)
{
	uint64_t factor[PRIME_FACTORS_MAX];
	unsigned int factors = prime_factors(w->order, factor);

	if (w->p <= 3)
		return w->p - 1;
	for (uint64_t draw = 0;; draw++) {
		/* 2..p-2: 1 and p-1 have orders 1 and 2 */
		uint64_t g = 2 + cookie_siphash(seed, w->n, DRAW_GENERATOR + draw) % (w->p - 3);

		if (primitive(g, w->p, factor, factors))
			return g;
	}
}

void walk_init(struct walk *w, uint64_t n, uint64_t seed)
{
	w->n = n;
	w->p = prime_next(n);
	w->order = w->p - 1;
	w->g = draw_generator(w, seed);
	w->g_quotient = shoup_quotient(w->g, w->p);
	w->offset = cookie_siphash(seed, n, DRAW_OFFSET) % w->order;
	w->step = prime_pow(w->g, WALK_LANES, w->p);
	w->step_quotient = shoup_quotient(w->step, w->p);
}

void walk_seek(const struct walk *w, uint64_t exponent, struct walk_cursor *c)
{
	c->lane[0] = prime_pow(w->g, (uint64_t)(((unsigned __int128)exponent + w->offset) % w->order), w->p);
	for (unsigned int j = 1; j < WALK_LANES; j++)
		c->lane[j] = multiply(c->lane[j - 1], w->g, w->g_quotient, w->p);
}

/* Elements to indices: true when one of them lies outside the domain. Vectorises. */
static bool to_indices(uint64_t n, uint64_t *index, unsigned int count)
{
	uint64_t outside = 0;

	for (unsigned int i = 0; i < count; i++) {
		outside |= n - index[i]; /* negative when the element is > n */
		index[i]--;
	}
	return outside >> 63;
}

/* index[0..count) without what lies outside the domain. */
static unsigned int compact(uint64_t n, uint64_t *index, unsigned int count)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < count; i++) {
		uint64_t value = index[i];

		index[kept] = value;
		kept += value < n;
	}
	return kept;
}

unsigned int walk_next(const struct walk *w, struct walk_cursor *c, unsigned int steps, uint64_t *index)
{
	const uint64_t p = w->p, step = w->step, quotient = w->step_quotient;
	unsigned int last; /* row of lanes */

	if (steps == 0)
		return 0;
	last = (steps - 1) / WALK_LANES * WALK_LANES;
	/* the lanes live in the output, each row a step on from the one before: 1.1 ns, with copies 1.4 */
	memcpy(index, c->lane, sizeof(c->lane));
#pragma GCC unroll 8
	for (unsigned int i = 0; i < last; i++)
		index[i + WALK_LANES] = multiply(index[i], step, quotient, p);
	for (unsigned int j = 0; j < WALK_LANES; j++)
		c->lane[j] = multiply(index[last + j], step, quotient, p);

	/* prime gaps are short, some hundred elements of 2^48: the branch is free */
	if (likely(!to_indices(w->n, index, steps)))
		return steps;
	return compact(w->n, index, steps);
}

struct interval walk_shard(const struct walk *w, uint32_t shard, uint32_t shards)
{
	return (struct interval){
		.first = (uint64_t)((unsigned __int128)w->order * shard / shards),
		.end = (uint64_t)((unsigned __int128)w->order * ((uint64_t)shard + 1) / shards),
	};
}
