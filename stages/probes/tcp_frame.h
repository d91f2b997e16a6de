/* SPDX-License-Identifier: Apache-2.0 */
/* Where the fields of a TCP frame of ours lie: Ethernet without a tag, IPv4 without options (RFC 791, RFC 9293 3.1). */
#ifndef PROBES_TCP_FRAME_H
#define PROBES_TCP_FRAME_H

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/types.h>
#include <stdint.h>
#include <string.h>

#include "anyscan/probe.h"

enum tcp_frame_offset { /* bytes from the start of the frame */
	AT_ETH_DST = 0,
	AT_ETH_SRC = 6,
	AT_ETH_TYPE = 12,
	AT_IP = 14,
	AT_IP_LEN = AT_IP + 2,
	AT_IP_ID = AT_IP + 4,
	AT_IP_FRAGMENT = AT_IP + 6,
	AT_IP_TTL = AT_IP + 8,
	AT_IP_PROTO = AT_IP + 9,
	AT_IP_SUM = AT_IP + 10,
	AT_IP_SADDR = AT_IP + 12,
	AT_IP_DADDR = AT_IP + 16,
	AT_TCP = AT_IP + 20,
	AT_TCP_SPORT = AT_TCP,
	AT_TCP_DPORT = AT_TCP + 2,
	AT_TCP_SEQ = AT_TCP + 4,
	AT_TCP_OFFSET = AT_TCP + 12,
	AT_TCP_FLAGS = AT_TCP + 13,
	AT_TCP_WINDOW = AT_TCP + 14,
	AT_TCP_SUM = AT_TCP + 16,
	AT_TCP_OPTIONS = AT_TCP + 20,
};

static inline void put16(uint8_t *p, __be16 field)
{
	memcpy(p, &field, sizeof(field));
}

static inline void put32(uint8_t *p, __be32 field)
{
	memcpy(p, &field, sizeof(field));
}

/* Writes the addresses and the tag before a frame that stands at frame + PROBE_TAG, EtherType and all. */
static inline void tcp_frame_tag(const struct probe_template *t, uint8_t *frame)
{
	memcpy(frame, t->frame, AT_ETH_TYPE);
	put16(frame + AT_ETH_TYPE, htons(ETH_P_8021Q));
	put16(frame + AT_ETH_TYPE + 2, htons(t->id.vlan));
}

#endif
