/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of a scan: a walk of the multiplicative group of p, the smallest
 * prime > N. Element of exponent e is g^(e + offset) mod p; element x stands for index
 * x - 1, and the few x > N (p - 1 - N of them) are rolled over. g is a primitive root
 * drawn from the seed and proved (g^((p-1)/q) != 1 for every prime q | p-1); so is offset.
 *
 * The same (N, seed) gives the same order on every machine, build and number of threads.
 */
#ifndef GEN_WALK_H
#define GEN_WALK_H

#include <stdbool.h>
#include <stdint.h>

#include "anyscan/error.h"

#define WALK_LANES 8

struct walk;
struct walk_cursor;
typedef unsigned int walk_next_fn(const struct walk *, struct walk_cursor *, unsigned int steps,
				  uint64_t *index);

#define WALK_STRIDES 4

struct walk { /* const after walk_init() */
	uint64_t n; /* size of the domain */
	uint64_t p; /* smallest prime > n, < 2^49 */
	uint64_t order; /* p - 1: exponents are 0..order-1 */
	uint64_t g; /* primitive root of p */
	uint64_t offset; /* exponent of the first element */
	uint64_t step, step_quotient; /* g^WALK_LANES and floor(step * 2^64 / p), Shoup's quotient */
	uint64_t g_quotient;
	/* the same for 1, 2, .. rows of lanes at once, with quotients of 52 bits: floor(stride * 2^52 / p) */
	uint64_t stride[WALK_STRIDES], stride_quotient[WALK_STRIDES];
	walk_next_fn *next; /* the best form for this CPU */
};

/* 1 <= n <= DOMAIN_SIZE_MAX. */
void walk_init(struct walk *, uint64_t n, uint64_t seed);

/* One position of a thread. Lane j holds the element of exponent `exponent + j`. */
struct walk_cursor {
	uint64_t lane[WALK_LANES];
};

void walk_seek(const struct walk *, uint64_t exponent, struct walk_cursor *);

/*
 * Emits the indices of the next `steps` exponents in order into index[], rolling
 * over those outside the domain; returns how many (<= steps). steps is a multiple of WALK_LANES
 * except in the last call of an interval. index has room for steps rounded up to WALK_LANES.
 */
static inline unsigned int walk_next(const struct walk *w, struct walk_cursor *c, unsigned int steps,
				     uint64_t *index)
{
	return w->next(w, c, steps, index);
}

struct walk_form { /* stages/forms.h */
	const char *name;
	bool (*supported)(void);
	walk_next_fn *fn;
};
extern const struct walk_form walk_forms[]; /* ends with name NULL */

/* Shard i of n owns exponents [first, end): depends on (order, i, n) and nothing else. */
struct interval {
	uint64_t first, end;
	uint32_t
		pass; /* of what is left: the first probe of its targets that is; 0 but with probes that are spaced */
};
struct interval walk_shard(const struct walk *, uint32_t shard, uint32_t shards);

#endif
