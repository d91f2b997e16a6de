/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/cookie.h"
#include "stages/probes/cookie_batch.h"

static uint64_t rotl(uint64_t x, int b)
{
	return x << b | x >> (64 - b);
}

/* SipHash-2-4 for any length, written from section 2 of the paper and independent of cookie.h. */
static uint64_t siphash_any(uint64_t k0, uint64_t k1, const uint8_t *in, size_t len)
{
	uint64_t v[4] = { k0 ^ 0x736f6d6570736575, k1 ^ 0x646f72616e646f6d, k0 ^ 0x6c7967656e657261,
			  k1 ^ 0x7465646279746573 };

	for (size_t block = 0; block <= len / 8 + 1; block++) {
		const int final = block == len / 8 + 1;
		uint64_t m = 0;

		for (size_t i = 0; i < 8 && block * 8 + i < len; i++)
			m |= (uint64_t)in[block * 8 + i] << 8 * i;
		if (block == len / 8)
			m |= (uint64_t)len << 56;
		if (final)
			v[2] ^= 0xff;
		else
			v[3] ^= m;
		for (int round = 0; round < (final ? 4 : 2); round++) {
			v[0] += v[1], v[1] = rotl(v[1], 13) ^ v[0], v[0] = rotl(v[0], 32);
			v[2] += v[3], v[3] = rotl(v[3], 16) ^ v[2];
			v[0] += v[3], v[3] = rotl(v[3], 21) ^ v[0];
			v[2] += v[1], v[1] = rotl(v[1], 17) ^ v[2], v[2] = rotl(v[2], 32);
		}
		if (!final)
			v[0] ^= m;
	}
	return v[0] ^ v[1] ^ v[2] ^ v[3];
}

/* Key 00..0f, input 00, 01, ...: the table that comes with the reference implementation. */
#define K0 0x0706050403020100ULL
#define K1 0x0f0e0d0c0b0a0908ULL

Test(cookie, official_vectors)
{
	const struct {
		size_t len;
		uint64_t hash;
	} vector[] = {
		{ 0, 0x726fdb47dd0e0e31 }, { 1, 0x74f839c593dc67fd },  { 7, 0xab0200f58b01d137 },
		{ 8, 0x93f5f5799a932462 }, { 15, 0xa129ca6149be45e5 }, { 16, 0x3f2acc7f57c29bdb },
	};
	uint8_t in[16];

	for (unsigned int i = 0; i < sizeof(in); i++)
		in[i] = (uint8_t)i;
	for (unsigned int i = 0; i < sizeof(vector) / sizeof(vector[0]); i++)
		cr_assert_eq(siphash_any(K0, K1, in, vector[i].len), vector[i].hash, "length %zu",
			     vector[i].len);
	cr_assert_eq(cookie_siphash(K0, K1, 0x0706050403020100ULL), 0x93f5f5799a932462ULL);
}

static uint64_t random64(uint64_t *state)
{
	*state += 0x9e3779b97f4a7c15ULL;
	uint64_t x = *state;

	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9ULL;
	x = (x ^ x >> 27) * 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

Test(cookie, word_form_equals_the_general_one)
{
	uint64_t state = 1;

	for (int i = 0; i < 10000; i++) {
		const uint64_t k0 = random64(&state), k1 = random64(&state), word = random64(&state);
		uint8_t in[8];

		for (int j = 0; j < 8; j++)
			in[j] = (uint8_t)(word >> 8 * j);
		cr_assert_eq(cookie_siphash(k0, k1, word), siphash_any(k0, k1, in, 8));
	}
}

Test(cookie, every_argument_matters)
{
	const struct cookie_key key = { K0, K1 }, other0 = { K0 ^ 1, K1 }, other1 = { K0, K1 ^ 1ULL << 63 };
	const uint32_t c = cookie(&key, 0x0a000001, 0xc0000201, 443, 40000);

	cr_assert_eq(c, (uint32_t)cookie_siphash(K0, K1 ^ 0x0a000001, 0xc000020101bb9c40ULL));
	cr_assert_neq(c, cookie(&other0, 0x0a000001, 0xc0000201, 443, 40000));
	cr_assert_neq(c, cookie(&other1, 0x0a000001, 0xc0000201, 443, 40000));
	cr_assert_neq(c, cookie(&key, 0x0a000002, 0xc0000201, 443, 40000));
	cr_assert_neq(c, cookie(&key, 0x0a000001, 0xc0000202, 443, 40000));
	cr_assert_neq(c, cookie(&key, 0x0a000001, 0xc0000201, 444, 40000));
	cr_assert_neq(c, cookie(&key, 0x0a000001, 0xc0000201, 443, 40001));
}

/* n items in allocations of just that size: a vector form must not touch what lies behind. */
static void check_form(const char *name, cookie_batch_fn *fn, unsigned int n, uint64_t *state)
{
	const struct cookie_key key = { random64(state), random64(state) };
	const uint32_t local = (uint32_t)random64(state);
	uint32_t *raddr = calloc(n, sizeof(*raddr)); // NOLINT: n may be 0, then nothing may be touched
	uint16_t *rport = calloc(n, sizeof(*rport)), *lport = calloc(n + 1, sizeof(*lport));
	uint64_t *out = calloc(n, sizeof(*out));

	for (unsigned int i = 0; i < n; i++) {
		raddr[i] = (uint32_t)random64(state);
		rport[i] = (uint16_t)random64(state);
		lport[i] = (uint16_t)random64(state);
	}
	fn(&key, local, raddr, rport, lport, out, n);
	for (unsigned int i = 0; i < n; i++) {
		cr_assert_eq((uint32_t)out[i], cookie(&key, local, raddr[i], rport[i], lport[i]),
			     "%s: %u of %u", name, i, n);
		cr_assert_eq(
			out[i],
			cookie_siphash(key.k0, key.k1 ^ local, cookie_word(raddr[i], rport[i], lport[i])),
			"%s: %u of %u, upper half", name, i, n);
	}
	free(out);
	free(lport);
	free(rport);
	free(raddr);
}

Test(cookie_batch, every_form_equals_the_scalar_cookie)
{
	uint64_t state = 2;
	unsigned int tested = 0;

	for (const struct cookie_batch_form *f = cookie_batch_forms; f->name != NULL; f++) {
		if (!f->supported())
			continue;
		for (unsigned int n = 0; n <= BLOCK_ITEMS; n++)
			check_form(f->name, f->fn, n, &state);
		tested++;
	}
	cr_assert_geq(tested, 1);
}

Test(cookie_batch, the_last_form_runs_anywhere)
{
	const struct cookie_batch_form *f = cookie_batch_forms;

	while (f[1].name != NULL)
		f++;
	cr_assert_str_eq(f->name, "plain");
	cr_assert(f->supported());
}
