/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writes received frames layer by layer, for the tests of what reads them.
 * Headers name their own payload length, so a frame can lie about it.
 */
#ifndef TESTS_REPLY_FRAMES_H
#define TESTS_REPLY_FRAMES_H

#include <netinet/in.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/io.h"

struct bytes {
	uint8_t at[512];
	uint32_t len;
};

static inline void add(struct bytes *b, const void *data, uint32_t n)
{
	memcpy(b->at + b->len, data, n);
	b->len += n;
}

static inline void add8(struct bytes *b, unsigned int v)
{
	b->at[b->len++] = (uint8_t)v;
}

static inline void add16(struct bytes *b, unsigned int v)
{
	add8(b, v >> 8);
	add8(b, v & 0xff);
}

static inline void add32(struct bytes *b, uint32_t v)
{
	add16(b, v >> 16);
	add16(b, v & 0xffff);
}

/* Addresses and EtherType, which may be a VLAN tag's: then add16(tci), add16(type). */
static inline void add_ethernet(struct bytes *b, unsigned int type)
{
	for (unsigned int i = 0; i < 12; i++)
		add8(b, i);
	add16(b, type);
}

struct ipv4 {
	uint32_t saddr, daddr;
	uint8_t proto;
	unsigned int options; /* bytes, a multiple of 4 */
	unsigned int fragment; /* flags and offset as in the header */
	unsigned int payload; /* bytes, for the total length */
};

static inline void add_ipv4(struct bytes *b, struct ipv4 ip)
{
	add8(b, 0x40 | (20 + ip.options) / 4);
	add8(b, 0);
	add16(b, 20 + ip.options + ip.payload);
	add16(b, 0xbeef); /* id */
	add16(b, ip.fragment);
	add8(b, 57); /* ttl */
	add8(b, ip.proto);
	add16(b, 0);
	add32(b, ip.saddr);
	add32(b, ip.daddr);
	for (unsigned int i = 0; i < ip.options; i++)
		add8(b, 1); /* NOP */
}

struct tcp {
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint8_t flags;
	const void *options;
	unsigned int options_len; /* a multiple of 4 */
};

static inline void add_tcp(struct bytes *b, struct tcp t)
{
	add16(b, t.sport);
	add16(b, t.dport);
	add32(b, t.seq);
	add32(b, t.ack);
	add8(b, (20 + t.options_len) / 4 << 4);
	add8(b, t.flags);
	add16(b, 64240); /* window */
	add32(b, 0); /* checksum, urgent */
	if (t.options_len != 0)
		add(b, t.options, t.options_len);
}

static inline void add_icmp(struct bytes *b, unsigned int type, unsigned int code)
{
	add8(b, type);
	add8(b, code);
	add16(b, 0);
	add32(b, 0);
}

/* The first len bytes in an allocation of just that size, so that ASan sees a read past them. Free .data. */
static inline struct frame_view view_of(const struct bytes *b, uint32_t len)
{
	uint8_t *copy = malloc(len != 0 ? len : 1);

	memcpy(copy, b->at, len);
	return (struct frame_view){ .data = copy, .len = len, .time_ns = 1234567890123456789ULL };
}

#endif
