/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frame that nearly every probe is: an untagged SYN over IPv4 without options, whole and with right checksums. Read
 * in a quarter of the instructions that sim_read_probe() needs for whatever may come.
 */
#ifndef SIM_PLAIN_SYN_H
#define SIM_PLAIN_SYN_H

#include <netinet/in.h>
#include <stdbool.h>

#include "io/wire.h"

#define PLAIN_SYN_MIN (WIRE_ETH + WIRE_IP + WIRE_TCP)

struct plain_syn { /* host order */
	uint32_t addr; /* the target */
	uint16_t port;
};

/* Lengths that probes have are written out: no options, an MSS, those of most systems. */
static inline uint64_t plain_syn_sum(uint64_t sum, const uint8_t *tcp, uint32_t len)
{
	switch (len) {
	case 20:
		return wire_sum(sum, tcp, 20);
	case 24:
		return wire_sum(sum, tcp, 24);
	case 32:
		return wire_sum(sum, tcp, 32);
	case 40:
		return wire_sum(sum, tcp, 40);
	default:
		return wire_sum(sum, tcp, len);
	}
}

/* True: it is one, and *syn tells whom it asks. False: it may yet be a probe. */
static inline bool plain_syn(const uint8_t *frame, uint32_t len, struct plain_syn *syn)
{
	const uint8_t *ip = frame + WIRE_ETH, *tcp = ip + WIRE_IP;
	uint32_t total, segment, offset;

	if (len < PLAIN_SYN_MIN || (wire_get32(frame + 11) & 0xffffff) != 0x080045)
		return false;
	total = wire_get16(ip + 2);
	segment = total - WIRE_IP;
	offset = (tcp[12] >> 4) * 4u;
	if (total < WIRE_IP + WIRE_TCP || WIRE_ETH + total > len ||
	    (wire_get32(ip + 6) & 0x3fff00ff) != IPPROTO_TCP || offset < WIRE_TCP || offset > segment ||
	    (tcp[13] & 0x17) != 0x02)
		return false;
	if (!wire_sum_holds(wire_sum(0, ip, WIRE_IP)) ||
	    !wire_sum_holds(plain_syn_sum(wire_pseudo(ip, IPPROTO_TCP, segment), tcp, segment)))
		return false;
	*syn = (struct plain_syn){ .addr = wire_get32(ip + 16), .port = wire_get16(tcp + 2) };
	return true;
}

#endif
