/* SPDX-License-Identifier: Apache-2.0 */
#include "bench/wires.h"

#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

#include "bench/report.h"
#include "io/engines.h"
#include "tests/unit/pipeline_rig.h"
#include "tools/device/wire.h"

bool wires_begin(const char *bench)
{
	if (wire_namespace())
		return true;
	bench_skip(bench, "network namespaces need root");
	return false;
}

const char *wires_veth(bool drop)
{
	return wire_veth("bench0", "bench1", 1, drop) ? "bench0" : NULL;
}

void wires_each(const char *bench, void (*run)(const char *device, const char *kind))
{
	if (wire_veth("bench0", "bench1", 2, true))
		run("bench0", "veth");
	else
		bench_skip(bench, "this host does not let us make a veth pair and drop its frames in XDP");
	if (wire_ifb("bench2", 2))
		run("bench2", "ifb");
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

	if (wire_link(device, link, &e) < 0)
		refused(bench, &e);
}

double wires_scan(const char *bench, const struct io_ops *ops, const struct io_link *link,
		  const char *xdp_mode, unsigned int cores, const char *net, uint64_t probes)
{
	struct pipeline_stats stats;
	cpu_set_t before;
	struct rig whole;

	if (rig_init(&whole, &null_ops, 1, net, "443", "seed=1") != 0)
		abort();
	whole.port[0].ops = ops;
	whole.port[0].link = *link;
	whole.opt.xdp_mode = xdp_mode;
	whole.opt.cooldown_s = 0;
	sched_getaffinity(0, sizeof(before), &before);
	if (cores > 1) {
		whole.opt.plan.fuse = true;
		whole.opt.plan.count[PLAN_TX] = cores;
		bench_unpin();
	}
	if (rig_run(&whole, &stats, NULL, NULL) != 0 || stats.sent != probes)
		refused(bench, &whole.error);
	rig_fini(&whole);
	sched_setaffinity(0, sizeof(before), &before);
	return (double)(stats.send_end_ns - stats.start_ns) / (double)stats.sent;
}
