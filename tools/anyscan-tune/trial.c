/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-tune/trial.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "anyscan/clock.h"
#include "anyscan/policy.h"
#include "io/sim/world_spec.h"
#include "stages/gen/targets.h"
#include "tools/anyscan-tune/turn.h"
#include "tools/machine/profile.h"

#define STAGES_MAX 1024
#define OPEN_TRIES 20
#define OPEN_RETRY_MS 50
#define END_MS 3000 /* in which what is in flight must have left */

struct scan {
	struct domain *domain;
	struct filter *filter;
	const struct field *field[1];
	struct pipeline_port port[PIPELINE_PORTS_MAX];
	struct pipeline_options options;
	int output;
};

int trial_wire_inside(struct trial_wire *w, const struct io_ops *ops, const char *world, struct error *e)
{
	char seen[8];
	int r = world_parse(world, &w->world, seen, sizeof(seen), e);

	if (r < 0)
		return r;
	w->ops = ops;
	w->ports = 1;
	w->targets = "16.0.0.0/5";
	snprintf(w->name, sizeof(w->name), "%s", ops->name);
	return ops->find_link("tune0", &w->link[0], e);
}

void layout_text(const struct layout *l, char *text, size_t size)
{
	snprintf(text, size, "%s%s%s", l->fuse ? "--fuse " : "", l->stages[0] != '\0' ? "--stages " : "",
		 l->stages);
}

int layout_request(const struct layout *l, struct plan_request *r, struct error *e)
{
	*r = (struct plan_request){ .fuse = l->fuse };
	return l->stages[0] != '\0' ? plan_parse(l->stages, r, e) : 0;
}

static cpu_set_t all_cpus(void)
{
	static cpu_set_t all; /* asked once, before any layout had fewer */
	static bool known;

	if (!known) {
		CPU_ZERO(&all);
		sched_getaffinity(0, sizeof(all), &all);
		known = true;
	}
	return all;
}

unsigned int trial_cpus_all(void)
{
	const cpu_set_t all = all_cpus();

	return (unsigned int)CPU_COUNT(&all);
}

void trial_cpus(unsigned int cpus)
{
	cpu_set_t all = all_cpus(), set;
	unsigned int taken = 0;

	CPU_ZERO(&set);
	for (int i = 0; i < CPU_SETSIZE && (cpus == 0 || taken < cpus); i++) {
		if (CPU_ISSET(i, &all)) {
			CPU_SET(i, &set);
			taken++;
		}
	}
	sched_setaffinity(0, sizeof(set), &set);
}

static int scan_open(struct scan *s, const struct trial_wire *w, struct error *e)
{
	struct ranges ranges = { 0 };
	struct ports ports = { 0 };
	int r = targets_parse(w->targets, &ranges, e);

	if (r == 0) {
		ranges_normalise(&ranges);
		r = ports_parse(w->many_ports ? "1-65535" : "443", &ports, e);
	}
	if (r == 0) {
		s->domain = domain_create(&ranges, &ports, e);
		r = s->domain == NULL ? -ENOMEM : filter_parse("success = 1", &s->filter, e);
	}
	ranges_free(&ranges);
	ports_free(&ports);
	s->output = open("/dev/null", O_WRONLY | O_CLOEXEC);
	if (r == 0 && s->output < 0)
		r = error_set(e, -errno, "/dev/null: %s", strerror(errno));
	return r;
}

static void scan_close(struct scan *s)
{
	if (s->output >= 0)
		close(s->output);
	filter_free(s->filter);
	if (s->domain != NULL)
		domain_destroy(s->domain);
}

static void fill_options(struct scan *s, const struct trial_wire *w, const struct trial_limits *l)
{
	s->field[0] = field_find("saddr", 5);
	for (unsigned int i = 0; i < w->ports; i++)
		s->port[i] = (struct pipeline_port){ .ops = w->ops, .link = w->link[i] };
	s->options = (struct pipeline_options){
		.domain = s->domain,
		.seed = clock_mono_ns(),
		.shards = 1,
		.max_targets = UINT64_MAX,
		.probes = 1,
		.module = probe_modules[0],
		.key = { clock_real_ns(), clock_mono_ns() },
		.sport_first = 32768,
		.sport_last = 61000,
		.ttl = 64,
		.rate = l->rate,
		.ports = s->port,
		.nports = w->ports,
		.world = &w->world,
		.dedup = DEDUP_NONE,
		.result_buffer = 16 << 20,
		.filter = s->filter,
		.max_results = UINT64_MAX,
		.output = { .module = output_find("list"),
			    .fields = s->field,
			    .nfields = 1,
			    .fd = s->output },
	};
}

/* Of the threads of the pipeline, which are none of an engine's own and not the first. ns. */
struct thread_times {
	double longest, all; /* CPU time */
	double sending; /* of those that are not rx, classify or sink */
	double waiting; /* runnable, and somebody else had the CPU; all together */
};

/* Threads bear the name of their first stage: its enum plan_stage, or PLAN_STAGES: it is not of the pipeline. */
static int first_stage(pid_t tid)
{
	char path[64], name[32] = "";
	int s = 0;
	FILE *f;

	snprintf(path, sizeof(path), "/proc/self/task/%d/comm", tid);
	f = fopen(path, "re");
	if (f == NULL)
		return PLAN_STAGES;
	if (fgets(name, sizeof(name), f) == NULL)
		name[0] = '\0';
	fclose(f);
	while (s < PLAN_STAGES && strncmp(name, plan_stage_names[s], strlen(plan_stage_names[s])) != 0)
		s++;
	return s;
}

static struct thread_times thread_times(void)
{
	struct thread_times t = { .all = 0 };
	DIR *tasks = opendir("/proc/self/task");
	const struct dirent *d;

	while (tasks != NULL && (d = readdir(tasks)) != NULL) {
		const pid_t tid = (pid_t)atoi(d->d_name);
		const int stage = tid > 0 && tid != getpid() ? first_stage(tid) : PLAN_STAGES;
		double ran = 0, waited = 0;
		char path[64];
		FILE *f;

		if (stage == PLAN_STAGES)
			continue;
		snprintf(path, sizeof(path), "/proc/self/task/%d/schedstat", tid);
		f = fopen(path, "re");
		if (f == NULL)
			continue;
		if (fscanf(f, "%lf %lf", &ran, &waited) == 2) {
			t.all += ran;
			t.sending += stage <= PLAN_TX ? ran : 0;
			t.waiting += waited;
			t.longest = ran > t.longest ? ran : t.longest;
		}
		fclose(f);
	}
	if (tasks != NULL)
		closedir(tasks);
	return t;
}

/*
 * How long it would have taken by itself. Threads that never wait for one another, as fused ones, and threads that have
 * all CPUs busy: as long as they worked. A pipeline: as long as it took, but for when one waited for a neighbour.
 */
static double alone_ns(const struct thread_times *t, double elapsed, unsigned int cpus, bool busy)
{
	double ns = t->longest > t->all / cpus ? t->longest : t->all / cpus;

	return busy || elapsed - t->waiting < ns ? ns : elapsed - t->waiting;
}

static void read_counters(struct pipeline *p, unsigned int ports, unsigned int cpus, bool fused,
			  struct trial_result *r)
{
	struct thread_times times;
	struct pipeline_stats stats;
	struct stage_stats *stage = calloc(STAGES_MAX, sizeof(*stage));
	size_t n;

	pipeline_stats(p, &stats);
	r->limit = stats.limit;
	profile_mode(p, ports, r->mode, sizeof(r->mode));
	r->sent = stats.sent;
	r->threads = pipeline_plan(p)->threads;
	n = stage != NULL ? pipeline_stage_stats(p, stage, STAGES_MAX) : 0;
	for (size_t i = 0; i < n && i < STAGES_MAX; i++) {
		int s = 0;

		while (strcmp(plan_stage_names[s], stage[i].name) != 0)
			s++;
		r->count[s]++;
		r->share[s] += stage[i].busy;
		r->stalled[s] += stage[i].stalled;
		r->starved[s] += stage[i].starved;
	}
	for (int s = 0; s < PLAN_STAGES && stats.sent > 0; s++) {
		r->busy_ns[s] = r->share[s] * (double)(stats.now_ns - stats.start_ns) / (double)stats.sent;
		r->share[s] /= r->count[s] > 0 ? r->count[s] : 1;
	}
	r->pps = (double)stats.sent * 1e9 / (double)(stats.now_ns - stats.start_ns + 1);
	free(stage);
	times = thread_times();
	if (stats.sent == 0 || times.all <= 0)
		return;
	r->cpu_ns = times.all / (double)stats.sent;
	r->sending_ns = times.sending / (double)stats.sent;
	r->alone_pps = (double)stats.sent * 1e9 /
		       alone_ns(&times, (double)(stats.now_ns - stats.start_ns),
				cpus < r->threads ? cpus : r->threads, fused || pipeline_plan(p)->crowded);
}

/* Waits for its end; what an engine does not give back is left to it. 0 or -ETIMEDOUT. */
static int finish(struct pipeline *p)
{
	const uint64_t end = clock_mono_ns() + END_MS * (NS_PER_S / 1000);
	uint64_t next;

	pipeline_skip_cooldown(p);
	while (pipeline_advance(p, &next) != PIPELINE_DONE) {
		struct pollfd fd = { .fd = pipeline_fd(p), .events = POLLIN };

		if (clock_mono_ns() > end) {
			pipeline_abort(p);
			return -ETIMEDOUT;
		}
		poll(&fd, 1, 10);
	}
	return 0;
}

/* Of the senders that can run at once. */
static uint64_t work_ns(const struct pipeline *p, const struct trial_limits *l, unsigned int cpus)
{
	const unsigned int tx = pipeline_plan(p)->count[PLAN_TX];

	return l->ms * (NS_PER_S / 1000) * (tx < cpus ? tx : cpus);
}

static int run(struct scan *s, const struct layout *layout, const struct trial_limits *l,
	       struct trial_result *result, struct error *e)
{
	struct turn turn;
	struct pipeline *p;
	const unsigned int cpus = layout->cpus > 0 ? layout->cpus : trial_cpus_all();
	uint64_t end, next, work;
	int r = -EBUSY;

	/* the kernel gives the queues of the trial before free when it gets round to it */
	for (unsigned int i = 0; i < OPEN_TRIES && r == -EBUSY; i++) {
		if (i > 0)
			poll(NULL, 0, OPEN_RETRY_MS);
		r = pipeline_open(&s->options, &p, e);
	}
	if (r < 0)
		return r;
	turn = turn_take(!pipeline_plan(p)->crowded && !s->port[0].ops->needs_interface);
	r = pipeline_run(p, e);
	turn_watch(&turn);
	end = clock_mono_ns() + PATIENCE * l->ms * (NS_PER_S / 1000);
	work = clock_ns(CLOCK_PROCESS_CPUTIME_ID) + work_ns(p, l, cpus);
	while (r == 0 && clock_mono_ns() < end && clock_ns(CLOCK_PROCESS_CPUTIME_ID) < work &&
	       pipeline_advance(p, &next) == PIPELINE_SENDING) {
		struct pollfd fd = { .fd = pipeline_fd(p), .events = POLLIN };

		poll(&fd, 1, (int)(l->ms / 8 + 1));
	}
	if (r == 0)
		read_counters(p, s->options.nports, cpus, layout->fuse, result);
	if (r == 0 && pipeline_failed(p) < 0)
		r = error_set(e, pipeline_failed(p), "a thread could not start: %s",
			      strerror(-pipeline_failed(p)));
	if (r == 0 && finish(p) < 0)
		r = error_set(e, -ETIMEDOUT, "frames did not come back within %d s of the end",
			      END_MS / 1000);
	pipeline_destroy(p);
	turn_give_back(&turn);
	return r;
}

int trial_run(const struct trial_wire *w, const struct layout *layout, const struct trial_limits *l,
	      struct trial_result *result, struct error *e)
{
	struct scan *s = calloc(1, sizeof(*s));
	int r;

	if (s == NULL)
		return error_set(e, -ENOMEM, "out of memory for a trial");
	s->output = -1;
	*result = (struct trial_result){ .pps = 0 };
	trial_cpus(layout->cpus);
	r = scan_open(s, w, e);
	if (r == 0) {
		fill_options(s, w, l);
		r = layout_request(layout, &s->options.plan, e);
	}
	if (r == 0)
		r = run(s, layout, l, result, e);
	scan_close(s);
	free(s);
	trial_cpus(0);
	return r;
}
