/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The walk over core plans: from one thread on, each next step gives a thread to the stage that the stall counters name,
 * until the CPUs are used up or nothing is gained any more. Fused plans first, then pipelines.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "anyscan/policy.h"
#include "tools/anyscan-tune/tune.h"
#include "tools/anyscan-tune/wire_named.h"
#include "tools/machine/profile.h"

#define GAIN 1.03 /* less is none */
#define PATIENT 2 /* steps without gain, after which it ends */
#define DAY_S 86400.0

struct walk_state {
	const struct trial_wire *wire;
	struct trial_limits limits;
	unsigned int rounds;
	struct layout best_layout;
	struct trial_result best;
};

static int by_pps(const void *a, const void *b)
{
	const struct trial_result *x = a, *y = b;

	return (x->pps > y->pps) - (x->pps < y->pps);
}

static void print_row(const struct layout *l, const struct trial_result *r)
{
	char text[96];

	layout_text(l, text, sizeof(text));
	printf("%-32s %7u %10.3f %8.1f %5.0f%% %5.0f%% %5.0f%%  %s\n", text, r->threads, r->pps / 1e6,
	       r->cpu_ns, 100 * r->share[PLAN_GEN], 100 * r->share[PLAN_BUILD], 100 * r->share[PLAN_TX],
	       r->limit);
	fflush(stdout);
}

/* The trial that three quarters fall behind: neighbours only ever take away. */
static int try(struct walk_state *s, const struct layout *l, struct trial_result *out, struct error *e)
{
	struct trial_result look[COSTS_LOOKS_MAX];

	for (unsigned int i = 0; i < s->rounds; i++) {
		int r = trial_run(s->wire, l, &s->limits, &look[i], e);

		if (r < 0)
			return r;
	}
	qsort(look, s->rounds, sizeof(look[0]), by_pps);
	*out = look[s->rounds - 1 - s->rounds / 4];
	print_row(l, out);
	return 0;
}

/* Whether it is worth the threads that it takes more. */
static bool gains(struct walk_state *s, const struct layout *l, const struct trial_result *r)
{
	if (r->pps <= s->best.pps * GAIN)
		return false;
	s->best = *r;
	s->best_layout = *l;
	return true;
}

/* Threads that poll: all but the sink. */
static bool has_room(const struct walk_state *s, unsigned int senders)
{
	const bool receives = s->wire->ops->rx_receive != NULL;

	return senders + receives <= trial_cpus_all();
}

static unsigned int most_tx(const struct walk_state *s)
{
	const unsigned int queues = s->wire->link[0].tx_queues;

	return queues > 0 ? queues * s->wire->ports : PLAN_THREADS_MAX;
}

static int walk_fused(struct walk_state *s, struct error *e)
{
	const unsigned int ports = s->wire->ports;
	struct layout l = { .fuse = true };
	unsigned int idle = 0;

	for (unsigned int tx = ports; tx <= most_tx(s) && idle < PATIENT; tx += ports) {
		struct trial_result result;
		int r;

		if (tx > ports && !has_room(s, tx) && tx > trial_cpus_all())
			return 0;
		snprintf(l.stages, sizeof(l.stages), "tx=%u", tx);
		r = try(s, &l, &result, e);
		if (r < 0)
			return r;
		idle = gains(s, &l, &result) ? 0 : idle + 1;
	}
	return 0;
}

/* tx waits for frames more often than others wait for it: those in front are slow. */
static bool front_is_slow(const struct trial_result *r)
{
	return r->starved[PLAN_TX] > r->stalled[PLAN_GEN] + r->stalled[PLAN_BUILD];
}

static int walk_pipelined(struct walk_state *s, struct error *e)
{
	const unsigned int ports = s->wire->ports;
	unsigned int gen = 1, tx = ports, idle = 0;
	struct layout l = { .fuse = false };

	while (has_room(s, gen + tx) && tx <= most_tx(s) && idle < PATIENT) {
		struct trial_result result;
		int r;

		snprintf(l.stages, sizeof(l.stages), "gen=%u,tx=%u", gen, tx);
		r = try(s, &l, &result, e);
		if (r < 0)
			return r;
		idle = gains(s, &l, &result) ? 0 : idle + 1;
		if (front_is_slow(&result))
			gen++;
		else
			tx += ports;
	}
	return 0;
}

static int write_profile(const struct config *c, const struct walk_state *s, struct error *e)
{
	const struct io_link *link[PIPELINE_PORTS_MAX];
	struct profile p = { .fuse = s->best_layout.fuse, .pps = s->best.pps, .made = (double)time(NULL) };

	for (unsigned int i = 0; i < s->wire->ports; i++)
		link[i] = &s->wire->link[i];
	profile_key_here(&p.key, s->wire->ops, link, s->wire->ports);
	snprintf(p.mode, sizeof(p.mode), "%s", s->best.mode);
	snprintf(p.stages, sizeof(p.stages), "%s", s->best_layout.stages);
	p.expires = p.made + (double)c->days * DAY_S;
	return profile_write(c->output, &p, e);
}

static int walk(const struct config *c, struct walk_state *s, struct error *e)
{
	char text[96];
	int r;

	printf("%s\n\n%-32s %7s %10s %8s %6s %6s %6s  %s\n", s->wire->name, "layout", "threads", "M probes/s",
	       "CPU ns", "gen", "build", "tx", "limit");
	r = walk_fused(s, e);
	if (r == 0)
		r = walk_pipelined(s, e);
	if (r == 0 && s->best.pps <= 0)
		r = error_set(e, -EIO, "%s: no probe was sent", s->wire->name);
	if (r < 0)
		return r;
	layout_text(&s->best_layout, text, sizeof(text));
	printf("\nuse: %s\n", text);
	if (c->output == NULL)
		return 0;
	r = write_profile(c, s, e);
	if (r == 0)
		printf("written: %s, for %llu days; anyscan-pipe --profile %s takes it\n", c->output,
		       (unsigned long long)c->days, c->output);
	return r;
}

enum exit_code tune_walk(const struct config *c, struct error *e)
{
	struct trial_wire *w = calloc(1, sizeof(*w));
	struct walk_state s = { .wire = w,
				.limits = { .ms = TRIAL_MS, .rate = c->rate > 0 ? c->rate : RATE_MAX },
				.rounds = (unsigned int)c->rounds };
	enum exit_code code = EXIT_HOST;

	if (w == NULL)
		error_set(e, -ENOMEM, "out of memory");
	else
		code = wire_named(c, w, e);
	if (code == EXIT_TUNED && walk(c, &s, e) < 0)
		code = EXIT_HOST;
	free(w);
	return code;
}
