/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A cursor over the frame: every header is taken only when all of it is there,
 * so no field is read past what was captured.
 */
#include <linux/if_ether.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <string.h>

#include "stages/rx/parse.h"

#define VLAN_TAGS_MAX 2 /* 802.1ad: a service and a customer tag */
#define IPV4_HEADER 20
#define ICMP_HEADER 8
#define TCP_HEADER 20

struct span { /* bytes not parsed yet */
	const uint8_t *at;
	uint32_t left;
};

/* The next n bytes, or NULL when there are fewer. */
static inline const uint8_t *take(struct span *s, uint32_t n)
{
	const uint8_t *header = s->at;

	if (s->left < n)
		return NULL;
	s->at += n;
	s->left -= n;
	return header;
}

static inline uint16_t get16(const uint8_t *p)
{
	return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static enum reject parse_ethernet(struct span *s)
{
	const uint8_t *header = take(s, ETH_HLEN);
	uint16_t type;

	if (header == NULL)
		return REJECT_SHORT;
	type = get16(header + 12);
	for (int tags = 0; tags < VLAN_TAGS_MAX && (type == ETH_P_8021Q || type == ETH_P_8021AD); tags++) {
		const uint8_t *tag = take(s, 4);

		if (tag == NULL)
			return REJECT_SHORT;
		type = get16(tag + 2);
	}
	return type == ETH_P_IP ? REJECT_NONE : REJECT_NOT_IP;
}

/* Header and options (RFC 791 3.1). The total length of a quote is not trusted: some routers rewrite it. */
static enum reject parse_ipv4(struct span *s, bool quoted, const uint8_t **ip)
{
	const uint8_t *header = s->at;
	uint32_t header_len, total;

	if (s->left < 1)
		return REJECT_SHORT;
	header_len = (header[0] & 0x0fu) * 4;
	if (header[0] >> 4 != 4 || header_len < IPV4_HEADER)
		return REJECT_NOT_IP;
	if (take(s, header_len) == NULL)
		return REJECT_SHORT;
	if (!quoted) {
		total = get16(header + 2);
		if (total < header_len)
			return REJECT_SHORT;
		if (s->left > total - header_len) /* padding of a short Ethernet frame */
			s->left = total - header_len;
	}
	if ((get16(header + 6) & 0x1fff) != 0)
		return REJECT_FRAGMENT;
	*ip = header;
	return REJECT_NONE;
}

static bool icmp_is_error(uint8_t type)
{
	return type == ICMP_DEST_UNREACH || type == ICMP_SOURCE_QUENCH || type == ICMP_REDIRECT ||
	       type == ICMP_TIME_EXCEEDED || type == ICMP_PARAMETERPROB;
}

/* s is at the ICMP header; an error's quote takes the place of the transport header. */
static enum reject parse_icmp(struct span *s, struct packet *p)
{
	struct span inner = *s;
	const uint8_t *icmp = take(&inner, ICMP_HEADER), *quote;
	enum reject cause;

	if (icmp == NULL)
		return REJECT_SHORT;
	p->icmp_type = icmp[0];
	p->icmp_code = icmp[1];
	if (!icmp_is_error(icmp[0]))
		return REJECT_NONE;
	cause = parse_ipv4(&inner, true, &quote);
	if (cause != REJECT_NONE)
		return cause;
	p->quoted = true;
	p->ip_proto = quote[9];
	p->quoted_saddr = get32(quote + 12);
	p->quoted_daddr = get32(quote + 16);
	*s = inner;
	return REJECT_NONE;
}

enum reject parse_frame(const struct frame_view *view, struct packet *p)
{
	struct span s = { view->data, view->len };
	enum reject cause = parse_ethernet(&s);
	const uint8_t *ip;

	if (cause == REJECT_NONE)
		cause = parse_ipv4(&s, false, &ip);
	if (cause != REJECT_NONE)
		return cause;

	memset(p, 0, sizeof(*p));
	p->time_ns = view->time_ns;
	p->ipid = get16(ip + 4);
	p->ttl = ip[8];
	p->ip_proto = ip[9];
	p->saddr = get32(ip + 12);
	p->daddr = get32(ip + 16);
	if (p->ip_proto == IPPROTO_ICMP)
		cause = parse_icmp(&s, p);
	else if (p->ip_proto != IPPROTO_TCP && p->ip_proto != IPPROTO_UDP)
		cause = REJECT_PROTOCOL;
	p->l4 = s.at;
	p->l4_len = s.left;
	return cause;
}

/* Kinds: RFC 9293 3.2, RFC 7323, RFC 2018. */
enum {
	OPT_END = 0,
	OPT_NOP = 1,
	OPT_MSS = 2,
	OPT_WSCALE = 3,
	OPT_SACK_PERM = 4,
	OPT_TS = 8
};

/* An option of a known kind but another length is skipped like an unknown one. */
static void parse_option(const uint8_t *option, uint8_t len, struct reply *r)
{
	if (option[0] == OPT_MSS && len == 4) {
		r->options |= REPLY_OPT_MSS;
		r->mss = get16(option + 2);
	} else if (option[0] == OPT_WSCALE && len == 3) {
		r->options |= REPLY_OPT_WSCALE;
		r->wscale = option[2];
	} else if (option[0] == OPT_SACK_PERM && len == 2) {
		r->options |= REPLY_OPT_SACK_PERM;
	} else if (option[0] == OPT_TS && len == 10) {
		r->options |= REPLY_OPT_TS;
		r->ts_val = get32(option + 2);
		r->ts_ecr = get32(option + 6);
	}
}

bool parse_tcp(const uint8_t *tcp, uint32_t len, struct reply *r)
{
	struct span s = { tcp, len };
	uint32_t header_len;

	if (take(&s, TCP_HEADER) == NULL)
		return false;
	header_len = (tcp[12] >> 4) * 4u;
	if (header_len < TCP_HEADER)
		return false;
	r->sport = get16(tcp);
	r->dport = get16(tcp + 2);
	r->seqnum = get32(tcp + 4);
	r->acknum = get32(tcp + 8);
	r->tcp_flags = tcp[13];
	r->window = get16(tcp + 14);

	if (s.left > header_len - TCP_HEADER)
		s.left = header_len - TCP_HEADER;
	while (s.left > 0 && s.at[0] != OPT_END) {
		const uint8_t *option = s.at;
		uint8_t option_len = 1;

		if (option[0] != OPT_NOP) {
			/* A length below 2 would never move on: zmap once hung on a zero. */
			if (s.left < 2 || option[1] < 2)
				break;
			option_len = option[1];
		}
		if (take(&s, option_len) == NULL)
			break;
		parse_option(option, option_len, r);
	}
	return true;
}
