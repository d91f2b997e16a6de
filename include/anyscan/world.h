/* SPDX-License-Identifier: Apache-2.0 OR BSD-2-Clause OR GPL-2.0-only */
/*
 * The simulated internet: what it answers is a pure function of the world's
 * seed, the address, the port and the frame's source port and seq. To an ICMP
 * echo both ports are 0, and identifier and sequence number are the seq. The sim
 * engine, the XDP responder of the lab (tools/anyscan-world) and the truth that
 * tests compare with all include this header, so a scan of millions of
 * addresses has an exact expected answer. Compiled for BPF too: no libc.
 *
 * Shares (open, closed, ...) are fractions of 2^32. open + closed + unreach +
 * forged <= 2^32; what is left is silent.
 */
#ifndef ANYSCAN_WORLD_H
#define ANYSCAN_WORLD_H

#include <linux/types.h>

/* What the way to the world carries: only where the engine has a clock (sim). What does not pass is never asked. */
enum world_bottleneck_kind {
	BOTTLENECK_NONE, /* whatever is sent */
	BOTTLENECK_POLICER, /* a token bucket drops what is beyond, and counts it as a cloud's allowance does */
	BOTTLENECK_SILENT, /* the same, and nobody counts */
	BOTTLENECK_QUEUE, /* answers wait longer as a queue fills; what finds it full is dropped, and nobody counts */
	BOTTLENECK_RAMP, /* the share that is lost grows from none at the capacity to all at twice that */
	BOTTLENECK_CPU, /* the sender's thread gets no more time than for so many frames; nothing is lost */
	BOTTLENECK_KINDS,
};

#define WORLD_CAPACITIES 8

struct world_bottleneck {
	__u64 kind; /* enum world_bottleneck_kind */
	__u64 queue_ns; /* what the queue holds, at the capacity */
	__u64 capacities;
	struct {
		__u64 rate; /* frames/s */
		__u64 from_ns; /* after the first frame; 0, then growing */
	} capacity[WORLD_CAPACITIES];
};

struct world {
	__u64 seed;
	__u64 open, closed, unreach, forged; /* of (address, port) pairs, in 2^-32 */
	__u64 loss, dup, late; /* of frames, in 2^-32; late only where the engine has a clock (sim) */
	__u64 rtt_ns, late_ns; /* sim: reply after rtt_ns, a late one after rtt_ns + late_ns */
	struct world_bottleneck bottleneck;
};

enum world_fate {
	WORLD_SILENT,
	WORLD_OPEN, /* SYN-ACK; echo reply */
	WORLD_CLOSED, /* RST */
	WORLD_UNREACH, /* ICMP destination unreachable that quotes the probe */
	WORLD_FORGED, /* answers that do not validate: see world_forgery() */
	WORLD_FATES,
};

enum world_forgery { /* what a WORLD_FORGED target sends */
	WORLD_FORGED_SYNACK, /* SYN-ACK, wrong ack; echo reply, wrong id and seq */
	WORLD_FORGED_RST, /* RST, wrong ack; echo reply, wrong seq */
	WORLD_FORGED_PORT, /* SYN-ACK, right ack, from a port never asked; echo reply from another address */
	WORLD_FORGED_ICMP, /* unreachable that quotes a wrong seq; wrong id and seq */
	WORLD_FORGERIES,
};

static inline __attribute__((always_inline)) __u64 world_mix(__u64 x)
{
	/* SplitMix64's finalizer (Steele, Lea, Flood 2014) */
	x ^= x >> 30;
	x *= 0xbf58476d1ce4e5b9ULL;
	x ^= x >> 27;
	x *= 0x94d049bb133111ebULL;
	return x ^ x >> 31;
}

static inline __attribute__((always_inline)) __u64 world_key(const struct world *w)
{
	return world_mix(w->seed ^ 0x9e3779b97f4a7c15ULL);
}

/* 64 random bits of the pair; addr and port in host order. */
static inline __attribute__((always_inline)) __u64 world_draw(__u64 key, __u32 addr, __u16 port)
{
	return world_mix(key + ((__u64)addr << 16 | port));
}

static inline __attribute__((always_inline)) __u64 world_pair(const struct world *w, __u32 addr, __u16 port)
{
	return world_draw(world_key(w), addr, port);
}

/* What (addr, port) is, for ever: open, closed, unreachable, forging or silent. */
static inline __attribute__((always_inline)) enum world_fate world_fate(const struct world *w, __u32 addr,
									__u16 port)
{
	__u64 draw = world_pair(w, addr, port) & 0xffffffffULL;

	if (draw < w->open)
		return WORLD_OPEN;
	draw -= w->open;
	if (draw < w->closed)
		return WORLD_CLOSED;
	draw -= w->closed;
	if (draw < w->unreach)
		return WORLD_UNREACH;
	draw -= w->unreach;
	return draw < w->forged ? WORLD_FORGED : WORLD_SILENT;
}

/* world_fate() is WORLD_SILENT unless the low half of the draw is below this. */
static inline __attribute__((always_inline)) __u64 world_answering(const struct world *w)
{
	return w->open + w->closed + w->unreach + w->forged;
}

/*
 * What a host is to an ICMP echo: the fate of its pair with port 0, but that nobody refuses an echo. A closed one is
 * silent.
 */
static inline __attribute__((always_inline)) enum world_fate world_echo_fate(const struct world *w,
									     __u32 addr)
{
	const enum world_fate fate = world_fate(w, addr, 0);

	return fate == WORLD_CLOSED ? WORLD_SILENT : fate;
}

/* How a WORLD_FORGED pair forges. */
static inline __attribute__((always_inline)) enum world_forgery world_forgery(const struct world *w,
									      __u32 addr, __u16 port)
{
	return (enum world_forgery)(world_pair(w, addr, port) >> 32 & 3);
}

/* Code of the unreachable: host, port, host-prohibited or admin-prohibited (RFC 792, RFC 1812 5.2.7.1). */
static inline __attribute__((always_inline)) __u8 world_icmp_code(const struct world *w, __u32 addr,
								  __u16 port)
{
	const __u64 codes = 0x0d0a0301;
	return (__u8)(codes >> (world_pair(w, addr, port) >> 34 & 3) * 8);
}

/* The router that sends the unreachable: the .1 of the target's /24. */
static inline __attribute__((always_inline)) __u32 world_router(__u32 addr)
{
	return (addr & 0xffffff00) | 1;
}

enum world_path { /* bits */
	WORLD_LOST = 1, /* nothing comes back for this frame */
	WORLD_DUPLICATED = 2, /* the answer comes twice */
	WORLD_LATE = 4,
};

/* What happens to one frame and its answer; another source port or seq, another draw. */
static inline __attribute__((always_inline)) unsigned int world_path(const struct world *w, __u32 addr,
								     __u16 port, __u16 local_port, __u32 seq)
{
	__u64 draw = world_mix(world_pair(w, addr, port) ^ ((__u64)local_port << 32 | seq));
	unsigned int path = 0;

	if ((draw & 0xffffffffULL) < w->loss)
		path |= WORLD_LOST;
	if (draw >> 32 < w->dup)
		path |= WORLD_DUPLICATED;
	draw = world_mix(draw);
	if ((draw & 0xffffffffULL) < w->late)
		path |= WORLD_LATE;
	return path;
}

/* Initial sequence number and fields of the answering stack. */
static inline __attribute__((always_inline)) __u32 world_isn(const struct world *w, __u32 addr, __u16 port)
{
	return (__u32)(world_pair(w, addr, port) >> 16);
}

#define WORLD_TTL 57
#define WORLD_WINDOW 64240
#define WORLD_MSS 1460

#endif
