/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One form of cookie_batch() over GNU vectors; private to cookie_batch.c, which includes it once per form with
 *
 *     FORM     the function              LANES   64-bit lanes of a vector
 *     TARGET   its attributes            CHAINS  vectors in flight
 *     SINGLES  probes that go through general registers meanwhile
 *     ROTATE   a vector and by how many bits, a constant; none: as COOKIE_ROTL()
 *     HALVES, WORDS   the indices of shuffles that rotate each lane by 32 and by 16; none: by shifts
 */
#define JOIN_(a, b) a##_##b
#define JOIN(a, b) JOIN_(a, b)
#define VECTOR JOIN(FORM, vector)
#define ROUND JOIN(FORM, round)
#define HASH JOIN(FORM, hash)
#define ALL (LANES * CHAINS + SINGLES)

typedef uint64_t VECTOR __attribute__((vector_size(LANES * 8)));
typedef VECTOR JOIN(VECTOR, memory) __attribute__((aligned(8), may_alias));

#ifndef ROTATE
#define ROTATE COOKIE_ROTL
#endif
#ifdef HALVES
#define TURN(v, unit, ...) \
	((VECTOR)__builtin_shufflevector((JOIN(VECTOR, unit))(v), (JOIN(VECTOR, unit))(v), __VA_ARGS__))
#define TURN_32(v) TURN(v, halves, HALVES)
#define TURN_16(v) TURN(v, words, WORDS)
typedef uint32_t JOIN(VECTOR, halves) __attribute__((vector_size(LANES * 8)));
typedef uint16_t JOIN(VECTOR, words) __attribute__((vector_size(LANES * 8)));
#else
#define TURN_32(v) ROTATE(v, 32)
#define TURN_16(v) ROTATE(v, 16)
#endif

TARGET static inline __attribute__((always_inline)) void ROUND(VECTOR v[4])
{
	v[0] += v[1];
	v[2] += v[3];
	v[1] = ROTATE(v[1], 13) ^ v[0];
	v[3] = TURN_16(v[3]) ^ v[2];
	v[0] = TURN_32(v[0]);
	v[2] += v[1];
	v[0] += v[3];
	v[1] = ROTATE(v[1], 17) ^ v[2];
	v[3] = ROTATE(v[3], 21) ^ v[0];
	v[2] = TURN_32(v[2]);
}

/* The words of ALL probes into their hashes. */
TARGET static inline __attribute__((always_inline)) void HASH(uint64_t k0, uint64_t k1, uint64_t word[ALL])
{
	const uint64_t start[] = { k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL,
				   k0 ^ 0x6c7967656e657261ULL, k1 ^ 0x7465646279746573ULL };
	const uint64_t length = 8ULL << 56;
	/* not by memcpy(): the compiler makes it one of halves through the stack, which stalls the load of the whole */
	JOIN(VECTOR, memory) *memory = (JOIN(VECTOR, memory) *)word;
	uint64_t s[SINGLES + 1][4]; /* no array of none */
	VECTOR v[CHAINS][4], m[CHAINS];

	for (unsigned int c = 0; c < CHAINS; c++) {
		m[c] = memory[c];
		for (unsigned int i = 0; i < 4; i++)
			v[c][i] = (VECTOR){ 0 } + start[i];
		v[c][3] ^= m[c];
	}
	for (int c = 0; c < SINGLES; c++) {
		for (unsigned int i = 0; i < 4; i++)
			s[c][i] = start[i];
		s[c][3] ^= word[LANES * CHAINS + c];
	}
#pragma GCC unroll 8
	for (unsigned int round = 0; round < 8; round++) {
		for (unsigned int c = 0; c < CHAINS; c++)
			ROUND(v[c]);
		for (int c = 0; c < SINGLES; c++)
			COOKIE_SIPROUND(s[c][0], s[c][1], s[c][2], s[c][3]);
		for (unsigned int c = 0; c < CHAINS && round % 2 == 1; c++) {
			if (round == 1) {
				v[c][0] ^= m[c];
				v[c][3] ^= length;
			} else if (round == 3) {
				v[c][0] ^= length;
				v[c][2] ^= 0xff;
			}
		}
		for (int c = 0; c < SINGLES && round % 2 == 1; c++) {
			if (round == 1) {
				s[c][0] ^= word[LANES * CHAINS + c];
				s[c][3] ^= length;
			} else if (round == 3) {
				s[c][0] ^= length;
				s[c][2] ^= 0xff;
			}
		}
	}
	for (unsigned int c = 0; c < CHAINS; c++)
		memory[c] = v[c][0] ^ v[c][1] ^ v[c][2] ^ v[c][3];
	for (int c = 0; c < SINGLES; c++) {
		uint64_t hash = s[c][0] ^ s[c][1] ^ s[c][2] ^ s[c][3];

		/* two stores side by side are what a compiler makes vectors from, and all that led to them: 8.4 ns */
		__asm__("" : "+r"(hash));
		word[LANES * CHAINS + c] = hash;
	}
}

TARGET void FORM(const struct cookie_key *key, uint32_t local_addr, const uint32_t *raddr,
		 const uint16_t *rport, const uint16_t *lport, uint64_t *out, unsigned int n)
{
	const uint64_t k0 = key->k0, k1 = key->k1 ^ local_addr;
	uint64_t rest[ALL] = { 0 };
	unsigned int i = 0;

	for (unsigned int k = 0; k < n; k++)
		out[k] = cookie_word(raddr[k], rport[k], lport[k]);
	for (; i + ALL <= n; i += ALL)
		HASH(k0, k1, out + i);
	if (i == n)
		return;
	memcpy(rest, out + i, (n - i) * sizeof(*out));
	HASH(k0, k1, rest);
	memcpy(out + i, rest, (n - i) * sizeof(*out));
}

#undef ROTATE
#undef TURN_16
#undef TURN_32
#undef TURN
#undef ALL
#undef HASH
#undef ROUND
#undef VECTOR
#undef JOIN
#undef JOIN_
#undef WORDS
#undef HALVES
#undef SINGLES
#undef CHAINS
#undef LANES
#undef TARGET
#undef FORM
