/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compose() with AVX-512 works by groups of 32 probes, and between the rounds of one group's cookies it writes the
 * frames of the group before: a cookie is arithmetic only, a frame is a shuffle and lines on their way from and to L2,
 * as frames in turn do not fit L1. Ns per probe, gen and build on a 3.7 GHz Zen 4 core (bench/bench_gen_build.c), with
 * frames 128 and 2048 bytes apart: pass after pass over the block 5.1 and 7.3, so 4.7 and 5.4. Prefetching the lines
 * instead, for the block or for a group, cost 0.4; so did shorter passes without the interleaving.
 *
 * What varies in a frame is 16 bytes and an IP id. Transposed four by four, a register holds those of four frames, and
 * one shuffle of two registers brings them and the template together. A frame is 32 words of 16 bits:
 *
 *     words  9       12      15  16  17     18     19  20   25
 *            IP id   IP sum  daddr   sport  dport  seq      TCP sum
 */
#ifdef __x86_64__
#include <immintrin.h>

#include "stages/forms.h"
#include "stages/probes/lengths.h"
#include "stages/probes/source_ports.h"
#include "stages/probes/tcp_options.h"
#include "stages/probes/tcp_synscan_frame.h"

#define LANES 16 /* of 32 bits */
#define VECTORS 4 /* of cookies, in flight */
#define GROUP (VECTORS * LANES / 2)
#define PER_ROUND (GROUP / 8) /* frames of the group before */
#define AVX512 __attribute__((target(FORM_AVX512)))
#define INLINE static inline __attribute__((always_inline))

typedef uint64_t cookies __attribute__((vector_size(64)));

/* What comes before the words, and what they are of: constant for a call. */
struct call {
	const uint32_t *daddr;
	const uint16_t *dport, *sport;
	uint8_t *const *frame;
	cookies start[4]; /* of SipHash */
	__m512i template, ip_sum, l4_sum;
	__m128i tail; /* behind the first line */
	size_t copy;
	size_t timestamp; /* where its lower half lies in a frame; 0: none */
};

/* Frames that are known but not written. Of probe 16 h + 4 j + k, lane j of item[4 h + k] has what varies. */
struct group {
	__m512i item[GROUP / 4];
	__m512i template[GROUP / 4]; /* with four IP ids where the address and ports will be: frame_of */
	uint32_t random[GROUP]; /* only where there are timestamps */
};

static_assert(AT_IP_ID == 2 * 9 && AT_IP_SUM == 2 * 12 && AT_IP_DADDR == 2 * 15 && AT_TCP_SPORT == 2 * 17 &&
		      AT_TCP_SEQ == 2 * 19 && AT_TCP_SUM == 2 * 25,
	      "the words below");

/* The words of frame j of four: below 32 from the template, the others from lane j of the item, low half first. */
#define FROM(j, field, half) (32 + 8 * (j) + 2 * (field) + (half))
#define FRAME_OF(j) \
	{ \
		0, 1, 2, 3, 4, 5, 6, 7, 8, 15 + (j), 10, 11, FROM(j, 3, 0), 13, 14, FROM(j, 0, 1), \
			FROM(j, 0, 0), FROM(j, 1, 1), FROM(j, 1, 0), FROM(j, 2, 1), FROM(j, 2, 0), 21, 22, \
			23, 24, FROM(j, 3, 1), 26, 27, 28, 29, 30, 31 \
	}

static const uint16_t frame_of[4][32]
	__attribute__((aligned(64))) = { FRAME_OF(0), FRAME_OF(1), FRAME_OF(2), FRAME_OF(3) };

/* The upper halves of numbers k, 4 + k, 8 + k, 12 + k, in the words that frame_of looks for IP ids in. */
#define IDS 0x78000
#define IDS_OF(k) \
	{ \
		[15] = 2 * (k) + 1, [16] = 2 * (k) + 9, [17] = 2 * (k) + 17, [18] = 2 * (k) + 25 \
	}

static const uint16_t ids_of[4][32]
	__attribute__((aligned(64))) = { IDS_OF(0), IDS_OF(1), IDS_OF(2), IDS_OF(3) };

/* As in tcp_synscan_compose.c, of LANES numbers: both halves to network order, their sum, a finished checksum. */
AVX512 INLINE __m512i wire16x2(__m512i x)
{
	return _mm512_shuffle_epi8(x, _mm512_set4_epi32(0x0e0f0c0d, 0x0a0b0809, 0x06070405, 0x02030001));
}

AVX512 INLINE __m512i halves(__m512i x)
{
	return _mm512_add_epi32(_mm512_and_si512(x, _mm512_set1_epi32(0xffff)), _mm512_srli_epi32(x, 16));
}

AVX512 INLINE __m512i add3(__m512i a, __m512i b, __m512i c)
{
	return _mm512_add_epi32(_mm512_add_epi32(a, b), c);
}

/* Half of a group: its addresses, ports (source in the upper half) and cookies, in order. */
AVX512 INLINE void vary(const struct call *c, __m512i daddr, __m512i ports, __m512i seq, __m512i random,
			struct group *g, unsigned int h)
{
	const __m512i addr = wire16x2(daddr), port = wire16x2(ports), number = wire16x2(seq),
		      sum = halves(addr);
	__m512i ip = add3(c->ip_sum, sum, _mm512_srli_epi32(random, 16));
	__m512i tcp = _mm512_add_epi32(add3(c->l4_sum, sum, halves(port)), halves(number));

	if (c->timestamp != 0) {
		tcp = _mm512_add_epi32(tcp, _mm512_and_si512(random, _mm512_set1_epi32(0xffff)));
		_mm512_storeu_si512(g->random + h * LANES, random);
	}
	ip = halves(halves(ip));
	tcp = halves(halves(tcp));
	const __m512i sums =
		_mm512_andnot_si512(_mm512_or_si512(ip, _mm512_slli_epi32(tcp, 16)), _mm512_set1_epi32(-1));
	const __m512i to0 = _mm512_unpacklo_epi32(addr, port), to1 = _mm512_unpackhi_epi32(addr, port);
	const __m512i by0 = _mm512_unpacklo_epi32(number, sums), by1 = _mm512_unpackhi_epi32(number, sums);

	g->item[4 * h] = _mm512_unpacklo_epi64(to0, by0);
	g->item[4 * h + 1] = _mm512_unpackhi_epi64(to0, by0);
	g->item[4 * h + 2] = _mm512_unpacklo_epi64(to1, by1);
	g->item[4 * h + 3] = _mm512_unpackhi_epi64(to1, by1);
#pragma GCC unroll 4
	for (unsigned int k = 0; k < 4; k++)
		g->template[4 * h + k] =
			_mm512_mask_permutexvar_epi16(c->template, IDS, _mm512_load_si512(ids_of[k]), random);
}

/* Frame k of a group. */
AVX512 INLINE void write_frame(const struct call *c, const struct group *g, unsigned int k, uint8_t *frame)
{
	const unsigned int at = k / LANES * 4 + k % 4;

	_mm512_storeu_si512(frame, _mm512_permutex2var_epi16(g->template[at],
							     _mm512_load_si512(frame_of[k % LANES / 4]),
							     g -> item[at]));
	if (c->copy == COPY_LONG)
		_mm_storeu_si128((__m128i *)(frame + COPY_SHORT), c->tail);
	if (c->timestamp != 0)
		put16(frame + c->timestamp, (uint16_t)g->random[k]);
}

/* Probes [first, n), but no more than a group, into g; meanwhile the frames of the group before, unless there is none. */
AVX512 INLINE void group(const struct call *c, unsigned int first, unsigned int n, struct group *g,
			 const struct group *before)
{
	const uint64_t length = 8ULL << 56;
	__m512i daddr[2], ports[2];
	cookies word[VECTORS], v[VECTORS][4];

#pragma GCC unroll 2
	for (unsigned int h = 0; h < 2; h++) {
		const unsigned int i = first + h * LANES, left = n > i ? n - i : 0;
		const __mmask16 live = left < LANES ? (__mmask16)((1u << left) - 1) : 0xffff;
		const __m512i sport = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(live, c->sport + i));
		const __m512i dport = _mm512_cvtepu16_epi32(_mm256_maskz_loadu_epi16(live, c->dport + i));
		const __m512i low = _mm512_or_si512(_mm512_slli_epi32(dport, 16), sport);

		daddr[h] = _mm512_maskz_loadu_epi32(live, c->daddr + i);
		ports[h] = _mm512_rol_epi32(low, 16);
		/* cookie_word(): which probe's is in which lane the shuffles below undo */
		word[2 * h] = (cookies)_mm512_unpacklo_epi32(low, daddr[h]);
		word[2 * h + 1] = (cookies)_mm512_unpackhi_epi32(low, daddr[h]);
	}
#pragma GCC unroll 4
	for (unsigned int k = 0; k < VECTORS; k++) {
		for (unsigned int i = 0; i < 4; i++)
			v[k][i] = c->start[i];
		v[k][3] ^= word[k];
	}
	/* cookie_siphash() */
#pragma GCC unroll 8
	for (unsigned int round = 0; round < 8; round++) {
#pragma GCC unroll 4
		for (unsigned int k = 0; k < VECTORS; k++) {
			COOKIE_SIPROUND(v[k][0], v[k][1], v[k][2], v[k][3]);
			if (round == 1) {
				v[k][0] ^= word[k];
				v[k][3] ^= length;
			} else if (round == 3) {
				v[k][0] ^= length;
				v[k][2] ^= 0xff;
			}
			if (before != NULL) {
				const unsigned int i = round * PER_ROUND + k;

				write_frame(c, before, i, c->frame[first - GROUP + i]);
			}
		}
	}
#pragma GCC unroll 4
	for (unsigned int k = 0; k < VECTORS; k++)
		v[k][0] ^= v[k][1] ^ v[k][2] ^ v[k][3];
#pragma GCC unroll 2
	for (unsigned int h = 0; h < 2; h++) {
		const __m512 even = (__m512)v[2 * h][0], odd = (__m512)v[2 * h + 1][0];

		vary(c, daddr[h], ports[h], (__m512i)_mm512_shuffle_ps(even, odd, 0x88),
		     (__m512i)_mm512_shuffle_ps(even, odd, 0xdd), g, h);
	}
}

static_assert(PER_ROUND == VECTORS, "a frame after each vector of a round");

AVX512 INLINE void block(const struct probe_template *t, const uint32_t *daddr, const uint16_t *dport,
			 const uint16_t *sport, unsigned int n, uint8_t *const *frame, size_t copy,
			 size_t timestamp)
{
	const uint64_t k0 = t->id.key.k0, k1 = t->id.key.k1 ^ t->id.saddr;
	const uint64_t start[] = { k0 ^ 0x736f6d6570736575ULL, k1 ^ 0x646f72616e646f6dULL,
				   k0 ^ 0x6c7967656e657261ULL, k1 ^ 0x7465646279746573ULL };
	const struct call c = {
		.daddr = daddr,
		.dport = dport,
		.sport = sport,
		.frame = frame,
		.start = { (cookies){ 0 } + start[0], (cookies){ 0 } + start[1], (cookies){ 0 } + start[2],
			   (cookies){ 0 } + start[3] },
		.template = _mm512_load_si512(t->frame),
		.ip_sum = _mm512_set1_epi32((int)t->ip_sum),
		.l4_sum = _mm512_set1_epi32((int)t->l4_sum),
		.tail = _mm_load_si128((const __m128i *)(t->frame + COPY_SHORT)),
		.copy = copy,
		.timestamp = timestamp,
	};
	struct group turn[2];
	struct group *now = &turn[0], *before = &turn[1];
	unsigned int first = 0;

	group(&c, first, n, now, NULL);
	while (n - first > GROUP) {
		struct group *done = before;

		before = now;
		now = done;
		first += GROUP;
		group(&c, first, n, now, before);
	}
	for (unsigned int k = 0; k < n - first; k++)
		write_frame(&c, now, k, frame[first + k]);
}

AVX512 void tcp_synscan_avx512(const struct probe_template *t, const struct target_block *targets,
			       unsigned int first, unsigned int n, uint8_t *const frame[], uint16_t len[])
{
	const struct tcp_options *options = t->module;
	const size_t timestamp = options->ts_val != 0 ? AT_TCP_OPTIONS + options->ts_val + 2 : 0;
	const uint32_t *daddr = targets->daddr + first;
	const uint16_t *dport = targets->dport + first;
	uint16_t sport[BLOCK_ITEMS] __attribute__((aligned(CACHE_LINE)));

	if (n == 0)
		return;
	source_ports(t, daddr, dport, targets->probe, sport, n);
	/* constants at every call: each kind of profile has loops of its own */
	if (t->len <= COPY_SHORT)
		block(t, daddr, dport, sport, n, frame, COPY_SHORT, 0);
	else if (timestamp == 0)
		block(t, daddr, dport, sport, n, frame, COPY_LONG, 0);
	else
		block(t, daddr, dport, sport, n, frame, COPY_LONG, timestamp);
	lengths_set(len, n, t->len);
}
#endif
