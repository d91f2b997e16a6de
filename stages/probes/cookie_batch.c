/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a compiler's own vectorisation does not see: two of the six rotations of a round swap halves and one turns
 * 16-bit words, each a shuffle or two where shifts take three instructions. And SipHash is one long dependency, so
 * several vectors must be in flight.
 *
 * Times are per cookie on a 3.7 GHz Zen 4 core (bench/bench_cookie.c).
 */
#include "stages/probes/cookie_batch.h"

#include <string.h>

#include "stages/forms.h"

/* A lane's words are counted from its lower end only here. */
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ && defined(__has_builtin)
#if __has_builtin(__builtin_shufflevector)
#define TURN_BY_SHUFFLE
#endif
#endif

/*
 * The architecture's baseline, two lanes: on x86-64 SSE2, on arm64 NEON. That keeps the vector units busy (6.8 ns) no better than general registers do
 * theirs (8.6), so both work at once: 5.4.
 */
#define FORM cookie_batch_plain
#define TARGET
#define LANES 2
#define CHAINS 2
#define SINGLES 2
#ifdef __ARM_NEON
#include <arm_neon.h>
/* shift, then shift the other way and insert: two instructions; the compiler takes three */
#define ROTATE(v, b) ((VECTOR)vsriq_n_u64(vshlq_n_u64((uint64x2_t)(v), b), (uint64x2_t)(v), 64 - (b)))
#endif
#ifdef TURN_BY_SHUFFLE
#define HALVES 1, 0, 3, 2
#define WORDS 3, 0, 1, 2, 7, 4, 5, 6
#endif
#include "stages/probes/cookie_lanes.h"

#ifdef __x86_64__
#define FORM cookie_batch_avx2
#define TARGET __attribute__((target(FORM_AVX2)))
#define LANES 4
#define CHAINS 4
#define SINGLES 0
#ifdef TURN_BY_SHUFFLE
#define HALVES 1, 0, 3, 2, 5, 4, 7, 6
#define WORDS 3, 0, 1, 2, 7, 4, 5, 6, 11, 8, 9, 10, 15, 12, 13, 14
#endif
#include "stages/probes/cookie_lanes.h"

/* vprolq rotates eight lanes in one instruction. */
#define FORM cookie_batch_avx512
#define TARGET __attribute__((target(FORM_AVX512)))
#define LANES 8
#define CHAINS 4
#define SINGLES 0
#include "stages/probes/cookie_lanes.h"
#endif

const struct cookie_batch_form cookie_batch_forms[] = {
#ifdef __x86_64__
	{ "avx512", form_has_avx512, cookie_batch_avx512 },
	{ "avx2", form_has_avx2, cookie_batch_avx2 },
#endif
	{ "plain", form_runs_anywhere, cookie_batch_plain },
	{ NULL, NULL, NULL },
};
