/* SPDX-License-Identifier: Apache-2.0 OR BSD-2-Clause OR GPL-2.0-only */
/*
 * The validation cookie: SipHash-2-4 (Aumasson, Bernstein, 2012) over one
 * 64-bit word. It is the sequence number of the probe, so a SYN-ACK or RST
 * answers with ack = cookie + 1 (RFC 9293 3.5.2), and an ICMP error quotes it.
 *
 * Small enough to run in XDP and in an eBPF socket filter: this header is
 * compiled by both and by user space, and must stay free of libc.
 */
#ifndef ANYSCAN_COOKIE_H
#define ANYSCAN_COOKIE_H

#include <linux/types.h>

struct cookie_key { /* 128 bits from getrandom(2), new for each run */
	__u64 k0, k1;
};

#define COOKIE_ROTL(x, b) (((x) << (b)) | ((x) >> (64 - (b))))

#define COOKIE_SIPROUND(v0, v1, v2, v3) \
	do { \
		v0 += v1; \
		v1 = COOKIE_ROTL(v1, 13); \
		v1 ^= v0; \
		v0 = COOKIE_ROTL(v0, 32); \
		v2 += v3; \
		v3 = COOKIE_ROTL(v3, 16); \
		v3 ^= v2; \
		v0 += v3; \
		v3 = COOKIE_ROTL(v3, 21); \
		v3 ^= v0; \
		v2 += v1; \
		v1 = COOKIE_ROTL(v1, 17); \
		v1 ^= v2; \
		v2 = COOKIE_ROTL(v2, 32); \
	} while (0)

/* SipHash-2-4 of the 8 bytes of word, little-endian. */
static inline __attribute__((always_inline)) __u64 cookie_siphash(__u64 k0, __u64 k1, __u64 word)
{
	const __u64 length = 8ULL << 56;
	__u64 v0 = k0 ^ 0x736f6d6570736575ULL, v1 = k1 ^ 0x646f72616e646f6dULL;
	__u64 v2 = k0 ^ 0x6c7967656e657261ULL, v3 = k1 ^ 0x7465646279746573ULL;

	v3 ^= word;
	COOKIE_SIPROUND(v0, v1, v2, v3);
	COOKIE_SIPROUND(v0, v1, v2, v3);
	v0 ^= word;
	v3 ^= length;
	COOKIE_SIPROUND(v0, v1, v2, v3);
	COOKIE_SIPROUND(v0, v1, v2, v3);
	v0 ^= length;
	v2 ^= 0xff;
	COOKIE_SIPROUND(v0, v1, v2, v3);
	COOKIE_SIPROUND(v0, v1, v2, v3);
	COOKIE_SIPROUND(v0, v1, v2, v3);
	COOKIE_SIPROUND(v0, v1, v2, v3);
	return v0 ^ v1 ^ v2 ^ v3;
}

/* All in host order. remote = the target, local = us, whichever way the packet flies. */
static inline __attribute__((always_inline)) __u64 cookie_word(__u32 remote_addr, __u16 remote_port,
							       __u16 local_port)
{
	return (__u64)remote_addr << 32 | (__u32)remote_port << 16 | local_port;
}

/* The local address goes into the key: it is constant for a port of ours, so the word stays one block. */
static inline __attribute__((always_inline)) __u32
cookie(const struct cookie_key *key, __u32 local_addr, __u32 remote_addr, __u16 remote_port, __u16 local_port)
{
	return (__u32)cookie_siphash(key->k0, key->k1 ^ local_addr,
				     cookie_word(remote_addr, remote_port, local_port));
}

#endif
