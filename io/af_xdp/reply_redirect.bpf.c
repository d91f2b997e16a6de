/* SPDX-License-Identifier: (BSD-2-Clause OR GPL-2.0-only) */
/*
 * XDP: takes what answers this scan to the socket of its queue. Everything else goes on to the kernel untouched,
 * whatever ports it uses: the NIC's other traffic does not notice.
 */
#include <linux/bpf.h>
#include <stdbool.h>

#include <bpf/bpf_helpers.h>

#include "redirect.h"

/*
 * Set by the loader where the verifier refuses pointers into the frame that vary (behind VLAN tags and IP options), as
 * it does without CAP_PERFMON: by a helper of Linux 5.18 then, at 113 instead of 48 ns a reply.
 */
const volatile bool by_helper;

static __always_inline int load_bytes(struct xdp_md *xdp, __u32 at, void *to, __u32 len)
{
	void *from = (void *)(long)xdp->data + at, *end = (void *)(long)xdp->data_end;

	if (by_helper)
		return (int)bpf_xdp_load_bytes(xdp, at, to, len);
	if (from + len > end)
		return -1;
	__builtin_memcpy(to, from, len);
	return 0;
}

#define REPLY_CONTEXT struct xdp_md
#include "io/reply_check.bpf.h"

/* One socket per queue; the loader sizes it. A queue without one is a hole. */
struct {
	__uint(type, BPF_MAP_TYPE_XSKMAP);
	__uint(max_entries, 1);
	__type(key, __u32);
	__type(value, __u32);
} sockets SEC(".maps");

/* The name is what `bpftool net` and another scan's refusal show: 15 characters at most. */
SEC("xdp")
int anyscan_replies(struct xdp_md *xdp)
{
	const enum filter_cause cause = check_reply(xdp);
	long action;

	count_reply(cause);
	if (cause != FILTER_PASSED)
		return XDP_PASS;
	action = bpf_redirect_map(&sockets, xdp->rx_queue_index, XDP_PASS);
	if (action != XDP_REDIRECT)
		count_reply(REDIRECT_NO_SOCKET);
	return (int)action;
}

char _license[] SEC("license") = "Dual BSD/GPL";
