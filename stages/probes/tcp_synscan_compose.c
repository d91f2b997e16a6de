/* SPDX-License-Identifier: Apache-2.0 */
/*
 * compose() is four passes over the block, so that ports, cookies and checksums fill vector lanes: source ports,
 * cookies, what varies in each frame, frames. The last writes template and fields in the same stores. With AVX-512 it
 * is two: tcp_synscan_avx512.c.
 *
 * The AVX2 form knows a frame as 32 words of 16 bits: a load that repeats four bytes through a whole register
 * brings every field beside the words it goes to, as long as it lies even or odd as they do, and a blend by a
 * constant mask puts it there. No shuffle, no transposition:
 *
 *     words  9       12      15  16  17     18     19  20   25
 *            IP id   IP sum  daddr   sport  dport  seq      TCP sum
 */
#include <arpa/inet.h>
#include <endian.h>

#include "stages/forms.h"
#include "stages/probes/cookie_batch.h"
#include "stages/probes/lengths.h"
#include "stages/probes/source_ports.h"
#include "stages/probes/tcp_options.h"
#include "stages/probes/tcp_synscan_frame.h"

#define INLINE static inline __attribute__((always_inline))
#define ALIGNED __attribute__((aligned(CACHE_LINE)))

/* What varies, per probe. Of pairs of words, the one that lies at an even place in the frame is the lower half. */
struct fields {
	uint16_t sport[BLOCK_ITEMS] ALIGNED;
	uint64_t hash
		[BLOCK_ITEMS] ALIGNED; /* lower half: seq, host order; then, random as they are, timestamp and IP id */
	uint32_t daddr[BLOCK_ITEMS] ALIGNED, ports[BLOCK_ITEMS] ALIGNED, seq[BLOCK_ITEMS] ALIGNED;
	uint32_t sums[BLOCK_ITEMS] ALIGNED; /* IP, TCP */
};

/* Both halves to network order. */
INLINE uint32_t wire16x2(uint32_t x)
{
	return htons(1) == 1 ? x : (x & 0x00ff00ff) << 8 | (x >> 8 & 0x00ff00ff);
}

INLINE uint32_t halves(uint32_t x)
{
	return (x & 0xffff) + (x >> 16);
}

/* As checksum_finish(), of a sum of up to 2^16 words: two folds do. */
INLINE uint32_t finish(uint32_t sum)
{
	return ~halves(halves(sum)) & 0xffff;
}

INLINE void vary(const struct probe_template *t, const uint32_t *daddr, const uint16_t *dport,
		 struct fields *f, unsigned int n, bool timestamp)
{
	const uint32_t ip_sum = t->ip_sum, l4_sum = t->l4_sum;

	for (unsigned int i = 0; i < n; i++) {
		/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): cookies() wrote n hashes */
		const uint32_t addr = wire16x2(daddr[i]), seq = wire16x2((uint32_t)f->hash[i]);
		const uint32_t ports = wire16x2((uint32_t)f->sport[i] << 16 | dport[i]);
		const uint32_t random = (uint32_t)(f->hash[i] >> 32);
		const uint32_t addr_sum = halves(addr), ip = ip_sum + addr_sum + (random >> 16);
		const uint32_t tcp =
			l4_sum + addr_sum + halves(ports) + halves(seq) + (timestamp ? random & 0xffff : 0);

		f->daddr[i] = addr;
		f->ports[i] = ports;
		f->seq[i] = seq;
		f->sums[i] = finish(ip) | finish(tcp) << 16;
	}
}

/*
 * Only the sums, for a form that writes the other fields one by one: of numbers, without their byte order
 * (RFC 1071 2 (B)), which the two results get. 0.3 ns less than vary() where a swap takes five instructions.
 */
INLINE void sum_only(const struct probe_template *t, const uint32_t *daddr, const uint16_t *dport,
		     struct fields *f, unsigned int n, bool timestamp)
{
	const uint32_t ip_sum = wire16x2(t->ip_sum), l4_sum = wire16x2(t->l4_sum);

	for (unsigned int i = 0; i < n; i++) {
		/* NOLINTNEXTLINE(clang-analyzer-core.CallAndMessage): cookies() wrote n hashes */
		const uint32_t random = wire16x2((uint32_t)(f->hash[i] >> 32));
		const uint32_t addr_sum = halves(daddr[i]), ip = ip_sum + addr_sum + (random >> 16);
		const uint32_t tcp = l4_sum + addr_sum + f->sport[i] + dport[i] +
				     halves((uint32_t)f->hash[i]) + (timestamp ? random & 0xffff : 0);

		f->sums[i] = wire16x2(finish(ip) | finish(tcp) << 16);
	}
}

typedef void vary_fn(const struct probe_template *, const uint32_t *daddr, const uint16_t *dport,
		     struct fields *, unsigned int n, bool timestamp);
typedef void frames_fn(const struct probe_template *, const uint32_t *daddr, const uint16_t *dport,
		       const struct fields *, unsigned int n, uint8_t *const *frame, size_t copy);

INLINE void whole(const struct probe_template *t, const struct target_block *targets, unsigned int first,
		  unsigned int n, uint8_t *const frame[], uint16_t len[], cookie_batch_fn *cookies,
		  vary_fn *varying, frames_fn *frames)
{
	const struct tcp_options *options = t->module;
	const uint32_t *daddr = targets->daddr + first;
	const uint16_t *dport = targets->dport + first;
	struct fields f;

	if (n == 0)
		return;
	source_ports(t, daddr, dport, targets->probe, f.sport, n);
	cookies(&t->id.key, t->id.saddr, daddr, dport, f.sport, f.hash, n);
	/* constants at every call: each kind of profile has loops of its own */
	if (options->ts_val == 0)
		varying(t, daddr, dport, &f, n, false);
	else
		varying(t, daddr, dport, &f, n, true);
	if (t->len <= COPY_SHORT)
		frames(t, daddr, dport, &f, n, frame, COPY_SHORT);
	else
		frames(t, daddr, dport, &f, n, frame, COPY_LONG);
	if (options->ts_val != 0)
		for (unsigned int i = 0; i < n; i++)
			put16(frame[i] + AT_TCP_OPTIONS + options->ts_val + 2, (uint16_t)(f.hash[i] >> 32));
	lengths_set(len, n, t->len);
}

/* Eight bytes of a frame as a number whose lowest byte comes first, on any host. */
INLINE uint64_t word_at(const uint8_t *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof(word));
	return le64toh(word);
}

INLINE void put_word(uint8_t *p, uint64_t word)
{
	word = htole64(word);
	memcpy(p, &word, sizeof(word));
}

/* Bytes 24 to 47 as three words, the rest as it lies: 9 stores instead of 11. What varies is zero in the template. */
INLINE void plain_frames(const struct probe_template *t, const uint32_t *daddr, const uint16_t *dport,
			 const struct fields *fields, unsigned int n, uint8_t *const *frame, size_t copy)
{
	typedef uint8_t vector __attribute__((vector_size(16)));
	vector t0, t1, t3,
		t4; /* copies: a store to a frame might else be one to the template, which would be read again */
	const uint64_t w24 = word_at(t->frame + 24), w40 = word_at(t->frame + 40);

	memcpy(&t0, t->frame, sizeof(t0));
	memcpy(&t1, t->frame + 16, sizeof(t1));
	memcpy(&t3, t->frame + 48, sizeof(t3));
	memcpy(&t4, t->frame + COPY_SHORT, sizeof(t4));
	static_assert(AT_IP_SUM == 24 && AT_IP_DADDR == 30 && AT_TCP_SPORT == 34 && AT_TCP_SEQ == 38,
		      "the shifts below");
	for (unsigned int i = 0; i < n; i++) {
		const uint64_t addr = le32toh(htonl(daddr[i])),
			       seq = le32toh(htonl((uint32_t)fields->hash[i]));
		const uint64_t ports = le32toh(htonl((uint32_t)fields->sport[i] << 16 | dport[i]));
		const uint32_t sums = fields->sums[i];
		uint8_t *f = frame[i];

		memcpy(f, &t0, sizeof(t0));
		memcpy(f + 16, &t1, sizeof(t1));
		put_word(f + 32, addr >> 16 | ports << 16 | seq << 48);
		put_word(f + 40, w40 | seq >> 16);
		memcpy(f + 48, &t3, sizeof(t3));
		put_word(f + 24, w24 | le16toh((uint16_t)sums) | addr << 48);
		put16(f + AT_IP_ID, (uint16_t)(fields->hash[i] >> 48));
		put16(f + AT_TCP_SUM, (uint16_t)(sums >> 16));
		if (copy == COPY_LONG)
			memcpy(f + COPY_SHORT, &t4, sizeof(t4));
	}
}

static void plain(const struct probe_template *t, const struct target_block *targets, unsigned int first,
		  unsigned int n, uint8_t *const frame[], uint16_t len[])
{
	whole(t, targets, first, n, frame, len, cookie_batch_plain, sum_only, plain_frames);
}

#ifdef __x86_64__
#include <immintrin.h>

enum {
	WORD_IP_ID = 1u << AT_IP_ID / 2,
	WORD_IP_SUM = 1u << AT_IP_SUM / 2,
	WORDS_DADDR = 3u << AT_IP_DADDR / 2,
	WORDS_PORTS = 3u << AT_TCP_SPORT / 2,
	WORDS_SEQ = 3u << AT_TCP_SEQ / 2,
	WORD_TCP_SUM = 1u << AT_TCP_SUM / 2,
};

/* The upper half of a hash: timestamp, IP id. */
INLINE int random_of(const struct fields *f, unsigned int i)
{
	return (int)(f->hash[i] >> 32);
}

/* A blend of the words of the 16 bytes from AT on: mask is of the whole frame. */
#define BLEND(to, from, mask, at) _mm_blend_epi16(to, from, (mask) >> (at) / 2 & 0xff)

__attribute__((target(FORM_AVX2))) INLINE void avx2_frames(const struct probe_template *t,
							   const uint32_t *daddr, const uint16_t *dport,
							   const struct fields *fields, unsigned int n,
							   uint8_t *const *frame, size_t copy)
{
	const __m128i *template = (const __m128i *)t->frame;
	const __m128i t0 = template[0], t1 = template[1], t2 = template[2], t3 = template[3],
		      t4 = template[4];

	(void)daddr, (void)dport;
	for (unsigned int i = 0; i < n; i++) {
		const __m128i random = _mm_set1_epi32(random_of(fields, i));
		const __m128i addr = _mm_set1_epi32((int)fields->daddr[i]);
		const __m128i ports = _mm_set1_epi32((int)fields->ports[i]);
		const __m128i seq = _mm_set1_epi32((int)fields->seq[i]);
		const __m128i sums = _mm_set1_epi32((int)fields->sums[i]);
		__m128i *f = (__m128i *)frame[i];
		__m128i f1 = BLEND(t1, random, WORD_IP_ID, 16), f2 = BLEND(t2, addr, WORDS_DADDR, 32);

		f1 = BLEND(f1, sums, WORD_IP_SUM, 16);
		f1 = BLEND(f1, addr, WORDS_DADDR, 16);
		f2 = BLEND(f2, ports, WORDS_PORTS, 32);
		f2 = BLEND(f2, seq, WORDS_SEQ, 32);
		_mm_storeu_si128(f, t0);
		_mm_storeu_si128(f + 1, f1);
		_mm_storeu_si128(f + 2, f2);
		_mm_storeu_si128(f + 3, BLEND(t3, sums, WORD_TCP_SUM, 48));
		if (copy == COPY_LONG)
			_mm_storeu_si128(f + 4, t4);
	}
}

__attribute__((target(FORM_AVX2))) static void avx2(const struct probe_template *t,
						    const struct target_block *targets, unsigned int first,
						    unsigned int n, uint8_t *const frame[], uint16_t len[])
{
	whole(t, targets, first, n, frame, len, cookie_batch_avx2, vary, avx2_frames);
}
#endif

const struct tcp_synscan_form tcp_synscan_forms[] = {
#ifdef __x86_64__
	{ "avx512", form_has_avx512, tcp_synscan_avx512 },
	{ "avx2", form_has_avx2, avx2 },
#endif
	{ "plain", form_runs_anywhere, plain },
	{ NULL, NULL, NULL },
};
