/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/gen/walk.h"

#include "anyscan/cookie.h"
#include "stages/forms.h"
#include "stages/gen/prime.h"
#include "stages/gen/walk_multiply.h"

/* Words that keep the draws of generator and offset apart. */
#define DRAW_GENERATOR (1ULL << 32)
#define DRAW_OFFSET (2ULL << 32)

/* floor(c * 2^bits / p) */
static uint64_t shoup_quotient(uint64_t c, unsigned int bits, uint64_t p)
{
	return (uint64_t)(((unsigned __int128)c << bits) / p);
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
	*w = (struct walk){ .n = n, .p = prime_next(n) };
	w->order = w->p - 1;
	w->g = draw_generator(w, seed);
	w->g_quotient = shoup_quotient(w->g, 64, w->p);
	w->offset = cookie_siphash(seed, n, DRAW_OFFSET) % w->order;
	w->step = prime_pow(w->g, WALK_LANES, w->p);
	w->step_quotient = shoup_quotient(w->step, 64, w->p);
	for (unsigned int i = 0; i < WALK_STRIDES; i++) {
		w->stride[i] = prime_pow(w->g, (uint64_t)WALK_LANES * (i + 1), w->p);
		w->stride_quotient[i] = shoup_quotient(w->stride[i], 52, w->p);
	}
	w->next = FORMS_BEST(walk_forms)->fn;
}

void walk_seek(const struct walk *w, uint64_t exponent, struct walk_cursor *c)
{
	c->lane[0] = prime_pow(w->g, (uint64_t)(((unsigned __int128)exponent + w->offset) % w->order), w->p);
	for (unsigned int j = 1; j < WALK_LANES; j++)
		c->lane[j] = walk_multiply(c->lane[j - 1], w->g, w->g_quotient, w->p);
}

struct interval walk_shard(const struct walk *w, uint32_t shard, uint32_t shards)
{
	return (struct interval){
		.first = (uint64_t)((unsigned __int128)w->order * shard / shards),
		.end = (uint64_t)((unsigned __int128)w->order * ((uint64_t)shard + 1) / shards),
	};
}
