/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/gen/prime.h"

/*
 * As Miller-Rabin bases these twelve decide every n < 3.3 * 10^24 (Sorenson
 * and Webster, "Strong pseudoprimes to twelve prime bases", 2015).
 */
static const uint64_t small_primes[] = { 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37 };
#define BATCH 64 /* products per gcd */
#define SMALL (sizeof(small_primes) / sizeof(small_primes[0]))

uint64_t prime_mul(uint64_t a, uint64_t b, uint64_t modulus)
{
	return (uint64_t)((unsigned __int128)a * b % modulus);
}

uint64_t prime_pow(uint64_t base, uint64_t exponent, uint64_t modulus)
{
	uint64_t result = 1 % modulus;

	base %= modulus;
	for (; exponent; exponent >>= 1) {
		if (exponent & 1)
			result = prime_mul(result, base, modulus);
		base = prime_mul(base, base, modulus);
	}
	return result;
}

/* n - 1 = odd << twos; true when `base` proves n composite. */
static bool witness(uint64_t base, uint64_t n, uint64_t odd, int twos)
{
	uint64_t x = prime_pow(base, odd, n);

	if (x == 1 || x == n - 1)
		return false;
	while (--twos > 0) {
		x = prime_mul(x, x, n);
		if (x == n - 1)
			return false;
	}
	return true;
}

bool prime_is(uint64_t n)
{
	if (n < 2)
		return false;
	for (unsigned int i = 0; i < SMALL; i++)
		if (n % small_primes[i] == 0)
			return n == small_primes[i];

	int twos = __builtin_ctzll(n - 1);
	for (unsigned int i = 0; i < SMALL; i++)
		if (witness(small_primes[i], n, (n - 1) >> twos, twos))
			return false;
	return true;
}

uint64_t prime_next(uint64_t n)
{
	do {
		n++;
	} while (!prime_is(n));
	return n;
}

static uint64_t gcd(uint64_t a, uint64_t b)
{
	while (b) {
		uint64_t r = a % b;
		a = b;
		b = r;
	}
	return a;
}

/*
 * Pollard's rho with Brent's cycle finding (BIT 20, 1980): a proper factor of
 * the composite, odd n. About n^(1/4) products: some thousands below 2^49.
 */
static uint64_t split(uint64_t n)
{
	for (uint64_t c = 1;; c++) {
		uint64_t x = 0, y = 2, start = 2, factor = 1;

		for (uint64_t run = 1; factor == 1; run *= 2) {
			x = y;
			for (uint64_t i = 0; i < run; i++)
				y = (prime_mul(y, y, n) + c) % n;
			for (uint64_t k = 0; k < run && factor == 1; k += BATCH) {
				uint64_t product = 1;

				start = y;
				for (uint64_t i = 0; i < BATCH && i < run - k; i++) {
					y = (prime_mul(y, y, n) + c) % n;
					product = prime_mul(product, x > y ? x - y : y - x, n);
				}
				factor = gcd(product, n);
			}
		}
		if (factor == n) { /* several factors fell into one batch: step through it */
			do {
				start = (prime_mul(start, start, n) + c) % n;
				factor = gcd(x > start ? x - start : start - x, n);
			} while (factor == 1);
		}
		if (factor != n)
			return factor;
	}
}

static unsigned int insert(uint64_t *factor, unsigned int count, uint64_t prime)
{
	unsigned int at = count;

	for (unsigned int i = 0; i < count; i++)
		if (factor[i] == prime)
			return count;
	for (; at > 0 && factor[at - 1] > prime; at--)
		factor[at] = factor[at - 1];
	factor[at] = prime;
	return count + 1;
}

static unsigned int collect(uint64_t n, uint64_t *factor, unsigned int count)
{
	if (n == 1)
		return count;
	if (prime_is(n))
		return insert(factor, count, n);
	uint64_t part = split(n);
	count = collect(part, factor, count);
	return collect(n / part, factor, count);
}

unsigned int prime_factors(uint64_t n, uint64_t factor[PRIME_FACTORS_MAX])
{
	unsigned int count = 0;

	for (unsigned int i = 0; i < SMALL; i++) {
		if (n % small_primes[i] != 0)
			continue;
		count = insert(factor, count, small_primes[i]);
		while (n % small_primes[i] == 0)
			n /= small_primes[i];
	}
	return collect(n, factor, count);
}
