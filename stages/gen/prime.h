/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The number theory that a walk needs at start-up: primes and factors of
 * numbers below 2^63, exact, in well under a millisecond for those below 2^49.
 */
#ifndef GEN_PRIME_H
#define GEN_PRIME_H

#include <stdbool.h>
#include <stdint.h>

#define PRIME_FACTORS_MAX 15 /* the product of the first 16 primes is above 2^64 */

uint64_t prime_mul(uint64_t a, uint64_t b, uint64_t modulus); /* a * b mod modulus by the 128-bit product */
uint64_t prime_pow(uint64_t base, uint64_t exponent, uint64_t modulus);

bool prime_is(uint64_t n);
uint64_t prime_next(uint64_t n); /* the smallest prime > n */

/* Distinct prime factors of n >= 1, ascending; returns how many. */
unsigned int prime_factors(uint64_t n, uint64_t factor[PRIME_FACTORS_MAX]);

#endif
