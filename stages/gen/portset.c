/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The split divides by multiplying: with m = ceil(2^64 / d) = (2^64 + e) / d, 0 <= e < d,
 *
 *     x * m / 2^64 = x / d + x * e / (d * 2^64),
 *
 * and the floor is that of x / d as long as the error stays below 1 / d, that is
 * x * e < 2^64. Here x < 2^48 and e < d <= 2^16, so it is exact for every index
 * of every domain (Granlund and Montgomery, PLDI 1994).
 */
#include "stages/gen/portset.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int portset_init(struct portset *s, const struct ports *ports)
{
	uint32_t below = 0;

	*s = (struct portset){ .count = ports->count, .first = ports->port[0] };
	s->port = malloc(ports->count * sizeof(*s->port));
	s->set = calloc(PORTSET_WORDS, sizeof(*s->set));
	s->below = malloc(PORTSET_WORDS * sizeof(*s->below));
	if (s->port == NULL || s->set == NULL || s->below == NULL) {
		portset_fini(s);
		return -ENOMEM;
	}
	s->memory = ports->count * sizeof(*s->port) + PORTSET_WORDS * (sizeof(*s->set) + sizeof(*s->below));
	memcpy(s->port, ports->port, ports->count * sizeof(*s->port));
	s->contiguous = ports->port[ports->count - 1] - ports->port[0] + 1U == ports->count;
	s->reciprocal = UINT64_MAX / s->count + 1; /* ceil, for every count but 1, where it is 0 */
	for (uint32_t i = 0; i < ports->count; i++)
		s->set[ports->port[i] / 64] |= 1ULL << ports->port[i] % 64;
	for (uint32_t i = 0; i < PORTSET_WORDS; i++) {
		s->below[i] = (uint16_t)below; /* 65472 at most */
		below += (uint32_t)__builtin_popcountll(s->set[i]);
	}
	return 0;
}

void portset_fini(struct portset *s)
{
	free(s->below);
	free(s->set);
	free(s->port);
	*s = (struct portset){ 0 };
}

static void split_one(uint16_t only, const uint64_t *index, uint32_t *rank, uint16_t *port, unsigned int n)
{
	for (unsigned int k = 0; k < n; k++) {
		rank[k] = (uint32_t)index[k];
		port[k] = only;
	}
}

/* A contiguous power of two of ports, such as all 65536: shifts fill vector lanes, products of 128 bits do not. */
static void split_shift(const struct portset *s, const uint64_t *index, uint32_t *rank, uint16_t *port,
			unsigned int n)
{
	const unsigned int shift = (unsigned int)__builtin_ctz(s->count);

	for (unsigned int k = 0; k < n; k++) {
		rank[k] = (uint32_t)(index[k] >> shift);
		port[k] = (uint16_t)(s->first + (index[k] & (s->count - 1)));
	}
}

static inline uint32_t divide(uint64_t x, uint64_t reciprocal)
{
	return (uint32_t)((unsigned __int128)x * reciprocal >> 64);
}

void portset_split(const struct portset *s, const uint64_t *index, uint32_t *rank, uint16_t *port,
		   unsigned int n)
{
	const uint64_t reciprocal = s->reciprocal;
	const uint32_t count = s->count; /* index - rank * count < 2^32: 32 bits are enough */

	if (count == 1) {
		split_one(s->first, index, rank, port, n);
	} else if (s->contiguous && (count & (count - 1)) == 0) {
		split_shift(s, index, rank, port, n);
	} else if (s->contiguous) {
		for (unsigned int k = 0; k < n; k++) {
			rank[k] = divide(index[k], reciprocal);
			port[k] = (uint16_t)(s->first + ((uint32_t)index[k] - rank[k] * count));
		}
	} else {
		for (unsigned int k = 0; k < n; k++) {
			rank[k] = divide(index[k], reciprocal);
			port[k] = s->port[(uint32_t)index[k] - rank[k] * count];
		}
	}
}

bool portset_find(const struct portset *s, uint16_t port, uint32_t *position)
{
	uint64_t word = s->set[port / 64], bit = 1ULL << port % 64;

	if ((word & bit) == 0)
		return false;
	*position = s->below[port / 64] + (uint32_t)__builtin_popcountll(word & (bit - 1));
	return true;
}
