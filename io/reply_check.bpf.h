/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * Does this frame answer our scan? Decided from the frame alone, by programs that filter in the kernel. Never stricter
 * than the probe module's accept(); user space validates again.
 *
 * The program that includes this defines, before, what the frame lies in:
 *
 *	#define REPLY_CONTEXT struct xdp_md	its context
 *	static __always_inline int load_bytes(REPLY_CONTEXT *, __u32 at, void *to, __u32 len);	0, or < 0: shorter
 *
 * Counters lie in .bss, which user space maps: they stay readable after privileges are dropped, at no system call.
 */
#ifndef IO_REPLY_CHECK_BPF_H
#define IO_REPLY_CHECK_BPF_H

#include <linux/if_ether.h>
#include <linux/in.h>
#include <linux/ip.h>
#include <linux/types.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "anyscan/cookie.h"
#include "io/filter_causes.h"

#define VLAN_TAGS 2 /* in line; the outermost one is usually in the skb's metadata already */
#define FRAGMENT_OFFSET 0x1fff
/* <linux/icmp.h> needs libc. RFC 792; the errors among its types. */
#define ICMP_ECHOREPLY 0
#define ICMP_DEST_UNREACH 3
#define ICMP_SOURCE_QUENCH 4
#define ICMP_REDIRECT 5
#define ICMP_ECHO 8
#define ICMP_TIME_EXCEEDED 11
#define ICMP_PARAMETERPROB 12
#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_ACK 0x10

const volatile struct cookie_key key;
const volatile __u32 local_addr; /* host order */
const volatile __u16 port_first, port_last;
const volatile __u8 last_probe; /* of a target, 0-based */
const volatile __u8 ip_proto; /* of the probe: what is for others is dead code to the verifier */

struct filter_counts counts[FILTER_CPUS] __attribute__((aligned(128)));

struct tcp_start { /* RFC 9293 3.1, up to the flags */
	__be16 source, dest;
	__be32 seq, ack_seq;
	__u8 offset, flags;
};

struct icmp_start {
	__u8 type, code;
	__be16 checksum;
	__be32 rest; /* of an echo: identifier and sequence number, our cookie */
};

struct quoted_tcp { /* the 8 bytes that every router quotes (RFC 792) */
	__be16 source, dest;
	__be32 seq;
};

/*
 * The receive path runs with bottom halves off: nobody else writes this CPU's counters meanwhile. A global function,
 * which is verified by itself: without CAP_PERFMON the verifier wants an index that it knows the same of on every path.
 */
__attribute__((noinline)) int count_reply(__u32 slot)
{
	counts[bpf_get_smp_processor_id() & (FILTER_CPUS - 1)].count[slot & (FILTER_SLOTS - 1)]++;
	return 0;
}

static __always_inline __u32 expected(__u32 remote_addr, __u16 remote_port, __u16 local_port)
{
	const struct cookie_key k = { key.k0, key.k1 };

	return cookie(&k, local_addr, remote_addr, remote_port, local_port);
}

static __always_inline int our_port(__u16 port)
{
	return port >= port_first && port <= port_last;
}

static __always_inline enum filter_cause check_tcp(REPLY_CONTEXT *ctx, __u32 at, __u32 saddr)
{
	struct tcp_start tcp;
	__u32 over;

	if (load_bytes(ctx, at, &tcp, sizeof(tcp)) < 0)
		return FILTER_SHORT;
	if (!our_port(bpf_ntohs(tcp.dest)))
		return FILTER_PORT;
	if (!(tcp.flags & TCP_RST) && (tcp.flags & (TCP_SYN | TCP_ACK)) != (TCP_SYN | TCP_ACK))
		return FILTER_FLAGS;
	over = bpf_ntohl(tcp.ack_seq) - expected(saddr, bpf_ntohs(tcp.source), bpf_ntohs(tcp.dest));
	/* Some stacks acknowledge a refused SYN without counting it. */
	return over == 1 || (over == 0 && (tcp.flags & TCP_RST)) ? FILTER_PASSED : FILTER_COOKIE;
}

/* Of a request or a reply: the cookie of the host is in both, but for the number of the probe. */
static __always_inline enum filter_cause check_echo(__u32 target, __be32 echo)
{
	return (bpf_ntohl(echo) ^ expected(target, 0, 0)) <= last_probe ? FILTER_PASSED : FILTER_COOKIE;
}

static __always_inline enum filter_cause check_quoted_tcp(REPLY_CONTEXT *ctx, __u32 at, __u32 target)
{
	struct quoted_tcp tcp;

	if (load_bytes(ctx, at, &tcp, sizeof(tcp)) < 0)
		return FILTER_SHORT;
	if (!our_port(bpf_ntohs(tcp.source)))
		return FILTER_PORT;
	return bpf_ntohl(tcp.seq) == expected(target, bpf_ntohs(tcp.dest), bpf_ntohs(tcp.source)) ?
		       FILTER_PASSED :
		       FILTER_COOKIE;
}

static __always_inline enum filter_cause check_quoted_echo(REPLY_CONTEXT *ctx, __u32 at, __u32 target)
{
	struct icmp_start icmp;

	if (load_bytes(ctx, at, &icmp, sizeof(icmp)) < 0)
		return FILTER_SHORT;
	return icmp.type == ICMP_ECHO ? check_echo(target, icmp.rest) : FILTER_ICMP_TYPE;
}

static __always_inline enum filter_cause check_icmp(REPLY_CONTEXT *ctx, __u32 at, __u32 saddr)
{
	struct icmp_start icmp;
	struct iphdr ip;

	if (load_bytes(ctx, at, &icmp, sizeof(icmp)) < 0)
		return FILTER_SHORT;
	if (icmp.type == ICMP_ECHOREPLY && ip_proto == IPPROTO_ICMP)
		return check_echo(saddr, icmp.rest);
	if (icmp.type != ICMP_DEST_UNREACH && icmp.type != ICMP_SOURCE_QUENCH && icmp.type != ICMP_REDIRECT &&
	    icmp.type != ICMP_TIME_EXCEEDED && icmp.type != ICMP_PARAMETERPROB)
		return FILTER_ICMP_TYPE;
	at += sizeof(icmp);
	if (load_bytes(ctx, at, &ip, sizeof(ip)) < 0)
		return FILTER_SHORT;
	if (ip.version != 4 || ip.ihl < 5)
		return FILTER_NOT_IP;
	if (ip.protocol != ip_proto)
		return FILTER_PROTOCOL;
	if (ip.frag_off & bpf_htons(FRAGMENT_OFFSET))
		return FILTER_FRAGMENT;
	if (bpf_ntohl(ip.saddr) != local_addr)
		return FILTER_ADDRESS;
	at += ip.ihl * 4;
	if (ip_proto == IPPROTO_ICMP)
		return check_quoted_echo(ctx, at, bpf_ntohl(ip.daddr));
	return check_quoted_tcp(ctx, at, bpf_ntohl(ip.daddr));
}

static __always_inline enum filter_cause check_reply(REPLY_CONTEXT *ctx)
{
	__u32 at = ETH_HLEN;
	struct iphdr ip;
	__be16 type;

	if (load_bytes(ctx, ETH_HLEN - 2, &type, 2) < 0)
		return FILTER_SHORT;
#pragma unroll
	for (int i = 0; i < VLAN_TAGS; i++) {
		if (type != bpf_htons(ETH_P_8021Q) && type != bpf_htons(ETH_P_8021AD))
			break;
		if (load_bytes(ctx, at + 2, &type, 2) < 0)
			return FILTER_SHORT;
		at += 4;
	}
	if (type != bpf_htons(ETH_P_IP))
		return FILTER_NOT_IP;
	if (load_bytes(ctx, at, &ip, sizeof(ip)) < 0)
		return FILTER_SHORT;
	if (ip.version != 4 || ip.ihl < 5)
		return FILTER_NOT_IP;
	if (bpf_ntohl(ip.daddr) != local_addr)
		return FILTER_ADDRESS;
	if (ip.frag_off & bpf_htons(FRAGMENT_OFFSET))
		return FILTER_FRAGMENT;
	at += ip.ihl * 4;
	if (ip.protocol == IPPROTO_TCP && ip_proto == IPPROTO_TCP)
		return check_tcp(ctx, at, bpf_ntohl(ip.saddr));
	if (ip.protocol == IPPROTO_ICMP)
		return check_icmp(ctx, at, bpf_ntohl(ip.saddr));
	return FILTER_PROTOCOL;
}

#endif
