/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/wires.h"

#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <linux/if_link.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bench/report.h"
#include "io/engines.h"
#include "io/netlink/link.h"
#include "tests/unit/pipeline_rig.h"

#define SHELL "PATH=$PATH:/usr/sbin:/sbin; exec 2>/dev/null; "

bool wires_begin(const char *bench)
{
	if (unshare(CLONE_NEWNET) == 0)
		return true;
	bench_skip(bench, "network namespaces need root");
	return false;
}

/* The two instructions of a program that drops. */
static int drop_all(const char *device)
{
	const struct bpf_insn drop[] = { { .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = XDP_DROP },
					 { .code = BPF_JMP | BPF_EXIT } };
	const int fd = bpf_prog_load(BPF_PROG_TYPE_XDP, "drop", "GPL", drop, 2, NULL);

	return fd < 0 ? fd : bpf_xdp_attach((int)if_nametoindex(device), fd, XDP_FLAGS_DRV_MODE, NULL);
}

const char *wires_veth(bool drop)
{
	if (system(SHELL
		   "ip link add bench0 type veth peer name bench1 && ip addr add 198.18.0.1/30 dev bench0 && "
		   "ip link set bench1 up && ip link set bench0 up") != 0)
		return NULL;
	return !drop || drop_all("bench1") == 0 ? "bench0" : NULL;
}

const char *wires_ifb(void)
{
	return system(SHELL "ip link add bench2 type ifb && ip addr add 198.18.1.1/30 dev bench2 && "
			    "ip link set bench2 up") == 0 ?
		       "bench2" :
		       NULL;
}

void wires_each(const char *bench, void (*run)(const char *device, const char *kind))
{
	const char *device = wires_veth(true);

	if (device != NULL)
		run(device, "veth");
	else
		bench_skip(bench, "this host does not let us make a veth pair and drop its frames in XDP");
	device = wires_ifb();
	if (device != NULL)
		run(device, "ifb");
	else
		bench_skip(bench, "this host does not let us make an ifb");
}

static void refused(const char *bench, const struct error *e)
{
	fprintf(stderr, "bench_%s: %s\n", bench, e->text);
	exit(1);
}

void wires_link(const char *bench, const char *device, struct io_link *link)
{
	struct error e;

	if (netlink_find_link(device, link, &e) < 0)
		refused(bench, &e);
	memcpy(link->gateway_mac, "\x02\0\0\0\0\x02", 6);
	link->gateway_mac_known = true;
}

double wires_scan(const char *bench, const struct io_ops *ops, const struct io_link *link,
		  const char *xdp_mode, const char *net, uint64_t probes)
{
	struct pipeline_stats stats;
	struct rig whole;

	if (rig_init(&whole, &null_ops, 1, net, "443", "seed=1") != 0)
		abort();
	whole.port[0].ops = ops;
	whole.port[0].link = *link;
	whole.opt.xdp_mode = xdp_mode;
	whole.opt.cooldown_s = 0;
	if (rig_run(&whole, &stats, NULL, NULL) != 0 || stats.sent != probes)
		refused(bench, &whole.error);
	rig_fini(&whole);
	return (double)(stats.send_end_ns - stats.start_ns) / (double)stats.sent;
}
