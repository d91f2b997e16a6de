/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Internet checksum in parts: sum what never changes once, add the fields
 * that vary per packet, fold, complement. Addition is RFC 1624's update with
 * an old value of zero, so the corner case of its section 3 (0x0000 for
 * 0xffff) cannot arise: nothing is ever taken back out of a sum.
 *
 * Sums are taken of the bytes as they lie in memory, in native order and in
 * fields of up to 32 bits: RFC 1071 2 (B) and (C), byte order independence and
 * parallel summation. A 64-bit sum has room for 2^32 such fields.
 */
#ifndef PROBES_CHECKSUM_H
#define PROBES_CHECKSUM_H

#include <linux/types.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

/* Adds len bytes to sum; an odd last byte is padded with zero (RFC 1071 4.1). */
static inline uint64_t checksum_partial(const void *data, size_t len, uint64_t sum)
{
	const uint8_t *byte = data;

	for (; len > 0; byte += 2, len -= len < 2 ? 1 : 2) {
		uint16_t word = 0;

		memcpy(&word, byte, len < 2 ? 1 : 2);
		sum += word;
	}
	return sum;
}

/* A sum as 16 bits: 0 only for a sum of nothing but zeros, else 1..0xffff. */
static inline uint16_t checksum_fold(uint64_t sum)
{
	uint32_t half;

	sum = (sum >> 32) + (sum & 0xffffffff);
	half = (uint32_t)(sum >> 32) + (uint32_t)sum; /* no carry: the first fold left at most 2^33 - 2 */
	half = (half >> 16) + (half & 0xffff);
	half = (half >> 16) + (half & 0xffff);
	return (uint16_t)half;
}

/* The checksum field for the sum of everything else that it covers. */
static inline __sum16 checksum_finish(uint64_t sum)
{
	return (__sum16)~checksum_fold(sum);
}

#endif
