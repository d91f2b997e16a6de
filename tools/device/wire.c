/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/device/wire.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "io/netlink/link.h"

#define SHELL "PATH=$PATH:/usr/sbin:/sbin; exec 2>/dev/null; "

bool wire_namespace(void)
{
	return unshare(CLONE_NEWNET) == 0;
}

/* The two instructions of a program that drops. */
static int drop_all(const char *device)
{
	const struct bpf_insn drop[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_DROP },
					 { .code = BPF_JMP | BPF_EXIT } };
	const int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "drop", "GPL", drop, 2, NULL);

	return fd < 0 ? fd : bpf_xdp_attach((int)if_nametoindex(device), fd, XDP_FLAGS_DRV_MODE, NULL);
}

bool wire_veth(const char *near, const char *far, unsigned int queues, bool drop)
{
	char command[512];

	snprintf(
		command, sizeof(command),
		SHELL
		"ip link add %s numtxqueues %u numrxqueues %u type veth peer name %s numtxqueues %u "
		"numrxqueues %u && ip addr add 198.18.0.1/30 dev %s && ip link set %s up && ip link set %s up",
		near, queues, queues, far, queues, queues, near, far, near);
	return system(command) == 0 && (!drop || drop_all(far) == 0);
}

bool wire_ifb(const char *name, unsigned int queues)
{
	char command[256];

	snprintf(
		command, sizeof(command),
		SHELL
		"ip link add %s numtxqueues %u numrxqueues %u type ifb && ip addr add 198.18.1.1/30 dev %s && "
		"ip link set %s up",
		name, queues, queues, name, name);
	return system(command) == 0;
}

int wire_link(const char *device, struct io_link *link, struct error *e)
{
	const int r = netlink_find_link(device, link, e);

	if (r < 0)
		return r;
	memcpy(link->gateway_mac, "\x02\0\0\0\0\x02", 6);
	link->gateway_mac_known = true;
	return 0;
}
