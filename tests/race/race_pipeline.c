/* SPDX-License-Identifier: Apache-2.0 */
/* history 16 */
/*
 * A whole scan on the sim engine with every stage on threads of its own, with and without control edges from rx back
 * to tx, while the set-up thread swaps the policy, excludes targets, pauses and reads all counters: for ThreadSanitizer.
 */
#include "tests/unit/pipeline_rig.h"

#include <err.h>

struct load {
	unsigned int round;
	bool exclude;
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
	if (l->exclude) { /* from the top of the targets down, some of them while it is paused */
		const uint32_t addr = 0x0a01ffffU - 64 * (l->round % 1024);
		struct range range = { addr - 31, addr };

		if (pipeline_exclude(p, &(struct ranges){ .range = &range, .count = 1 }, 1, NULL) < 0 ||
		    (l->round % 8 == 0 ? pipeline_pause(p) : pipeline_resume(p)) < 0)
			errx(1, "out of memory");
		pipeline_policy_taken(p);
	}
}

/* Returns the targets that are done. */
static uint64_t scan(const char *stages, bool stop, bool rst, bool exclude)
{
	struct pipeline_stats stats;
	struct load load = { .exclude = exclude };
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
	if (exclude != (stats.excluded > 0))
		errx(1, "%lu probes excluded", (unsigned long)stats.excluded);
	return stats.sent + stats.excluded;
}

int main(void)
{
	static const char *const shapes[] = { "gen=2,build=3,tx=2,rx=2,classify=1", "gen=1,build=1,tx=1,rx=1",
					      "tx=2,rx=1" };

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const bool rst = i % 2 == 0;
		for (int exclude = 0; exclude < 2; exclude++) {
			uint64_t done = scan(shapes[i], false, rst, exclude);

			if (done != 1 << 17)
				errx(1, "%s: %lu of %d done", shapes[i], (unsigned long)done, 1 << 17);
		}
		scan(shapes[i], true, rst, false);
	}
	return 0;
}
