/* SPDX-License-Identifier: Apache-2.0 */
/* The far end of a wire that is only sent to: the same to every frame, whoever sent it. For bench/dpdk. */
#include <linux/bpf.h>

__attribute__((section("xdp"), used)) int drop(struct xdp_md *frame)
{
	(void)frame;
	return XDP_DROP;
}
