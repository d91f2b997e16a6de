/* SPDX-License-Identifier: Apache-2.0 */
/* Whole scans that are paused and told of exclusions while they run; the world keeps account of whom it was asked. */
#include <criterion/criterion.h>
#include <errno.h>

#include "io/sim/seen.h"
#include "tests/unit/pipeline_rig.h"

#define TARGETS "10.0.0.0/17"
#define FIRST 0x0a000000U
#define SIZE (1U << 17 >> 2) /* 2^15 addresses */
#define NO_FIRST 0x0a004000U /* 10.0.64.0/19: a quarter */
#define NO_LAST 0x0a005fffU
#define NO_SIZE (NO_LAST - NO_FIRST + 1)

struct play {
	char path[32];
	struct seen *seen;
	uint64_t begin_ns;
	bool asked, taken, paused, resumed;
	uint64_t early; /* of the excluded that were asked when the exclusion was in effect */
	uint64_t sent; /* at the pause */
	size_t listed;
};

static uint64_t asked_of(struct seen *seen, uint32_t first, uint32_t last)
{
	uint64_t n = 0;

	for (uint32_t a = first; a <= last; a++)
		n += seen_test(seen, a, 80);
	return n;
}

static void exclude(struct pipeline *p, void *arg)
{
	struct play *play = arg;
	struct range range[] = { { NO_FIRST, NO_FIRST + 0xfff }, { NO_FIRST + 0x1000, NO_LAST } };
	struct pipeline_stats s;

	pipeline_stats(p, &s);
	if (!play->asked && s.sent > 4000) {
		play->asked = true;
		cr_assert_eq(pipeline_exclude(p, &(struct ranges){ .range = range, .count = 1 }, 17, NULL),
			     0);
		cr_assert_eq(
			pipeline_exclude(p, &(struct ranges){ .range = range + 1, .count = 1 }, 18, NULL), 0);
		cr_assert_eq(pipeline_exclude(p, &(struct ranges){ .range = range, .count = 1 }, 19, NULL),
			     0);
	}
	if (play->asked && !play->taken && pipeline_policy_taken(p)) {
		play->taken = true;
		play->early = asked_of(play->seen, NO_FIRST, NO_LAST);
		cr_assert_eq(pipeline_exclusions(p, &play->listed)[1].since_ns, 18);
	}
}

static void play_start(struct play *play, struct rig *rig, const char *stages, double rate)
{
	int fd;

	*play = (struct play){ .path = "/tmp/anyscan-live.XXXXXX" };
	fd = mkstemp(play->path);
	close(fd);
	unlink(play->path);
	cr_assert_eq(rig_init(rig, &sim_ops, 1, TARGETS, "80", "seed=2,open=0.1,closed=0.3,rtt=1ms"), 0, "%s",
		     rig->error.text);
	cr_assert_eq(plan_parse(stages, &rig->opt.plan, &rig->error), 0);
	cr_assert_eq(seen_open(play->path, &play->seen, &rig->error), 0, "%s", rig->error.text);
	rig->opt.world_seen = play->path;
	rig->opt.rate = rate;
}

static void play_end(struct play *play, struct rig *rig)
{
	seen_close(play->seen);
	unlink(play->path);
	rig_fini(rig);
}

static void leaves_out(const char *stages, double rate)
{
	struct pipeline_stats s;
	struct play play;
	struct rig rig;

	play_start(&play, &rig, stages, rate);
	cr_assert_eq(rig_run(&rig, &s, exclude, &play), 0, "%s", rig.error.text);
	cr_assert(play.taken);
	cr_expect_eq(play.listed, 2, "the third said nothing new");
	cr_expect_lt(play.early, NO_SIZE);
	cr_expect_eq(asked_of(play.seen, NO_FIRST, NO_LAST), play.early, "none after it was in effect");
	cr_expect_eq(s.excluded, NO_SIZE - play.early);
	cr_expect_eq(s.sent + s.excluded, SIZE);
	cr_expect_eq(asked_of(play.seen, FIRST, FIRST + SIZE - 1), s.sent, "all others");
	play_end(&play, &rig);
}

Test(pipeline_live, excluded_targets_are_not_asked_pipelined)
{
	leaves_out("gen=1,build=1,tx=1,rx=1", 40000);
}

Test(pipeline_live, excluded_targets_are_not_asked_by_many_threads)
{
	leaves_out("gen=2,build=3,tx=2,rx=2", 40000);
}

static void pause_and_resume(struct pipeline *p, void *arg)
{
	struct play *play = arg;
	struct pipeline_stats s;

	pipeline_stats(p, &s);
	if (!play->asked && s.sent > 4000) {
		play->asked = true;
		cr_assert_eq(pipeline_pause(p), 0);
		play->begin_ns = clock_mono_ns();
	} else if (play->asked && !play->taken && pipeline_policy_taken(p)) {
		play->taken = true;
		pipeline_stats(p, &s);
		play->sent = s.sent;
		cr_expect(s.paused);
		cr_expect_str_eq(s.limit, "pause");
	} else if (play->taken && !play->resumed && clock_mono_ns() > play->begin_ns + 300000000) {
		cr_expect_eq(s.sent, play->sent, "nothing leaves in a pause");
		cr_expect_geq(s.paused_ns, 300000000);
		play->resumed = true;
		cr_assert_eq(pipeline_resume(p), 0);
	}
}

Test(pipeline_live, a_pause_sends_nothing_and_ends_complete)
{
	struct pipeline_stats s;
	struct play play;
	struct rig rig;

	play_start(&play, &rig, "gen=1,build=1,tx=1,rx=1", 40000);
	cr_assert_eq(rig_run(&rig, &s, pause_and_resume, &play), 0, "%s", rig.error.text);
	cr_assert(play.resumed);
	cr_expect_eq(s.sent, SIZE);
	cr_expect_geq(s.paused_ns, 300000000);
	cr_expect_eq(pipeline_sending_ns(&s), s.send_end_ns - s.start_ns - s.paused_ns);
	/* at the rate for all of the time that it was allowed to send, as 2^15 at 40,000 a second take 0.82 s */
	cr_expect_geq(pipeline_sending_ns(&s), 800000000);
	play_end(&play, &rig);
}

static void pause_and_stop(struct pipeline *p, void *arg)
{
	struct play *play = arg;
	struct pipeline_stats s;

	pipeline_stats(p, &s);
	if (!play->asked && s.sent > 4000) {
		play->asked = true;
		cr_assert_eq(pipeline_pause(p), 0);
	} else if (play->asked && !play->taken && pipeline_policy_taken(p)) {
		play->taken = true;
		pipeline_stats(p, &s);
		play->sent = s.sent;
		pipeline_stop(p);
	}
}

Test(pipeline_live, a_stop_in_a_pause_sends_nothing_more)
{
	struct pipeline_stats s;
	struct play play;
	struct rig rig;

	play_start(&play, &rig, "gen=1,build=1,tx=1,rx=1", 40000);
	cr_assert_eq(rig_run(&rig, &s, pause_and_stop, &play), 0, "%s", rig.error.text);
	cr_assert(play.taken);
	cr_expect_eq(s.sent, play.sent);
	cr_expect_eq(asked_of(play.seen, FIRST, FIRST + SIZE - 1), s.sent);
	play_end(&play, &rig);
}

Test(pipeline_live, there_is_a_most_of_exclusions)
{
	struct range range[EXCLUSIONS_MAX + 1];
	struct pipeline *p;
	struct error e;
	struct rig rig;
	size_t n;

	for (uint32_t i = 0; i <= EXCLUSIONS_MAX; i++)
		range[i] = (struct range){ 2 * i, 2 * i };
	cr_assert_eq(rig_init(&rig, &sim_ops, 1, TARGETS, "80", "seed=2"), 0);
	cr_assert_eq(pipeline_open(&rig.opt, &p, &e), 0);
	cr_expect_eq(pipeline_exclude(p, &(struct ranges){ range, EXCLUSIONS_MAX + 1, 0 }, 1, &e), -ENOSPC);
	pipeline_exclusions(p, &n);
	cr_expect_eq(n, 0);
	cr_expect_eq(pipeline_exclude(p, &(struct ranges){ range, EXCLUSIONS_MAX, 0 }, 1, &e), 0, "%s",
		     e.text);
	cr_expect_eq(pipeline_exclude(p, &(struct ranges){ range + EXCLUSIONS_MAX, 1, 0 }, 1, &e), -ENOSPC);
	cr_expect_eq(pipeline_exclude(p, &(struct ranges){ range + 7, 3, 0 }, 1, &e), 0, "held already");
	pipeline_exclusions(p, &n);
	cr_expect_eq(n, EXCLUSIONS_MAX);
	pipeline_destroy(p);
	rig_fini(&rig);
}
