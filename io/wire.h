/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fields of frames at any alignment, in host order, and the Internet checksum
 * (RFC 1071). Offsets count from the Ethernet header, no VLAN tag.
 */
#ifndef IO_WIRE_H
#define IO_WIRE_H

#include <endian.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum wire_size {
	WIRE_ETH = 14,
	WIRE_TAG = 4, /* IEEE 802.1Q, between the addresses and the EtherType */
	WIRE_IP = 20, /* without options */
	WIRE_TCP = 20,
	WIRE_ICMP = 8,
	WIRE_FRAME_MIN = 60, /* Ethernet pads shorter frames (IEEE 802.3, without FCS) */
};

static inline uint16_t wire_get16(const uint8_t *p)
{
	uint16_t v;
	memcpy(&v, p, sizeof(v));
	return be16toh(v);
}

static inline uint32_t wire_get32(const uint8_t *p)
{
	uint32_t v;
	memcpy(&v, p, sizeof(v));
	return be32toh(v);
}

static inline void wire_put16(uint8_t *p, uint16_t v)
{
	v = htobe16(v);
	memcpy(p, &v, sizeof(v));
}

static inline void wire_put32(uint8_t *p, uint32_t v)
{
	v = htobe32(v);
	memcpy(p, &v, sizeof(v));
}

/* Bytes of VLAN tag that the frame has: 0 or WIRE_TAG. What follows lies so much further back. */
static inline size_t wire_tag(const uint8_t *frame, size_t len)
{
	return len >= WIRE_ETH + WIRE_TAG && wire_get16(frame + 12) == 0x8100 ? WIRE_TAG : 0;
}

/*
 * Adds len bytes to an unfolded sum of words as they lie in memory: byte order cancels out (RFC 1071 2B). The result may
 * fill all 64 bits: what else is to be added goes in as `sum`, not by +.
 */
static inline uint64_t wire_sum(uint64_t sum, const uint8_t *p, size_t len)
{
	uint64_t v, carries = 0; /* what is carried out comes in again at the other end */

	for (; len >= 8; p += 8, len -= 8) {
		memcpy(&v, p, sizeof(v));
		sum += v;
		carries += sum < v;
	}
	v = 0;
	if (len >= 4) {
		memcpy(&v, p, 4);
		sum += v;
		carries += sum < v;
		p += 4, len -= 4;
	}
	if (len > 0) {
		v = 0;
		memcpy(&v, p, len);
		sum += v;
		carries += sum < v;
	}
	sum += carries;
	return sum + (sum < carries);
}

/* The checksum as it is stored, in memory order; 0 over data that holds its own checksum. */
static inline uint16_t wire_fold(uint64_t sum)
{
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 32) + (sum & 0xffffffff);
	sum = (sum >> 16) + (sum & 0xffff);
	sum = (sum >> 16) + (sum & 0xffff);
	return (uint16_t)~sum;
}

/*
 * Whether data that holds its own checksum adds up to it, wire_fold() == 0, if it is not all zeros: a multiple of 0xffff,
 * whose inverse modulo 2^64 makes small numbers of multiples alone (Granlund and Montgomery 1994, 9).
 */
static inline bool wire_sum_holds(uint64_t sum)
{
	return sum * 0xfffefffefffeffff <= UINT64_MAX / 0xffff;
}

static inline void wire_put_sum(uint8_t *p, uint64_t sum)
{
	const uint16_t v = wire_fold(sum);
	memcpy(p, &v, sizeof(v));
}

/* The pseudo header of an l4 segment of len bytes below the IP header ip (RFC 9293 3.1). */
static inline uint64_t wire_pseudo(const uint8_t *ip, uint8_t protocol, uint32_t len)
{
	return wire_sum((uint64_t)htobe16(protocol) + htobe16((uint16_t)len), ip + 12, 8);
}

#endif
