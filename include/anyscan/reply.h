/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The summary of one validated IPv4 reply: one cache line, by value.
 *
 * Written by rx (parse + probe module's accept()), read by classify. saddr and
 * sport name the probed target in every class; for an ICMP error that is the
 * quoted destination, and responder is who sent the error.
 */
#ifndef ANYSCAN_REPLY_H
#define ANYSCAN_REPLY_H

#include <assert.h>
#include <linux/types.h>
#include <stdbool.h>
#include <stdint.h>

enum reply_class {
	REPLY_SYNACK,
	REPLY_RST,
	REPLY_ICMP, /* an error */
	REPLY_ECHO,
	REPLY_CLASSES,
};

/* Has the probe found what it looks for: an open port, a host that is there? */
static inline bool reply_success(uint8_t class)
{
	return class == REPLY_SYNACK || class == REPLY_ECHO;
}

enum reply_option { /* bits of reply.options: TCP options present */
	REPLY_OPT_MSS = 1,
	REPLY_OPT_WSCALE = 2,
	REPLY_OPT_SACK_PERM = 4,
	REPLY_OPT_TS = 8,
};

struct reply {
	uint64_t time_ns; /* CLOCK_REALTIME, from the kernel or NIC where it stamps */
	uint32_t saddr; /* host order: the probed address */
	uint32_t daddr; /* host order: ours */
	uint32_t responder; /* host order: sender of an ICMP error, else saddr */
	uint32_t seqnum, acknum; /* host order; for ICMP those of the quoted probe */
	uint32_t ts_val, ts_ecr; /* TCP timestamps, host order */
	uint16_t sport, dport; /* host order: probed port, our port; 0 where the probe has no ports */
	uint16_t ipid, window; /* host order */
	uint16_t mss;
	uint8_t ttl;
	uint8_t class; /* enum reply_class */
	uint8_t options; /* enum reply_option */
	uint8_t wscale;
	uint8_t icmp_type, icmp_code;
	uint8_t tcp_flags;
	uint8_t echo; /* 1: of an ICMP echo; seqnum is its identifier and sequence number */
	uint8_t pad[10];
} __attribute__((aligned(64)));

static_assert(sizeof(struct reply) == 64, "a reply is one cache line");

#endif
