/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What exclusions cost that are added while a scan runs: whole scans into the null engine, fused on one core, ns per
 * probe, none of which is excluded. Roof: the same without any.
 */
#include <stdio.h>

#include "bench/report.h"
#include "tests/unit/pipeline_rig.h"

#define TARGETS "16.0.0.0/9"

struct exclusions_case {
	struct range range[EXCLUSIONS_MAX];
	size_t count;
	int cpu;
};

static double scan(const struct exclusions_case *c, size_t count)
{
	struct pipeline *p;
	struct pipeline_stats s;
	uint64_t next;
	struct rig rig;

	bench_pin(c->cpu);
	if (rig_init(&rig, &null_ops, 1, TARGETS, "443", "seed=1") != 0)
		abort();
	rig.opt.plan.fuse = true;
	if (pipeline_open(&rig.opt, &p, &rig.error) < 0)
		abort();
	if (count > 0 &&
	    pipeline_exclude(p, &(struct ranges){ .range = (struct range *)c->range, .count = count }, 1,
			     &rig.error) < 0)
		abort();
	if (pipeline_run(p, &rig.error) < 0)
		abort();
	while (pipeline_advance(p, &next) != PIPELINE_DONE) {
		struct pollfd fd = { .fd = pipeline_fd(p), .events = POLLIN };

		poll(&fd, 1, -1);
	}
	pipeline_stats(p, &s);
	if (s.excluded != 0)
		abort();
	pipeline_destroy(p);
	rig_fini(&rig);
	return (double)(s.send_end_ns - s.start_ns) / (double)s.sent;
}

static double measured(void *arg)
{
	const struct exclusions_case *c = arg;

	return scan(c, c->count);
}

static double bare(void *arg)
{
	return scan(arg, 0);
}

int main(void)
{
	static const struct {
		size_t count;
		const char *name;
	} cases[] = { { 0, "none" }, { 1, "1" }, { 1000, "1000" } };
	static struct exclusions_case c;

	bench_cpus(&c.cpu, 1);
	for (uint32_t i = 0; i < EXCLUSIONS_MAX;
	     i++) /* around the targets, which lie at 16.0.0.0 to 16.127.255.255 */
		c.range[i] = (struct range){ (i < 500 ? 0x0f000000U : 0x10800000U) + 16 * i,
					     (i < 500 ? 0x0f000000U : 0x10800000U) + 16 * i + 7 };
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		c.count = cases[i].count;
		bench_pair((struct bench_result){ .bench = "exclude",
						  .case_name = cases[i].name,
						  .cores = 1,
						  .roof = "the same without" },
			   measured, bare, &c);
	}
	return 0;
}
