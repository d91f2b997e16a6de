/* SPDX-License-Identifier: Apache-2.0 */
/* Whole scans in one process: each target once, found = truth, in every shape of the plan. */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/resource.h>

#include "tests/unit/pipeline_rig.h"

static void shape(struct rig *rig, const char *stages)
{
	if (stages != NULL)
		cr_assert_eq(plan_parse(stages, &rig->opt.plan, &rig->error), 0, "%s", rig->error.text);
}

static const char *const shapes[] = {
	NULL,	       "gen=1", "gen=1,build=1,tx=1", "gen=2,build=3,tx=2,rx=2", "gen=3,build=1,tx=4,rx=1",
	"build=4,tx=1"
};

Test(pipeline, null_engine_takes_every_target_once)
{
	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct pipeline_stats s;
		struct rig rig;

		cr_assert_eq(rig_init(&rig, &null_ops, 2, "10.0.0.0/14", "80,81,82", "seed=1"), 0, "%s",
			     rig.error.text);
		shape(&rig, shapes[i]);
		cr_assert_eq(rig_run(&rig, &s, NULL, NULL), 0, "%s", rig.error.text);
		cr_assert_eq(s.sent, 3 << 18, "%s: sent %lu", shapes[i], (unsigned long)s.sent);
		cr_assert_eq(s.progress, s.progress_total);
		rig_fini(&rig);
	}
}

/* What the file holds, against the world function, target by target. */
static void compare_with_truth(struct rig *rig, uint32_t base, uint32_t addresses, const uint16_t *ports,
			       unsigned int nports)
{
	static const char *const names[WORLD_FATES] = {
		[WORLD_OPEN] = "synack", [WORLD_CLOSED] = "rst", [WORLD_UNREACH] = "icmp"
	};
	uint8_t *found = calloc(addresses, nports);
	char line[128], class[32];
	unsigned int quad[4], addr, port;

	rewind(rig->output);
	while (fgets(line, sizeof(line), rig->output) != NULL) {
		unsigned int slot = 0;

		cr_assert_eq(sscanf(line, "%u.%u.%u.%u,%u,%31[a-z]", &quad[0], &quad[1], &quad[2], &quad[3],
				    &port, class),
			     6, "line \"%s\"", line);
		addr = quad[0] << 24 | quad[1] << 16 | quad[2] << 8 | quad[3];
		while (slot < nports && ports[slot] != port)
			slot++;
		cr_assert_lt(slot, nports, "port %u was never asked", port);
		cr_assert(addr >= base && addr < base + addresses);
		cr_assert_str_eq(class, names[world_fate(&rig->world, addr, (uint16_t)port)], "%u:%u", addr,
				 port);
		cr_assert_eq(found[(addr - base) * nports + slot]++, 0, "%u:%u twice", addr, port);
	}
	for (uint32_t a = 0; a < addresses; a++) {
		for (unsigned int k = 0; k < nports; k++) {
			bool answers = names[world_fate(&rig->world, base + a, ports[k])] != NULL;

			cr_assert_eq(found[(size_t)a * nports + k], answers, "%u:%u", base + a, ports[k]);
		}
	}
	free(found);
}

Test(pipeline, sim_found_is_truth_in_every_shape)
{
	static const uint16_t ports[] = { 80, 443 };

	for (size_t i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		struct pipeline_stats s;
		struct rig rig;

		cr_assert_eq(rig_init(&rig, &sim_ops, 2, "10.0.0.0/16", "80,443",
				      "seed=3,open=0.1,closed=0.3,unreach=0.05,forged=0.1,dup=0.2,rtt=1ms"),
			     0, "%s", rig.error.text);
		shape(&rig, shapes[i]);
		cr_assert_eq(rig_run(&rig, &s, NULL, NULL), 0, "%s", rig.error.text);
		cr_assert_eq(s.sent, 2 << 16);
		cr_assert_gt(s.duplicates, 0);
		cr_assert_gt(s.rejects[REJECT_COOKIE], 0);
		cr_assert_eq(s.results_lost, 0);
		cr_assert(s.dedup_exact);
		compare_with_truth(&rig, 0x0a000000, 65536, ports, 2);
		rig_fini(&rig);
	}
}

/* history 5 */
Test(pipeline, shards_and_probes_per_target)
{
	uint64_t sent = 0;

	for (uint32_t shard = 0; shard < 5; shard++) {
		struct pipeline_stats s;
		struct rig rig;

		cr_assert_eq(rig_init(&rig, &null_ops, 1, "10.0.0.0/18", "80", "seed=1"), 0);
		rig.opt.shard = shard;
		rig.opt.shards = 5;
		rig.opt.probes = 3;
		shape(&rig, shard % 2 != 0 ? "gen=2" : NULL);
		cr_assert_eq(rig_run(&rig, &s, NULL, NULL), 0, "%s", rig.error.text);
		sent += s.sent;
		rig_fini(&rig);
	}
	cr_assert_eq(sent, 3 << 14);
}

Test(pipeline, max_targets_is_exact)
{
	for (unsigned int gens = 1; gens <= 4; gens++) {
		struct pipeline_stats s;
		struct rig rig;

		cr_assert_eq(rig_init(&rig, &null_ops, 1, "10.0.0.0/8", "80", "seed=1"), 0);
		rig.opt.max_targets = 12345;
		rig.opt.plan.count[PLAN_GEN] = gens;
		cr_assert_eq(rig_run(&rig, &s, NULL, NULL), 0, "%s", rig.error.text);
		cr_assert_eq(s.sent, 12345, "%u gens sent %lu", gens, (unsigned long)s.sent);
		rig_fini(&rig);
	}
}

Test(pipeline, max_results_ends_the_scan)
{
	struct pipeline_stats s;
	struct rig rig;

	cr_assert_eq(rig_init(&rig, &sim_ops, 1, "10.0.0.0/8", "80", "seed=1,open=0.5,rtt=1ms"), 0);
	rig.opt.rate = 50000;
	rig.opt.max_results = 100;
	cr_assert_eq(rig_run(&rig, &s, NULL, NULL), 0, "%s", rig.error.text);
	cr_assert_eq(s.results, 100);
	cr_assert_eq(s.output.written, 100);
	cr_assert_lt(s.sent, 1000000);
	rig_fini(&rig);
}

static void stop_after(struct pipeline *p, void *arg)
{
	struct pipeline_stats s;

	pipeline_stats(p, &s);
	if (s.sent > *(uint64_t *)arg)
		pipeline_stop(p);
}

/* A stop keeps what was found: everything sent has its cooldown, and is in the file. */
Test(pipeline, stop_drains_and_keeps_everything)
{
	struct pipeline_stats s;
	struct rig rig;
	uint64_t after = 20000, lines = 0;
	int c;

	cr_assert_eq(rig_init(&rig, &sim_ops, 1, "10.0.0.0/8", "80",
			      "seed=1,open=1,closed=0,unreach=0,dup=0,rtt=20ms"),
		     0);
	rig.opt.rate = 200000;
	cr_assert_eq(rig_run(&rig, &s, stop_after, &after), 0, "%s", rig.error.text);
	cr_assert_gt(s.sent, after);
	cr_assert_lt(s.sent, domain_size(rig.domain), "it has stopped");
	cr_assert_eq(s.valid, s.sent, "every target answers once");
	rewind(rig.output);
	while ((c = fgetc(rig.output)) != EOF)
		lines += c == '\n';
	cr_assert_eq(lines, s.sent);
	rig_fini(&rig);
}

static void faster(struct pipeline *p, void *arg)
{
	double *rate = arg;

	if (*rate < 4e6)
		pipeline_set_rate(p, *rate *= 2);
}

/* The policy is swapped under the readers' feet; nothing is lost and the last rate holds. */
Test(pipeline, rate_changes_while_running)
{
	struct pipeline_stats s;
	struct rig rig;
	double rate = 1000;

	cr_assert_eq(rig_init(&rig, &sim_ops, 1, "10.0.0.0/14", "80", "seed=1,rtt=1ms"), 0);
	rig.opt.rate = rate;
	shape(&rig, "gen=1,build=1,tx=2,rx=1");
	cr_assert_eq(rig_run(&rig, &s, faster, &rate), 0, "%s", rig.error.text);
	cr_assert_eq(s.sent, 1 << 18);
	rig_fini(&rig);
}

struct hung_reader {
	int fd; /* of the pipe that the sink fills */
	unsigned int calls;
	uint64_t slowest_ns;
};

static void turn_the_rate(struct pipeline *p, void *arg)
{
	struct hung_reader *r = arg;
	uint64_t begin = clock_mono_ns(), took;

	if (++r->calls < 300) /* the pipe is full by then */
		return;
	pipeline_set_rate(p, 1e6 + r->calls);
	took = clock_mono_ns() - begin;
	if (took > r->slowest_ns)
		r->slowest_ns = took;
	if (r->calls == 310) {
		close(r->fd); /* EPIPE ends the sink's wait */
		pipeline_skip_cooldown(p);
	}
}

/* The sink hangs in write(); who changes the policy is who takes the signals, and must not hang with it. */
/* history 13 */
Test(pipeline, a_reader_that_hangs_does_not_hang_the_set_up_thread, .timeout = 30)
{
	struct hung_reader r = { 0 };
	struct pipeline_stats s;
	struct rig rig;
	int fd[2];

	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(fd), 0);
	cr_assert_eq(rig_init(&rig, &sim_ops, 1, "10.0.0.0/14", "80", "seed=1,open=0.6"), 0, "%s",
		     rig.error.text);
	rig.opt.rate = 1e6;
	rig.opt.cooldown_s = 20;
	rig.opt.output.fd = fd[1];
	r.fd = fd[0];
	cr_assert_eq(rig_run(&rig, &s, turn_the_rate, &r), 0, "%s", rig.error.text);
	cr_assert_lt(r.slowest_ns, 200000000, "a change of the rate took %lu ms",
		     (unsigned long)(r.slowest_ns / 1000000));
	rig_fini(&rig);
	close(fd[1]);
}

/* A thread whose eventfd cannot be made: those never made must not be closed, 0 least of all. */
Test(pipeline, a_start_that_fails_closes_only_what_it_opened)
{
	struct pipeline_stats s;
	struct rlimit few;
	struct rig rig;

	cr_assert_eq(rig_init(&rig, &sim_ops, 1, "10.0.0.0/24", "80", "seed=1"), 0, "%s", rig.error.text);
	shape(&rig, "rx=4");
	cr_assert_geq(dup2(fileno(rig.output), STDIN_FILENO), 0);
	getrlimit(RLIMIT_NOFILE, &few);
	few.rlim_cur = (rlim_t)dup(STDIN_FILENO) + 2; /* one for the pipeline's own, one for the first rx */
	setrlimit(RLIMIT_NOFILE, &few);
	cr_assert_eq(rig_run(&rig, &s, NULL, NULL), -EMFILE);
	cr_assert_geq(fcntl(STDIN_FILENO, F_GETFD), 0, "standard input was closed");
	rig_fini(&rig);
}
