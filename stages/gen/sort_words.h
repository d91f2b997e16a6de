/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sorts unsigned words in place: a radix sort by bytes from the top, each byte's words swapped to where they belong
 * (American flag sort: McIlroy, Bostic, McIlroy, "Engineering Radix Sort", 1993). qsort(3) takes as much memory again, and
 * for a hundred million words five times as long.
 *
 * DEFINE_SORT_WORDS(name, word) defines static void name(word *at, size_t n, unsigned int shift): shift is of the highest
 * byte in use, 24 for 32 bits.
 */
#ifndef GEN_SORT_WORDS_H
#define GEN_SORT_WORDS_H

#include <stddef.h>
#include <stdint.h>

#define SORT_WORDS_FEW 48 /* below, insertion is faster than to count bytes */

#define DEFINE_SORT_WORDS(name, word) \
	static void name##_few(word *at, size_t n) \
	{ \
		for (size_t i = 1; i < n; i++) { \
			const word w = at[i]; \
			size_t k = i; \
\
			for (; k > 0 && at[k - 1] > w; k--) \
				at[k] = at[k - 1]; \
			at[k] = w; \
		} \
	} \
\
	static void name(word *at, size_t n, unsigned int shift) \
	{ \
		size_t next[256], end[256], count[256] = { 0 }; \
\
		if (n < SORT_WORDS_FEW) { \
			name##_few(at, n); \
			return; \
		} \
		for (size_t i = 0; i < n; i++) \
			count[at[i] >> shift & 255]++; \
		for (size_t b = 0, sum = 0; b < 256; b++) { \
			next[b] = sum; \
			end[b] = sum += count[b]; \
		} \
		for (size_t b = 0; b < 256; b++) { \
			while (next[b] < end[b]) { \
				word w = at[next[b]]; \
\
				for (size_t d = w >> shift & 255; d != b; d = w >> shift & 255) { \
					const word other = at[next[d]]; \
\
					at[next[d]++] = w; \
					w = other; \
				} \
				at[next[b]++] = w; \
			} \
		} \
		for (size_t b = 0; b < 256 && shift > 0; b++) \
			name(at + end[b] - count[b], count[b], shift - 8); \
	}

#endif
