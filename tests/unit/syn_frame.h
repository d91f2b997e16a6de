/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For tests: a SYN made by hand, and checksums computed a byte pair at a time,
 * so that they share nothing with the code under test. Host order.
 */
#ifndef UNIT_SYN_FRAME_H
#define UNIT_SYN_FRAME_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "anyscan/counters.h"

#define SYN_LEN 58 /* Ethernet 14, IP 20, TCP 20, MSS option 4 */
#define SYN_SADDR 0xc6120001u

static inline void syn_put(uint8_t *p, uint64_t value, unsigned int bytes)
{
	while (bytes-- > 0)
		*p++ = (uint8_t)(value >> 8 * bytes);
}

static inline uint32_t syn_get(const uint8_t *p, unsigned int bytes)
{
	uint32_t value = 0;
	while (bytes-- > 0)
		value = value << 8 | *p++;
	return value;
}

/* RFC 1071, the plain form: sum of big-endian pairs, odd byte padded. */
static inline uint32_t syn_sum(uint32_t sum, const uint8_t *p, unsigned int len)
{
	for (unsigned int i = 0; i < len; i++)
		sum += i % 2 == 0 ? (uint32_t)p[i] << 8 : p[i];
	while (sum > 0xffff)
		sum = (sum & 0xffff) + (sum >> 16);
	return sum;
}

/* Sum of the segment with its pseudo header: 0xffff when the checksum in it is right. */
static inline uint32_t syn_segment_sum(const uint8_t *ip, const uint8_t *l4, unsigned int len)
{
	return syn_sum(syn_sum(ip[9] + len, ip + 12, 8), l4, len);
}

static inline void syn_checksums(uint8_t *frame)
{
	uint8_t *ip = frame + 14, *tcp = ip + 20;
	const unsigned int len = syn_get(ip + 2, 2) - 20;

	syn_put(ip + 10, 0, 2);
	syn_put(ip + 10, 0xffff ^ syn_sum(0, ip, 20), 2);
	syn_put(tcp + 16, 0, 2);
	syn_put(tcp + 16, 0xffff ^ syn_segment_sum(ip, tcp, len), 2);
}

static inline void syn_compose(uint8_t frame[SYN_LEN], uint32_t addr, uint16_t port, uint16_t local_port,
			       uint32_t seq)
{
	uint8_t *ip = frame + 14, *tcp = ip + 20;

	memset(frame, 0, SYN_LEN);
	syn_put(frame, 0x020000000002, 6);
	syn_put(frame + 6, 0x020000000001, 6);
	syn_put(frame + 12, 0x0800, 2);
	ip[0] = 0x45;
	syn_put(ip + 2, 44, 2);
	syn_put(ip + 4, 54321, 2);
	ip[8] = 64;
	ip[9] = 6;
	syn_put(ip + 12, SYN_SADDR, 4);
	syn_put(ip + 16, addr, 4);
	syn_put(tcp, local_port, 2);
	syn_put(tcp + 2, port, 2);
	syn_put(tcp + 4, seq, 4);
	tcp[12] = 6 << 4;
	tcp[13] = 2;
	syn_put(tcp + 14, 65535, 2);
	syn_put(tcp + 20, 0x020405b4, 4);
	syn_checksums(frame);
}

/* The reading of that name, or UINT64_MAX. */
static inline uint64_t reading_of(const struct reading *reading, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(reading[i].name, name) == 0)
			return reading[i].value;
	return UINT64_MAX;
}

#endif
