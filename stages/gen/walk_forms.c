/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One multiplication waits for the last (2.5 ns); WALK_LANES of them, each stepping by g^WALK_LANES, overlap
 * (0.9 ns) and give the same order. Vectors of WALK_LANES elements overlap once more, WALK_STRIDES of them, each
 * stepping by as many rows (0.2 ns).
 *
 * There is no AVX2 form: without a wide product it would take four narrow ones for each of the three here.
 */
#include <string.h>

#include "stages/forms.h"
#include "stages/gen/walk.h"
#include "stages/gen/walk_multiply.h"

#define likely(x) __builtin_expect(!!(x), 1)

/* Elements to indices: true when one of them lies outside the domain. Vectorises. */
static bool to_indices(uint64_t n, uint64_t *index, unsigned int count)
{
	uint64_t outside = 0;

	for (unsigned int i = 0; i < count; i++) {
		outside |= n - index[i]; /* negative when the element is > n */
		index[i]--;
	}
	return outside >> 63;
}

/* index[0..count) without what lies outside the domain. */
static unsigned int compact(uint64_t n, uint64_t *index, unsigned int count)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < count; i++) {
		uint64_t value = index[i];

		index[kept] = value;
		kept += value < n;
	}
	return kept;
}

static unsigned int plain(const struct walk *w, struct walk_cursor *c, unsigned int steps, uint64_t *index)
{
	const uint64_t p = w->p, step = w->step, quotient = w->step_quotient;
	unsigned int last; /* row of lanes */

	if (steps == 0)
		return 0;
	last = (steps - 1) / WALK_LANES * WALK_LANES;
	/* the lanes live in the output, each row a step on from the one before: 1.1 ns, with copies 1.4 */
	memcpy(index, c->lane, sizeof(c->lane));
#pragma GCC unroll 8
	for (unsigned int i = 0; i < last; i++)
		index[i + WALK_LANES] = walk_multiply(index[i], step, quotient, p);
	for (unsigned int j = 0; j < WALK_LANES; j++)
		c->lane[j] = walk_multiply(index[last + j], step, quotient, p);

	/* prime gaps are short, some hundred elements of 2^48: the branch is free */
	if (likely(!to_indices(w->n, index, steps)))
		return steps;
	return compact(w->n, index, steps);
}

#ifdef __x86_64__
#include <immintrin.h>

_Static_assert(WALK_LANES == 8, "a row is one vector");

struct factor {
	__m512i c, quotient, minus_p;
};

/*
 * walk_multiply() on 52-bit words, exact for p < 2^51: the products are of the lower 52 bits, so x * c - q * p, which lies
 * in [0, 2p), is right modulo 2^52.
 */
__attribute__((target(FORM_IFMA))) static inline __m512i row_multiply(__m512i x, const struct factor *f)
{
	const __m512i zero = _mm512_setzero_si512(), word = _mm512_set1_epi64((1LL << 52) - 1);
	__m512i q = _mm512_madd52hi_epu64(zero, x, f->quotient);
	__m512i r = _mm512_madd52lo_epu64(_mm512_madd52lo_epu64(zero, x, f->c), q, f->minus_p);

	r = _mm512_and_si512(r, word);
	return _mm512_min_epu64(r, _mm512_add_epi64(r, f->minus_p)); /* negative, so large, when r < p */
}

__attribute__((target(FORM_IFMA))) static unsigned int avx512(const struct walk *w, struct walk_cursor *c,
							      unsigned int steps, uint64_t *index)
{
	const unsigned int rows = (steps + WALK_LANES - 1) / WALK_LANES;
	const __m512i n = _mm512_set1_epi64((long long)w->n), one = _mm512_set1_epi64(1);
	struct factor by[WALK_STRIDES];
	unsigned int i = 0;
	__m512i row[WALK_STRIDES], outside = _mm512_setzero_si512();

	for (unsigned int k = 0; k < WALK_STRIDES; k++)
		by[k] = (struct factor){ _mm512_set1_epi64((long long)w->stride[k]),
					 _mm512_set1_epi64((long long)w->stride_quotient[k]),
					 _mm512_set1_epi64(-(long long)w->p) };
	row[0] = _mm512_loadu_si512(c->lane);
	for (unsigned int k = 1; k < WALK_STRIDES; k++)
		row[k] = row_multiply(row[0], &by[k - 1]);
	for (; i + WALK_STRIDES <= rows; i += WALK_STRIDES)
#pragma GCC unroll 4
		for (unsigned int k = 0; k < WALK_STRIDES; k++) {
			outside = _mm512_or_si512(outside, _mm512_sub_epi64(n, row[k])); /* negative: > n */
			_mm512_storeu_si512(index + (i + k) * WALK_LANES, _mm512_sub_epi64(row[k], one));
			row[k] = row_multiply(row[k], &by[WALK_STRIDES - 1]);
		}
#pragma GCC unroll 4
	for (unsigned int k = 0; k < WALK_STRIDES; k++)
		if (i + k < rows) {
			outside = _mm512_or_si512(outside, _mm512_sub_epi64(n, row[k]));
			_mm512_storeu_si512(index + (i + k) * WALK_LANES, _mm512_sub_epi64(row[k], one));
		} else if (i + k == rows) {
			_mm512_storeu_si512(c->lane, row[k]);
		}
	if (likely(_mm512_movepi64_mask(outside) == 0))
		return steps;
	return compact(w->n, index, steps);
}
#endif

const struct walk_form walk_forms[] = {
#ifdef __x86_64__
	{ "avx512", form_has_ifma, avx512 },
#endif
	{ "plain", form_runs_anywhere, plain },
	{ NULL, NULL, NULL },
};
