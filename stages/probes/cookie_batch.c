/* SPDX-License-Identifier: Apache-2.0 */
/* Times are per cookie, on a 3.7 GHz Zen 4 core (bench/bench_cookie.c). */
#include "stages/probes/cookie_batch.h"

/*
 * One pass on purpose. The 16-bit ports make the compiler unroll by 32, which
 * is four independent chains of 8 lanes: SipHash is one long dependency, and
 * with one chain in flight the AVX-512 form takes 2.7 ns a cookie, not 2.3.
 */
static inline __attribute__((always_inline)) void body(const struct cookie_key *key, uint32_t local_addr,
						       const uint32_t *raddr, const uint16_t *rport,
						       const uint16_t *lport, uint64_t *out, unsigned int n)
{
	const uint64_t k0 = key->k0, k1 = key->k1 ^ local_addr;

	for (unsigned int i = 0; i < n; i++)
		out[i] = cookie_siphash(k0, k1, cookie_word(raddr[i], rport[i], lport[i]));
}

/* The architecture's baseline: on x86-64 SSE2, two lanes and no rotate. 8.4 ns; scalar code takes 9.8. */
static void plain(const struct cookie_key *key, uint32_t local_addr, const uint32_t *raddr,
		  const uint16_t *rport, const uint16_t *lport, uint64_t *out, unsigned int n)
{
	body(key, local_addr, raddr, rport, lport, out, n);
}

static bool always(void)
{
	return true;
}

#ifdef __x86_64__
/* 4.4 ns */
__attribute__((target("avx2"))) static void avx2(const struct cookie_key *key, uint32_t local_addr,
						 const uint32_t *raddr, const uint16_t *rport,
						 const uint16_t *lport, uint64_t *out, unsigned int n)
{
	body(key, local_addr, raddr, rport, lport, out, n);
}

static bool has_avx2(void)
{
	return __builtin_cpu_supports("avx2");
}

/* vprolq rotates eight lanes in one instruction: 2.3 ns */
__attribute__((target("avx512f,avx512vl,avx512bw,avx512dq"))) static void
avx512(const struct cookie_key *key, uint32_t local_addr, const uint32_t *raddr, const uint16_t *rport,
       const uint16_t *lport, uint64_t *out, unsigned int n)
{
	body(key, local_addr, raddr, rport, lport, out, n);
}

static bool has_avx512(void)
{
	return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
	       __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
}
#endif

const struct cookie_batch_form cookie_batch_forms[] = {
#ifdef __x86_64__
	{ "avx512", has_avx512, avx512 },
	{ "avx2", has_avx2, avx2 },
#endif
	{ "plain", always, plain },
	{ NULL, NULL, NULL },
};

/* Asking again costs a few loads and tests a block, 0.02 ns a cookie, and saves a mutable pointer. */
void cookie_batch(const struct cookie_key *key, uint32_t local_addr, const uint32_t *raddr,
		  const uint16_t *rport, const uint16_t *lport, uint64_t *out, unsigned int n)
{
	const struct cookie_batch_form *form = cookie_batch_forms;

	while (!form->supported())
		form++;
	form->fn(key, local_addr, raddr, rport, lport, out, n);
}
