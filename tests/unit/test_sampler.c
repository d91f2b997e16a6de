/* SPDX-License-Identifier: Apache-2.0 */
/* What the controller of --rate auto is told of a scan that runs: its looks add up to what the scan counts. */
#include <criterion/criterion.h>

#include "stages/auto_rate/sampler.h"
#include "tests/unit/pipeline_rig.h"

struct watch {
	struct sampler sampler;
	struct auto_rate_look sum;
	bool begun;
	unsigned int counters; /* looks that name one */
};

static void look(struct pipeline *p, void *arg)
{
	struct watch *w = arg;
	struct auto_rate_look l;

	if (!w->begun) {
		w->begun = true;
		sampler_init(&w->sampler, p);
		/* what it has counted already is of before the first look, and part of the sum here */
		w->sum.sent = w->sampler.before.sent;
		w->sum.replies = w->sampler.before.class[REPLY_SYNACK];
		for (size_t i = 0; i < w->sampler.drops; i++)
			w->sum.lost += w->sampler.drop[i].value;
	}
	sampler_look(&w->sampler, &l);
	w->sum.seconds += l.seconds;
	w->sum.sent += l.sent;
	w->sum.frames += l.frames;
	w->sum.replies += l.replies;
	w->sum.lost += l.lost;
	w->sum.unheard += l.unheard;
	cr_assert_eq(l.counter != NULL, l.lost > 0);
	if (l.counter != NULL) {
		cr_assert_str_eq(l.counter, "pps_allowance_exceeded");
		w->counters++;
	}
}

/* 4096 probes at 40,000/s through 10,000/s: whatever is lost is lost by that counter. */
Test(sampler, looks_add_up)
{
	struct watch w = { .begun = false };
	struct pipeline_stats s;
	struct rig rig;

	cr_assert_eq(rig_init(&rig, &sim_ops, 1, "10.0.0.0/20", "80",
			      "seed=1,open=1,dup=0.5,rtt=1ms,capacity=10k"),
		     0, "%s", rig.error.text);
	rig.opt.rate = 40000;
	cr_assert_eq(rig_run(&rig, &s, look, &w), 0, "%s", rig.error.text);
	cr_expect_eq(s.sent, 4096);
	cr_expect_eq(w.sum.sent, 4096);
	cr_expect_gt(w.sum.lost, 1000);
	cr_expect_eq(w.sum.lost, s.drops);
	cr_expect_eq(w.sum.replies, 4096 - s.drops, "first answers only, and all of them");
	cr_expect_eq(w.sum.unheard, 0);
	cr_expect_gt(w.counters, 0);
	rig_fini(&rig);
}

/* A pause, and a scan that no longer sends, say nothing of the path. */
static void pause_now(struct pipeline *p, void *arg)
{
	struct watch *w = arg;
	struct auto_rate_look l;

	if (!w->begun) {
		w->begun = true;
		sampler_init(&w->sampler, p);
		cr_assert_eq(pipeline_pause(p), 0);
		sampler_look(&w->sampler, &l);
		cr_expect(l.broken, "paused");
		cr_assert_eq(pipeline_resume(p), 0);
		sampler_look(&w->sampler, &l);
		cr_expect(l.broken, "paused until now");
	}
	sampler_look(&w->sampler, &l);
	if (w->sampler.before.state != PIPELINE_SENDING)
		cr_expect(l.broken, "no longer sending");
	w->counters += l.broken;
}

Test(sampler, what_says_nothing)
{
	struct watch w = { .begun = false };
	struct pipeline_stats s;
	struct rig rig;

	cr_assert_eq(rig_init(&rig, &sim_ops, 1, "10.0.0.0/24", "80", "seed=1,open=1"), 0);
	rig.opt.rate = 1000;
	cr_assert_eq(rig_run(&rig, &s, pause_now, &w), 0, "%s", rig.error.text);
	cr_expect_eq(s.sent, 256);
	cr_expect_gt(w.counters, 0);
	rig_fini(&rig);
}
