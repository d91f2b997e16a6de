/* SPDX-License-Identifier: Apache-2.0 */
/* What the frames of every IPv4 probe have in common: Ethernet without a tag, IPv4 without options (RFC 791). */
#ifndef PROBES_IPV4_FRAME_H
#define PROBES_IPV4_FRAME_H

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/types.h>
#include <stdint.h>
#include <string.h>

#include "anyscan/probe.h"

enum ipv4_frame_offset { /* bytes from the start of the frame */
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
	AT_L4 = AT_IP + 20,
};

static inline void put16(uint8_t *p, __be16 field)
{
	memcpy(p, &field, sizeof(field));
}

static inline void put32(uint8_t *p, __be32 field)
{
	memcpy(p, &field, sizeof(field));
}

/* Set-up: a template of len bytes, with the headers that come before AT_L4 and ip_sum; zeros from there on. */
void ipv4_frame_begin(struct probe_template *t, const struct probe_identity *id, uint8_t protocol,
		      uint16_t len);

/* As compose() of a probe module, of frames without a tag. */
typedef void ipv4_compose_fn(const struct probe_template *, const struct target_block *targets,
			     unsigned int first, unsigned int n, uint8_t *const frame[], uint16_t len[]);

/* The same, with the template's tag where it has one. */
void ipv4_frame_compose(const struct probe_template *, const struct target_block *targets, unsigned int first,
			unsigned int n, uint8_t *const frame[], uint16_t len[], ipv4_compose_fn *untagged);

/* Writes the addresses and the tag before a frame that stands at frame + PROBE_TAG, EtherType and all. */
static inline void ipv4_frame_tag(const struct probe_template *t, uint8_t *frame)
{
	memcpy(frame, t->frame, AT_ETH_TYPE);
	put16(frame + AT_ETH_TYPE, htons(ETH_P_8021Q));
	put16(frame + AT_ETH_TYPE + 2, htons(t->id.vlan));
}

#endif
