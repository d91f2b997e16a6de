/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/* Socket filter: lets through what answers this scan and drops the rest before the kernel copies it into the ring. */
#include <linux/bpf.h>

#include <bpf/bpf_helpers.h>

static __always_inline int load_bytes(struct __sk_buff *ctx, __u32 at, void *to, __u32 len)
{
	return (int)bpf_skb_load_bytes(ctx, at, to, len);
}

#define REPLY_CONTEXT struct __sk_buff
#include "io/reply_check.bpf.h"

SEC("socket")
int reply_filter(struct __sk_buff *skb)
{
	const enum filter_cause cause = check_reply(skb);

	count_reply(cause);
	return cause == FILTER_PASSED ? 0x40000 : 0; /* bytes to keep: all of it, or nothing */
}

char _license[] SEC("license") = "Dual BSD/GPL";
