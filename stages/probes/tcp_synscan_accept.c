/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Decides from the packet alone, cheapest test first, in the order of enum
 * reject; the reply is only filled once the cookie fits, so that a flood
 * costs a few loads and one SipHash.
 */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>

#include "stages/probes/tcp_synscan.h"
#include "stages/rx/parse.h"

#define TCP_HEADER 20
#define TCP_QUOTED 8 /* RFC 792: an ICMP error quotes ports and sequence number */

static uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static bool our_port(const struct io_match *m, uint16_t port)
{
	return port >= m->port_first && port <= m->port_last;
}

static enum reject accept_quote(const struct io_match *m, const struct packet *p, struct reply *r)
{
	const uint8_t *tcp = p->l4; /* of the probe: from us to the target */
	uint16_t sport, dport;
	uint32_t seq;

	if (p->l4_len < TCP_QUOTED)
		return REJECT_SHORT;
	if (p->ip_proto != IPPROTO_TCP)
		return REJECT_PROTOCOL;
	if (p->daddr != m->local_addr || p->quoted_saddr != m->local_addr)
		return REJECT_ADDRESS;
	sport = get16(tcp);
	dport = get16(tcp + 2);
	seq = get32(tcp + 4);
	if (!our_port(m, sport))
		return REJECT_PORT;
	if (seq != cookie(&m->key, m->local_addr, p->quoted_daddr, dport, sport))
		return REJECT_COOKIE;

	memset(r, 0, sizeof(*r));
	r->class = REPLY_ICMP;
	r->saddr = p->quoted_daddr;
	r->sport = dport;
	r->dport = sport;
	r->seqnum = seq;
	r->icmp_type = p->icmp_type;
	r->icmp_code = p->icmp_code;
	return REJECT_NONE;
}

static enum reject accept_tcp(const struct io_match *m, const struct packet *p, struct reply *r)
{
	const uint8_t *tcp = p->l4;
	uint16_t sport, dport;
	uint32_t ack, expected;
	uint8_t flags;

	if (p->l4_len < TCP_HEADER)
		return REJECT_SHORT;
	if (p->daddr != m->local_addr)
		return REJECT_ADDRESS;
	sport = get16(tcp);
	dport = get16(tcp + 2);
	if (!our_port(m, dport))
		return REJECT_PORT;
	flags = tcp[13] & (TH_SYN | TH_ACK | TH_RST | TH_FIN);
	if (flags != (TH_SYN | TH_ACK) && flags != TH_RST && flags != (TH_RST | TH_ACK))
		return REJECT_FLAGS;
	/* A SYN takes one number (RFC 9293 3.4), but some stacks reset with the number of the SYN itself. */
	ack = get32(tcp + 8);
	expected = cookie(&m->key, m->local_addr, p->saddr, sport, dport);
	if (ack - 1 != expected && !(flags & TH_RST && ack == expected))
		return REJECT_COOKIE;

	memset(r, 0, sizeof(*r));
	if (!parse_tcp(tcp, p->l4_len, r))
		return REJECT_SHORT;
	r->class = flags & TH_RST ? REPLY_RST : REPLY_SYNACK;
	r->saddr = p->saddr;
	return REJECT_NONE;
}

enum reject tcp_synscan_accept(const struct io_match *m, const struct packet *p, struct reply *r)
{
	enum reject cause;

	if (p->quoted)
		cause = accept_quote(m, p, r);
	else if (p->ip_proto == IPPROTO_TCP)
		cause = accept_tcp(m, p, r);
	else if (p->ip_proto != IPPROTO_ICMP)
		return REJECT_PROTOCOL;
	else
		return p->daddr != m->local_addr ? REJECT_ADDRESS : REJECT_ICMP_TYPE;
	if (cause != REJECT_NONE)
		return cause;

	r->time_ns = p->time_ns;
	r->daddr = p->daddr;
	r->responder = p->saddr;
	r->ipid = p->ipid;
	r->ttl = p->ttl;
	return REJECT_NONE;
}
