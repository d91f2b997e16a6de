/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Frames of the lab's internet: a probe is read from the frame that brings it,
 * and its answer is written over it. Answers longer than the probe grow at the
 * head, where XDP guarantees room; the tail is only ever cut.
 */
#ifndef ANYSCAN_WORLD_RESPONDER_FRAMES_H
#define ANYSCAN_WORLD_RESPONDER_FRAMES_H

#include <linux/bpf.h>
#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/tcp.h>
#include <stdbool.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "anyscan/world.h"

#define IP_LEN 20
#define TCP_LEN 20
#define MSS_LEN 4
#define ICMP_LEN 8
#define ICMP_QUOTE 28 /* RFC 792: IP header and 64 bits */
#define SYN 0x02
#define RST 0x04
#define SYN_ACK 0x12
#define RST_ACK 0x14
#define ICMP_ECHO 8
#define WORDS_MAX 40 /* of 16 bits: TCP has 30 at most, an ordinary ping 32 */

struct icmp_unreachable { /* linux/icmp.h pulls in libc */
	__u8 type, code;
	__sum16 checksum;
	__be32 unused;
};

struct icmp_echo {
	__u8 type, code;
	__sum16 checksum;
	__be32 echo; /* identifier and sequence number */
};

struct probe { /* host order but for the MACs */
	bool reset; /* no probe, but what closes one */
	bool echo; /* ICMP: ports are 0, seq is identifier and sequence number */
	__u8 src_mac[ETH_ALEN], dst_mac[ETH_ALEN];
	__u32 saddr, daddr, seq;
	__u16 sport, dport;
	__u16 len; /* of the IP packet */
};

struct answer {
	bool icmp; /* unreachable */
	__u8 flags, code;
	__u16 port; /* TCP: from */
	__u32 from; /* echo */
	__u32 seq, ack; /* echo: seq is identifier and sequence number */
	__u32 quote_delta; /* ICMP: added to the quoted seq */
};

static __always_inline __u16 fold(__u64 sum)
{
	sum = (sum & 0xffffffff) + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (__u16)sum;
}

/* Sum of the pseudo header (RFC 9293 3.1). */
static __always_inline __u64 pseudo(const struct iphdr *ip, __u16 len)
{
	return (__u64)ip->saddr + ip->daddr + bpf_htons(IPPROTO_TCP) + bpf_htons(len);
}

/* Of the IP header and of the words at word, whose sum begins with `sum`. */
static __always_inline bool checksums_good(struct iphdr *ip, __u64 sum, __u16 *word, __u32 words, void *end)
{
	if (fold((__u32)bpf_csum_diff(0, 0, (__be32 *)ip, sizeof(*ip), 0)) != 0xffff)
		return false;
	for (__u32 i = 0; i < WORDS_MAX; i++) {
		if (i >= words || (void *)(word + 1) > end)
			break;
		sum += *word++;
	}
	return fold(sum) == 0xffff;
}

/* An echo request of even length, at most 2 * WORDS_MAX bytes? */
static __always_inline bool parse_echo(struct iphdr *ip, void *end, struct probe *p, bool *good)
{
	struct icmp_echo *icmp = (void *)(ip + 1);

	if ((void *)(icmp + 1) > end || icmp->type != ICMP_ECHO || icmp->code != 0)
		return false;
	if (p->len < IP_LEN + ICMP_LEN || p->len > IP_LEN + 2 * WORDS_MAX || p->len & 1 ||
	    (void *)ip + p->len > end)
		return false;
	p->reset = false;
	p->echo = true;
	p->sport = 0;
	p->dport = 0;
	p->seq = bpf_ntohl(icmp->echo);
	*good = checksums_good(ip, 0, (__u16 *)icmp, (__u32)(p->len - IP_LEN) >> 1, end);
	return true;
}

/*
 * An echo request, or a SYN or a RST without payload, to anywhere? Fills *p; *good tells whether both its checksums
 * are right.
 */
static __always_inline bool parse(struct xdp_md *ctx, struct probe *p, bool *good)
{
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);
	__u8 flags;

	if ((void *)(ip + 1) > end || eth->h_proto != bpf_htons(ETH_P_IP))
		return false;
	if (*(__u8 *)ip != 0x45 || ip->frag_off & bpf_htons(0x3fff))
		return false;
	__builtin_memcpy(p->src_mac, eth->h_source, ETH_ALEN);
	__builtin_memcpy(p->dst_mac, eth->h_dest, ETH_ALEN);
	p->saddr = bpf_ntohl(ip->saddr);
	p->daddr = bpf_ntohl(ip->daddr);
	p->len = bpf_ntohs(ip->tot_len);
	if (ip->protocol == IPPROTO_ICMP)
		return parse_echo(ip, end, p, good);
	if (ip->protocol != IPPROTO_TCP || (void *)(tcp + 1) > end)
		return false;
	flags = ((__u8 *)tcp)[13] & 0x3f;
	if ((flags != SYN && flags != RST) || tcp->doff < 5 || p->len != IP_LEN + tcp->doff * 4)
		return false;
	p->reset = flags == RST;
	p->echo = false;
	p->sport = bpf_ntohs(tcp->source);
	p->dport = bpf_ntohs(tcp->dest);
	p->seq = bpf_ntohl(tcp->seq);
	*good = checksums_good(ip, pseudo(ip, tcp->doff * 4), (__u16 *)tcp, tcp->doff * 2, end);
	return true;
}

static __always_inline void put_headers(struct ethhdr *eth, struct iphdr *ip, const struct probe *p,
					__u32 from, __u8 protocol, __u16 len)
{
	__builtin_memcpy(eth->h_dest, p->src_mac, ETH_ALEN);
	__builtin_memcpy(eth->h_source, p->dst_mac, ETH_ALEN);
	eth->h_proto = bpf_htons(ETH_P_IP);
	*(__u8 *)ip = 0x45;
	ip->tos = 0;
	ip->tot_len = bpf_htons(len);
	ip->id = 0;
	ip->frag_off = bpf_htons(0x4000);
	ip->ttl = WORLD_TTL;
	ip->protocol = protocol;
	ip->check = 0;
	ip->saddr = bpf_htonl(from);
	ip->daddr = bpf_htonl(p->saddr);
	ip->check = ~fold((__u32)bpf_csum_diff(0, 0, (__be32 *)ip, sizeof(*ip), 0));
}

/* Turns the probe's frame into a SYN-ACK or RST. */
static __always_inline bool answer_tcp(struct xdp_md *ctx, const struct probe *p, const struct answer *a)
{
	const bool mss = a->flags == SYN_ACK;
	const __u16 len = IP_LEN + TCP_LEN + (mss ? MSS_LEN : 0);
	const int grow = ETH_HLEN + len - (int)(ctx->data_end - ctx->data);

	if (grow > 0 && bpf_xdp_adjust_head(ctx, -grow))
		return false;
	if (grow < 0 && bpf_xdp_adjust_tail(ctx, grow))
		return false;

	struct ethhdr *eth = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct iphdr *ip = (void *)(eth + 1);
	struct tcphdr *tcp = (void *)(ip + 1);
	__be32 *option = (void *)(tcp + 1);

	if ((void *)option > end)
		return false;
	put_headers(eth, ip, p, p->daddr, IPPROTO_TCP, len);
	tcp->source = bpf_htons(a->port);
	tcp->dest = bpf_htons(p->sport);
	tcp->seq = bpf_htonl(a->seq);
	tcp->ack_seq = bpf_htonl(a->ack);
	*(__be16 *)((__u8 *)tcp + 12) = bpf_htons((mss ? 0x6000 : 0x5000) | a->flags);
	tcp->window = mss ? bpf_htons(WORLD_WINDOW) : 0;
	tcp->check = 0;
	tcp->urg_ptr = 0;

	__u64 sum = pseudo(ip, len - IP_LEN) + (__u32)bpf_csum_diff(0, 0, (__be32 *)tcp, sizeof(*tcp), 0);

	if (mss) {
		if ((void *)(option + 1) > end)
			return false;
		*option = bpf_htonl(2 << 24 | MSS_LEN << 16 | WORLD_MSS); /* RFC 9293 3.2 */
		sum += *option;
	}
	tcp->check = ~fold(sum);
	return true;
}

/* Turns the request's frame into the reply, data as they are. */
static __always_inline bool answer_echo(struct xdp_md *ctx, const struct probe *p, const struct answer *a)
{
	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct icmp_echo *icmp = (void *)(ip + 1);

	if ((void *)(icmp + 1) > (void *)(long)ctx->data_end)
		return false;

	/* RFC 1624, eqn 3, for all that changes: type and echo */
	__u64 sum = (__u16)~icmp->checksum;
	sum += (__u16)~bpf_htons(ICMP_ECHO << 8);
	sum += ~icmp->echo;
	sum += bpf_htonl(a->seq);

	put_headers(eth, ip, p, a->from, IPPROTO_ICMP, p->len);
	icmp->type = 0;
	icmp->echo = bpf_htonl(a->seq);
	icmp->checksum = ~fold(sum);
	return true;
}

/* Puts Ethernet, IP and ICMP in front of the probe's own headers, which are the quote. */
static __always_inline bool answer_icmp(struct xdp_md *ctx, const struct probe *p, const struct answer *a)
{
	const __u16 len = IP_LEN + ICMP_LEN + ICMP_QUOTE;

	if (bpf_xdp_adjust_head(ctx, -(IP_LEN + ICMP_LEN))) /* the rest overwrites the old Ethernet header */
		return false;
	if (bpf_xdp_adjust_tail(ctx, ETH_HLEN + len - (int)(ctx->data_end - ctx->data)))
		return false;

	struct ethhdr *eth = (void *)(long)ctx->data;
	struct iphdr *ip = (void *)(eth + 1);
	struct icmp_unreachable *icmp = (void *)(ip + 1);
	struct iphdr *quoted = (void *)(icmp + 1);
	__be32 *quoted_seq = (__be32 *)((__u8 *)(quoted + 1) + 4);

	if ((void *)(quoted_seq + 1) > (void *)(long)ctx->data_end)
		return false;
	put_headers(eth, ip, p, world_router(p->daddr), IPPROTO_ICMP, len);
	if (a->quote_delta)
		*quoted_seq = bpf_htonl(p->seq + a->quote_delta);
	icmp->type = 3;
	icmp->code = a->code;
	icmp->checksum = 0;
	icmp->unused = 0;
	icmp->checksum = ~fold((__u32)bpf_csum_diff(0, 0, (__be32 *)icmp, ICMP_LEN + ICMP_QUOTE, 0));
	return true;
}

#endif
