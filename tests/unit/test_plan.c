/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "stages/plan.h"

/* 32 cores on one node. */
static const struct plan_cpu *cpus(void)
{
	static struct plan_cpu cpu[32];

	for (int i = 0; i < 32; i++)
		cpu[i] = (struct plan_cpu){ i, i, 0 };
	return cpu;
}

static struct plan make(const char *stages, bool fuse, unsigned int ncpus, unsigned int ports)
{
	struct plan_request r = { .fuse = fuse };
	struct plan_host h = { .cpus = ncpus, .cpu = cpus(), .ports = ports, .receives = true };
	struct plan p;
	struct error e;

	if (stages != NULL)
		cr_assert_eq(plan_parse(stages, &r, &e), 0, "%s", e.text);
	cr_assert_eq(plan_make(&r, &h, &p, &e), 0, "%s", e.text);
	return p;
}

/* Every stage of the counts is on exactly one thread; no two busy threads share a CPU unless the plan is crowded. */
static void check(const struct plan *p)
{
	unsigned int placed[PLAN_STAGES][64] = { 0 };
	unsigned int on_cpu[128] = { 0 };

	for (unsigned int t = 0; t < p->threads; t++) {
		for (unsigned int s = 0; s < p->thread[t].steps; s++)
			placed[p->thread[t].step[s].stage][p->thread[t].step[s].index]++;
		if (p->thread[t].cpu >= 0)
			cr_assert_eq(on_cpu[p->thread[t].cpu]++, 0, "two pollers on CPU %d",
				     p->thread[t].cpu);
	}
	for (int s = 0; s < PLAN_STAGES; s++) {
		for (unsigned int i = 0; i < 64; i++)
			cr_assert_eq(placed[s][i], i < p->count[s], "%s%u is on %u threads",
				     plan_stage_names[s], i, placed[s][i]);
	}
}

/* On one CPU and one queue each way nobody takes turns; but what was not fused by request stays two threads. */
Test(plan, one_cpu_fuses_both_ways)
{
	struct plan p = make(NULL, true, 1, 1);
	char text[256];

	check(&p);
	plan_format(&p, text, sizeof(text));
	cr_expect_not_null(strstr(text, ": gen0 build0 tx0 rx0 classify0\n"), "%s", text);
	plan_free(&p);
	p = make(NULL, false, 1, 1);
	plan_format(&p, text, sizeof(text));
	cr_expect_not_null(strstr(text, ": rx0 classify0\n"), "%s", text);
	plan_free(&p);
	p = make("tx=2", true, 1, 1);
	plan_format(&p, text, sizeof(text));
	cr_expect_not_null(strstr(text, ": rx0 classify0\n"), "%s", text);
	plan_free(&p);
}

Test(plan, two_cores_fuse_sending)
{
	struct plan p = make(NULL, false, 2, 1);
	char text[256];

	check(&p);
	plan_format(&p, text, sizeof(text));
	cr_assert_str_eq(text,
			 "cpu 0: gen0 build0 tx0\ncpu 1: rx0 classify0\nany cpu: sink0\n"
			 "queues per interface: tx 1, rx 1\n",
			 "%s", text);
	plan_free(&p);
}

/* Measured on the null engine: two fused threads send 1.9 to 2.0 times what one does, or gen and tx apart. */
Test(plan, every_core_sends_where_nothing_comes_back)
{
	struct plan_request r = { .fuse = false };
	struct plan_host h = { .cpu = cpus(), .ports = 1 };
	struct plan p;
	struct error e;

	for (h.cpus = 1; h.cpus <= 8; h.cpus++) {
		cr_assert_eq(plan_make(&r, &h, &p, &e), 0, "%s", e.text);
		check(&p);
		cr_expect_eq(p.count[PLAN_TX], h.cpus);
		cr_expect_eq(p.threads, h.cpus);
		plan_free(&p);
	}
	h.queues_max = 1;
	cr_assert_eq(plan_make(&r, &h, &p, &e), 0, "%s", e.text);
	cr_expect_eq(p.threads, 1);
	plan_free(&p);
}

Test(plan, every_shape_places_each_stage_once)
{
	static const char *const shapes[] = { NULL,
					      "gen=1",
					      "tx=4",
					      "gen=4,tx=8,rx=4",
					      "gen=1,build=5,tx=2",
					      "gen=3,build=2,tx=7,rx=3,classify=1",
					      "rx=2",
					      "build=4" };

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		for (unsigned int n = 1; n <= 32; n *= 2) {
			for (unsigned int ports = 1; ports <= 4; ports++) {
				struct plan p = make(shapes[i], false, n, ports);

				check(&p);
				cr_assert_geq(p.tx_queues_per_port * ports, p.count[PLAN_TX]);
				plan_free(&p);
			}
		}
	}
}

Test(plan, the_readme_line)
{
	struct plan p = make("gen=4,tx=8,rx=4", false, 32, 1);

	cr_assert_eq(p.count[PLAN_GEN], 4);
	cr_assert_eq(p.count[PLAN_BUILD], 4, "a build nobody asked for goes with its gen");
	cr_assert_eq(p.count[PLAN_TX], 8);
	cr_assert_eq(p.tx_queues_per_port, 8);
	cr_assert_eq(p.threads, 4 + 8 + 4 + 1 + 1);
	cr_assert_not(p.crowded);
	plan_free(&p);
}

Test(plan, queues_that_are_not_there)
{
	struct plan_request r = { .count = { [PLAN_TX] = 4 } };
	struct plan_host h = { .cpus = 8, .cpu = cpus(), .ports = 1, .queues_max = 2 };
	struct plan p;
	struct error e;

	cr_assert_lt(plan_make(&r, &h, &p, &e), 0);
	cr_assert_not_null(strstr(e.text, "tx=4"));
	cr_assert_not_null(strstr(e.text, "use tx=2 or less"), "%s", e.text);
	plan_free(&p);
}

Test(plan, tx_threads_sit_where_their_queues_are_fed)
{
	struct plan_request r = { .count = { [PLAN_GEN] = 1, [PLAN_TX] = 4 } };
	cpu_set_t fed[3]; /* and of the last queue nothing is known */
	struct plan_host h = {
		.cpus = 8, .cpu = cpus(), .ports = 1, .receives = true, .fed = fed, .feds = 3
	};
	struct plan p;
	struct error e;

	memset(fed, 0, sizeof(fed));
	CPU_SET(6, &fed[0]);
	CPU_SET(0, &fed[1]); /* would be spared otherwise */
	CPU_SET(31, &fed[2]); /* not ours */
	cr_assert_eq(plan_make(&r, &h, &p, &e), 0);
	check(&p);
	cr_expect_eq(p.thread[0].cpu, 6);
	cr_expect_eq(p.thread[1].cpu, 0);
	cr_expect_eq(p.housekeeping.cpu, 1);
	cr_expect_eq(p.thread[2].cpu, 2);
	cr_expect_eq(p.thread[3].cpu, 3);
	plan_free(&p);
}

Test(plan, more_queues_than_threads)
{
	struct plan_request r = { .count = { [PLAN_TX] = 3 }, .tx_queues = 8 };
	struct plan_host h = { .cpus = 8, .cpu = cpus(), .ports = 2, .receives = true, .queues_max = 8 };
	struct plan p;
	struct error e;

	cr_assert_eq(plan_make(&r, &h, &p, &e), 0, "%s", e.text);
	cr_expect_eq(p.count[PLAN_TX], 3);
	cr_expect_eq(p.tx_queues_per_port, 8);
	plan_free(&p);

	r.tx_queues = 1;
	cr_assert_eq(plan_make(&r, &h, &p, &e), -EINVAL);
	cr_expect_str_eq(e.text,
			 "--interface asks for 2 queues and --stages for tx=3; a queue has one thread at "
			 "most: use tx=2 or less");
	r.tx_queues = 9;
	cr_assert_eq(plan_make(&r, &h, &p, &e), -EINVAL);
	cr_expect_str_eq(e.text, "--interface asks for queues 0-8 of each, and there are 8; use 0-7 or less");
}

Test(plan, what_nobody_asked_for_fits_the_queues)
{
	struct plan_request r = { .fuse = false };
	struct plan_host h = { .cpus = 32, .cpu = cpus(), .ports = 2, .receives = true, .queues_max = 1 };
	struct plan p;
	struct error e;

	cr_assert_eq(plan_make(&r, &h, &p, &e), 0, "%s", e.text);
	cr_expect_eq(p.count[PLAN_TX], 2);
	cr_expect_eq(p.tx_queues_per_port, 1);
	plan_free(&p);
}

Test(plan, fused_counts_must_agree)
{
	static const char *const bad[] = { "gen=2,tx=4", "build=2,tx=1", "gen=1,build=2" };
	struct plan p = make("tx=4", true, 8, 1);
	struct error e;

	check(&p);
	cr_expect_eq(p.threads, 4 + 1 + 1);
	plan_free(&p);
	p = make("gen=3", true, 8, 1);
	cr_expect_eq(p.count[PLAN_TX], 3, "the one count that is given is that of all three");
	cr_expect_eq(p.count[PLAN_BUILD], 3);
	plan_free(&p);
	p = make("gen=2,build=2,tx=2,rx=3", true, 8, 1);
	cr_expect_eq(p.threads, 2 + 3 + 1 + 1);
	plan_free(&p);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct plan_request r = { .fuse = true };
		struct plan_host h = { .cpus = 8, .cpu = cpus(), .ports = 1, .receives = true };

		cr_assert_eq(plan_parse(bad[i], &r, &e), 0);
		cr_expect_eq(plan_check(&r, &e), -EINVAL, "%s", bad[i]);
		cr_expect_eq(plan_make(&r, &h, &p, &e), -EINVAL, "%s", bad[i]);
		cr_expect_not_null(strstr(e.text, "--fuse"), "%s", e.text);
		cr_expect_null(p.thread);
		r.fuse = false;
		cr_expect_eq(plan_check(&r, &e), 0);
	}
}

Test(plan, parse_refuses)
{
	static const char *const bad[] = { "",		 "gen",	    "gen=",   "gen=0",
					   "gen=x",	 "gen=1.5", "gen=-1", "gen=99999",
					   "foo=1",	 "gen=1,",  ",gen=1", "gen=1;tx=2",
					   "classify=2", "sink=2",  "gen =1", "GEN=1" };
	struct plan_request r = { 0 };
	struct error e;

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		e.text[0] = '\0';
		cr_assert_lt(plan_parse(bad[i], &r, &e), 0, "\"%s\" was taken", bad[i]);
		cr_assert_eq(strncmp(e.text, "--stages: ", 10), 0, "%s", e.text);
	}
}

/* af_xdp: the NIC chooses the queue of a reply, so all are opened; threads share them. */
Test(plan, every_rx_queue_is_served)
{
	struct plan_request r = { .count = { [PLAN_RX] = 2 } };
	struct plan_host h = { .cpus = 8, .cpu = cpus(), .ports = 2, .receives = true, .rx_queues_all = 4 };
	struct plan p;
	struct error e = { .code = 0 };

	cr_assert_eq(plan_make(&r, &h, &p, &e), 0, "%s", e.text);
	cr_assert_eq(p.count[PLAN_RX], 2);
	cr_assert_eq(p.rx_queues_per_port, 4);
	plan_free(&p);
	r.count[PLAN_RX] = 8;
	cr_assert_eq(plan_make(&r, &h, &p, &e), 0, "%s", e.text);
	cr_assert_eq(p.rx_queues_per_port, 4);
	plan_free(&p);
	r.count[PLAN_RX] = 9;
	cr_assert_eq(plan_make(&r, &h, &p, &e), -EINVAL);
	cr_assert_str_eq(e.text, "--stages: rx=9, and there are 8 rx queues to serve; use rx=8 or less");
}
