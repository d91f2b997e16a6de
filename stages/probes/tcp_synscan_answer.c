/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that gets a SYN-ACK it never asked for resets the connection, and so frees what the target keeps for it: a
 * place in the SYN backlog, and up to a minute of retransmits (RFC 9293 3.10.7.1: <SEQ=SEG.ACK><CTL=RST>, no ACK).
 * The frame is the one that Linux sends: no options, no window, DF and IP id 0 (RFC 6864 4.1).
 *
 * Sums are taken anew: a reset follows a few percent of the probes.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>

#include "stages/probes/checksum.h"
#include "stages/probes/tcp_frame.h"
#include "stages/probes/tcp_synscan.h"

#define DONT_FRAGMENT 0x4000
#define RST_FRAME AT_TCP_OPTIONS /* bytes */

static_assert(RST_FRAME <= PROBE_FRAME_MAX, "a template has its bytes");

bool tcp_synscan_must_answer(const struct reply *r, struct control *c)
{
	if (r->class != REPLY_SYNACK)
		return false;
	*c = (struct control){
		.kind = CONTROL_RST, .daddr = r->saddr, .dport = r->sport, .sport = r->dport, .seq = r->acknum
	};
	return true;
}

uint16_t tcp_synscan_answer(const struct probe_template *t, const struct control *c, uint8_t *frame)
{
	const uint16_t tag = t->id.vlan != 0 ? PROBE_TAG : 0;
	uint8_t *f = frame + tag;
	const uint16_t tcp_len = RST_FRAME - AT_TCP;
	uint64_t sum;

	/* Ethernet, TTL, protocol and our address are the probe's. */
	memcpy(f, t->frame, AT_TCP);
	put16(f + AT_IP_LEN, htons(RST_FRAME - AT_IP));
	put16(f + AT_IP_FRAGMENT, htons(DONT_FRAGMENT));
	put32(f + AT_IP_DADDR, htonl(c->daddr));
	put16(f + AT_IP_SUM, checksum_finish(checksum_partial(f + AT_IP, AT_TCP - AT_IP, 0)));

	memset(f + AT_TCP, 0, tcp_len);
	put16(f + AT_TCP_SPORT, htons(c->sport));
	put16(f + AT_TCP_DPORT, htons(c->dport));
	put32(f + AT_TCP_SEQ, htonl(c->seq));
	f[AT_TCP_OFFSET] = (uint8_t)(tcp_len / 4 << 4);
	f[AT_TCP_FLAGS] = TH_RST;
	sum = checksum_partial(f + AT_IP_SADDR, 8, 0); /* the pseudo-header */
	sum += htons(IPPROTO_TCP) + (uint64_t)htons(tcp_len);
	put16(f + AT_TCP_SUM, checksum_finish(checksum_partial(f + AT_TCP, tcp_len, sum)));
	if (tag != 0)
		ipv4_frame_tag(t, frame);
	return RST_FRAME + tag;
}
