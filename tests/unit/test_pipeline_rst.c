/* SPDX-License-Identifier: Apache-2.0 */
/* Whole scans that close what SYN-ACKs open: each is answered or counted as not, in every shape, and all of it ends. */
#include <criterion/criterion.h>

#include "tests/unit/pipeline_rig.h"

#define ALL_OPEN "seed=1,open=1,closed=0,unreach=0,dup=0.2,rtt=1ms"

struct shape {
	const char *stages; /* or NULL: planned */
	bool fuse;
};

static const struct shape shapes[] = {
	{ NULL, false }, /* fused where there are few cores */
	{ NULL, true }, /* everywhere */
	{ "gen=1,build=1,tx=1,rx=1", false },
	{ "gen=2,build=3,tx=2,rx=2,classify=1", false },
	{ "gen=1,build=1,tx=4,rx=1", false }, /* an rx queue spreads over two tx queues */
	{ "gen=1,build=1,tx=1,rx=4", false }, /* 4 rx queues share 2 tx queues */
	{ "gen=1,build=1,tx=6,rx=4", false }, /* 3 tx and 2 rx queues a port */
};

static void open_rig(struct rig *rig, const char *targets, const struct shape *shape)
{
	cr_assert_eq(rig_init(rig, &sim_ops, 2, targets, "80", ALL_OPEN), 0, "%s", rig->error.text);
	if (shape->stages != NULL)
		cr_assert_eq(plan_parse(shape->stages, &rig->opt.plan, &rig->error), 0, "%s",
			     rig->error.text);
	rig->opt.plan.fuse = shape->fuse;
	rig->opt.rst = true;
}

Test(pipeline_rst, every_syn_ack_is_answered_or_counted, .timeout = 300)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct pipeline_stats s;
		struct rig rig;

		open_rig(&rig, "10.0.0.0/16", &shapes[i]);
		cr_assert_eq(rig_run(&rig, &s, NULL, NULL), 0, "%s", rig.error.text);
		cr_expect_eq(s.sent, 65536, "shape %zu: an answer is no probe", i);
		cr_expect_eq(s.success, 65536);
		cr_expect_gt(s.valid, 65536, "some came twice");
		cr_expect_gt(s.rst_sent, 0);
		cr_expect_eq(s.rst_sent + s.rst_dropped, s.valid, "shape %zu: %lu + %lu of %lu", i,
			     (unsigned long)s.rst_sent, (unsigned long)s.rst_dropped, (unsigned long)s.valid);
		rig_fini(&rig);
	}
}

/* Probes and answers together keep the pace. */
Test(pipeline_rst, both_together_keep_the_pace, .timeout = 300)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct pipeline_stats s;
		struct rig rig;

		open_rig(&rig, "10.0.0.0/21", &shapes[i]);
		rig.opt.rate = 20000;
		cr_assert_eq(rig_run(&rig, &s, NULL, NULL), 0, "%s", rig.error.text);
		cr_expect_eq(s.sent, 2048);
		cr_expect_gt(s.rst_sent, 0);
		cr_expect_leq(s.sent + s.rst_sent, 21 + (s.now_ns - s.start_ns) / 50000 * 128 / 127);
		rig_fini(&rig);
	}
}

#define FEW \
	128 /* replies that find room in the block at hand, if tx takes none of them for as long as it likes */

static void end_when_answered(struct pipeline *p, void *arg)
{
	struct pipeline_stats s;

	(void)arg;
	pipeline_stats(p, &s);
	if (s.rst_sent + s.rst_dropped == FEW)
		pipeline_skip_cooldown(p);
}

/* Nothing is dropped that there is room for; the end waits for it, so that no clock has a say. */
Test(pipeline_rst, few_are_all_answered, .timeout = 300)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct pipeline_stats s;
		struct rig rig;

		open_rig(&rig, "10.0.0.0/25", &shapes[i]);
		rig.world.dup = 0;
		rig.opt.rate = 5000;
		rig.opt.cooldown_s = 50;
		cr_assert_eq(rig_run(&rig, &s, end_when_answered, NULL), 0, "%s", rig.error.text);
		cr_expect_eq(s.sent, FEW);
		cr_expect_eq(s.valid, FEW);
		cr_expect_eq(s.rst_dropped, 0, "shape %zu: %lu dropped", i, (unsigned long)s.rst_dropped);
		rig_fini(&rig);
	}
}

Test(pipeline_rst, nothing_is_answered_unless_asked)
{
	struct pipeline_stats s;
	struct rig rig;

	open_rig(&rig, "10.0.0.0/20", &shapes[0]);
	rig.opt.rst = false;
	cr_assert_eq(rig_run(&rig, &s, NULL, NULL), 0, "%s", rig.error.text);
	cr_expect_eq(s.valid > 4096, true);
	cr_expect_eq(s.rst_sent + s.rst_dropped, 0);
	rig_fini(&rig);
}

/* An engine that receives nothing has nothing to answer. */
Test(pipeline_rst, no_receiver_no_answer)
{
	struct pipeline_stats s;
	struct rig rig;

	cr_assert_eq(rig_init(&rig, &null_ops, 1, "10.0.0.0/20", "80", ALL_OPEN), 0);
	rig.opt.rst = true;
	cr_assert_eq(rig_run(&rig, &s, NULL, NULL), 0, "%s", rig.error.text);
	cr_expect_eq(s.sent, 4096);
	cr_expect_eq(s.rst_sent, 0);
	rig_fini(&rig);
}

static void stop_after(struct pipeline *p, void *arg)
{
	struct pipeline_stats s;

	pipeline_stats(p, &s);
	if (s.sent > *(uint64_t *)arg)
		pipeline_stop(p);
}

static void hurry_after(struct pipeline *p, void *arg)
{
	struct pipeline_stats s;

	pipeline_stats(p, &s);
	if (s.sent > *(uint64_t *)arg)
		pipeline_skip_cooldown(p);
}

static void abort_after(struct pipeline *p, void *arg)
{
	struct pipeline_stats s;

	pipeline_stats(p, &s);
	if (s.sent > *(uint64_t *)arg)
		pipeline_abort(p);
}

/* A stop, a hurried one, one by results, an abort: tx waits for rx no longer than it must. */
Test(pipeline_rst, every_way_to_end_ends, .timeout = 300)
{
	static void (*const ends[])(struct pipeline *, void *) = { stop_after, hurry_after, abort_after };

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		for (size_t k = 0; k < sizeof(ends) / sizeof(ends[0]); k++) {
			struct pipeline_stats s;
			struct rig rig;
			uint64_t after = 2000;

			open_rig(&rig, "10.0.0.0/8", &shapes[i]);
			rig.opt.rate = 50000;
			cr_assert_eq(rig_run(&rig, &s, ends[k], &after), 0, "%s", rig.error.text);
			cr_expect_gt(s.sent, 2000);
			cr_expect_gt(s.rst_sent, 0);
			if (ends[k] != abort_after)
				cr_expect_eq(s.rst_sent + s.rst_dropped, s.valid);
			rig_fini(&rig);
		}
	}
}

Test(pipeline_rst, max_results_ends_the_scan)
{
	struct pipeline_stats s;
	struct rig rig;

	open_rig(&rig, "10.0.0.0/8", &shapes[0]);
	rig.opt.rate = 50000;
	rig.opt.max_results = 100;
	cr_assert_eq(rig_run(&rig, &s, NULL, NULL), 0, "%s", rig.error.text);
	cr_expect_eq(s.results, 100);
	cr_expect_eq(s.rst_sent + s.rst_dropped, s.valid);
	rig_fini(&rig);
}
