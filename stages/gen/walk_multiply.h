/* SPDX-License-Identifier: Apache-2.0 */
/*
 * x -> x * c mod p for a constant c, by Shoup's precomputed quotient: with
 * c' = floor(c * 2^64 / p), q = floor(x * c' / 2^64) is the true quotient or one less, so x * c - q * p
 * lies in [0, 2p). Two products and a minimum, no division, exact for p < 2^63. A plain 64-bit
 * x * c would wrap above 2^32 and fall into short cycles.
 */
#ifndef GEN_WALK_MULTIPLY_H
#define GEN_WALK_MULTIPLY_H

#include <stdint.h>

static inline uint64_t walk_multiply(uint64_t x, uint64_t c, uint64_t quotient, uint64_t p)
{
	uint64_t q = (uint64_t)((unsigned __int128)x * quotient >> 64);
	uint64_t r = x * c - q * p;

	return r < r - p ? r : r - p; /* r - p wraps to above 2^63 when r < p */
}

#endif
