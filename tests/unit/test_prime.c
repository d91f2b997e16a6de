/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "stages/gen/prime.h"

#define LIMIT 200000

Test(prime, agrees_with_a_sieve)
{
	static bool composite[LIMIT];

	for (uint64_t i = 2; i < LIMIT; i++)
		for (uint64_t k = i * i; !composite[i] && k < LIMIT; k += i)
			composite[k] = true;
	cr_assert_not(prime_is(0));
	cr_assert_not(prime_is(1));
	for (uint64_t i = 2; i < LIMIT; i++)
		cr_assert_eq(prime_is(i), !composite[i], "%lu", i);
}

Test(prime, pseudoprimes_are_composite)
{
	static const uint64_t pseudo[] = {
		561,
		1105,
		1729,
		2047,
		1373653,
		25326001, /* Carmichael; strong to 2; 2, 3; 2, 3, 5 */
		3215031751, /* strong to 2, 3, 5, 7 */
		2152302898747,
		3474749660383,
		341550071728321,
		3825123056546413051, /* to the first 5, 6, 7, 9 primes */
		4294967291ULL * 4294967279ULL,
	};

	for (size_t i = 0; i < sizeof(pseudo) / sizeof(pseudo[0]); i++)
		cr_assert_not(prime_is(pseudo[i]), "%lu", pseudo[i]);
	cr_assert(prime_is((1ULL << 61) - 1));
	cr_assert(prime_is(18446744073709551557ULL)); /* the largest below 2^64 */
}

Test(prime, next)
{
	static const struct {
		uint64_t power, distance;
	} known[] = { { 8, 1 },	  { 16, 1 },  { 24, 43 }, { 28, 3 }, { 32, 15 }, { 33, 17 },
		      { 34, 25 }, { 36, 31 }, { 40, 15 }, { 44, 7 }, { 48, 21 } };

	cr_assert_eq(prime_next(0), 2);
	cr_assert_eq(prime_next(1), 2);
	cr_assert_eq(prime_next(2), 3);
	cr_assert_eq(prime_next(3), 5);
	cr_assert_eq(prime_next(13), 17);
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		cr_assert_eq(prime_next(1ULL << known[i].power), (1ULL << known[i].power) + known[i].distance,
			     "2^%lu", known[i].power);
}

/* The factors are prime, ascending, and nothing but them divides n. */
static void check_factors(uint64_t n)
{
	uint64_t factor[PRIME_FACTORS_MAX], left = n;
	unsigned int count = prime_factors(n, factor);

	for (unsigned int i = 0; i < count; i++) {
		cr_assert(prime_is(factor[i]), "%lu of %lu", factor[i], n);
		cr_assert(i == 0 || factor[i] > factor[i - 1]);
		cr_assert_eq(left % factor[i], 0);
		while (left % factor[i] == 0)
			left /= factor[i];
	}
	cr_assert_eq(left, 1, "%lu", n);
}

static void expect_factors(uint64_t n, unsigned int count, const uint64_t *want)
{
	uint64_t factor[PRIME_FACTORS_MAX];

	cr_assert_eq(prime_factors(n, factor), count, "%lu", n);
	for (unsigned int i = 0; i < count; i++)
		cr_assert_eq(factor[i], want[i], "%lu: %lu", n, factor[i]);
}

Test(prime, known_factorisations)
{
	expect_factors(1, 0, NULL);
	expect_factors(2, 1, (uint64_t[]){ 2 });
	expect_factors(1ULL << 48, 1, (uint64_t[]){ 2 });
	expect_factors((1ULL << 32) + 14, 5, (uint64_t[]){ 2, 3, 5, 131, 364289 });
	expect_factors((1ULL << 40) + 14, 4, (uint64_t[]){ 2, 3, 5, 36650387593 });
	expect_factors((1ULL << 44) + 6, 5, (uint64_t[]){ 2, 11, 53, 97, 155542661 });
	expect_factors((1ULL << 48) + 20, 5, (uint64_t[]){ 2, 3, 7, 1361, 2462081249 });
	expect_factors(614889782588491410ULL, 15,
		       (uint64_t[]){ 2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43, 47 });
}

Test(prime, factorises_everything)
{
	uint64_t draw = 1;

	for (uint64_t n = 1; n < 20000; n++)
		check_factors(n);
	for (int i = 0; i < 500; i++) {
		draw = draw * 6364136223846793005ULL + 1442695040888963407ULL;
		check_factors((draw >> 15) + 1);
	}
	/* the worst below 2^49: squares and products of two large primes */
	check_factors(16777213ULL * 16777213);
	check_factors(16777213ULL * 33554393);
	check_factors(8388593ULL * 8388587 * 2);
	check_factors(41ULL * 41 * 43 * 43 * 47 * 47);
	check_factors(65521ULL * 65521 * 65519);
}

/* history 3 */
Test(prime, modular_products_do_not_wrap)
{
	const uint64_t p = (1ULL << 48) + 21;

	cr_assert_eq(prime_mul(p - 1, p - 1, p), 1);
	cr_assert_eq(prime_mul(1ULL << 47, 4, p), 2 * (1ULL << 48) - p);
	cr_assert_eq(prime_pow(3, 0, p), 1);
	cr_assert_eq(prime_pow(3, 0, 1), 0);
	cr_assert_eq(prime_pow(3, p - 1, p), 1); /* Fermat */
	cr_assert_eq(prime_pow(2, 48, p), p - 21);
}
