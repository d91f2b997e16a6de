/* SPDX-License-Identifier: Apache-2.0 */
/* history 16 */
/*
 * A whole scan on the sim engine with every stage on threads of its own, with and without control edges from rx back
 * to tx, while the set-up thread swaps the policy and reads all counters: for ThreadSanitizer.
 */
#include "tests/unit/pipeline_rig.h"

#include <err.h>

struct load {
	unsigned int round;
};

static void disturb(struct pipeline *p, void *arg)
{
	struct load *l = arg;
	struct pipeline_stats stats;
	struct stage_stats stage[64];
	struct edge_stats edge[64];

	pipeline_stats(p, &stats);
	pipeline_stage_stats(p, stage, 64);
	pipeline_edge_stats(p, edge, 64);
	pipeline_set_rate(p, l->round++ % 2 == 0 ? 150000 : 300000);
}

static uint64_t scan(const char *stages, bool stop, bool rst)
{
	struct pipeline_stats stats;
	struct load load = { 0 };
	struct rig rig;

	if (rig_init(&rig, &sim_ops, 2, "10.0.0.0/15", "80",
		     "seed=2,open=0.3,closed=0.3,dup=0.1,forged=0.05,rtt=1ms") < 0 ||
	    plan_parse(stages, &rig.opt.plan, &rig.error) < 0)
		errx(1, "%s", rig.error.text);
	rig.opt.rate = stop ? 100000 : 300000;
	rig.opt.max_results = stop ? 1000 : UINT64_MAX;
	rig.opt.rst = rst;
	if (rig_run(&rig, &stats, disturb, &load) < 0)
		errx(1, "%s", rig.error.text);
	if (stats.results != stats.output.written)
		errx(1, "%lu results, %lu written", (unsigned long)stats.results,
		     (unsigned long)stats.output.written);
	if (rst != (stats.rst_sent > 0) || stats.rst_sent + stats.rst_dropped > stats.valid)
		errx(1, "%lu valid replies, %lu RSTs sent, %lu dropped", (unsigned long)stats.valid,
		     (unsigned long)stats.rst_sent, (unsigned long)stats.rst_dropped);
	rig_fini(&rig);
	return stats.sent;
}

int main(void)
{
	static const char *const shapes[] = { "gen=2,build=3,tx=2,rx=2,classify=1", "gen=1,build=1,tx=1,rx=1",
					      "tx=2,rx=1" };

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const bool rst = i % 2 == 0;
		uint64_t sent = scan(shapes[i], false, rst);

		if (sent != 1 << 17)
			errx(1, "%s: sent %lu of %d", shapes[i], (unsigned long)sent, 1 << 17);
		scan(shapes[i], true, rst);
	}
	return 0;
}
