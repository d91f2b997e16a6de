/* SPDX-License-Identifier: Apache-2.0 */
/*
 * CRC-32 of IEEE 802.3, as zlib and cksum -o 3 have it: finds every change of up to 32 bits in a row. Bit by bit, without
 * a table: a checkpoint has some KiB every few seconds.
 */
#ifndef CHECKPOINT_CRC32_H
#define CHECKPOINT_CRC32_H

#include <stddef.h>
#include <stdint.h>

static inline uint32_t crc32_of(const char *text, size_t size)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < size; i++) {
		crc ^= (unsigned char)text[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0xedb88320 : 0);
	}
	return ~crc;
}

#endif
