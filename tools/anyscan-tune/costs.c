/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-tune/costs.h"

#include <stdlib.h>
#include <string.h>

#include "anyscan/policy.h"

const struct layout costs_layouts[COSTS_LAYOUTS] = {
	[COSTS_FUSED] = { "tx=1", true, 2 }, /* the second for rx, where there is one */
	[COSTS_FUSED_ONE] = { "tx=1", true, 1 }, /* rx has no time to poll in vain there */
	[COSTS_CROWDED_ONE] = { "gen=1,tx=1", false, 1 },
	[COSTS_CROWDED_TWO] = { "gen=1,tx=2", false,
				2 }, /* a CPU may have been idle, and takes time to wake */
	[COSTS_PIPELINED] = { "gen=1,tx=1", false, 2 },
};

bool layout_fits(const struct trial_wire *w, const struct layout *l)
{
	const unsigned int queues = w->link[0].tx_queues * w->ports;
	struct plan_request r;
	struct error e;

	return l->cpus <= trial_cpus_all() && layout_request(l, &r, &e) == 0 &&
	       (queues == 0 || r.count[PLAN_TX] <= queues);
}

static bool is_null(const struct trial_wire *w)
{
	return strcmp(w->ops->name, "null") == 0;
}

bool costs_are_from(const struct trial_wire *w, const struct layout *l)
{
	const unsigned int n = is_null(w) ? COSTS_LAYOUTS : COSTS_PIPELINED;

	for (unsigned int i = 0; i < n; i++) {
		const struct layout *from = &costs_layouts[i];

		if (strcmp(from->stages, l->stages) == 0 && from->fuse == l->fuse && from->cpus == l->cpus)
			return true;
	}
	return false;
}

static int look(const struct trial_wire *w, unsigned int layouts,
		struct trial_result result[][COSTS_LOOKS_MAX], unsigned int at, struct error *e)
{
	const struct trial_limits limits = { .ms = TRIAL_MS, .rate = RATE_MAX };
	int r = 0;

	for (unsigned int i = 0; i < layouts && r == 0; i++) {
		struct layout l = costs_layouts[i];

		if (i == COSTS_FUSED && trial_cpus_all() < l.cpus)
			l.cpus = 1;
		if (layout_fits(w, &l))
			r = trial_run(w, &l, &limits, &result[i][at], e);
	}
	return r;
}

int costs_look(const struct trial_wire *w, const struct trial_wire *null, struct costs_sample *s,
	       struct error *e)
{
	int r;

	if (s->looks == COSTS_LOOKS_MAX)
		return 0;
	r = look(w, COSTS_PIPELINED, s->engine, s->looks, e);
	if (r == 0)
		r = look(null, COSTS_LAYOUTS, s->edges, s->looks, e);
	s->looks += r == 0;
	return r;
}

static int ascending(const void *a, const void *b)
{
	const struct trial_result *x = a, *y = b;

	return (x->cpu_ns > y->cpu_ns) - (x->cpu_ns < y->cpu_ns);
}

/* The trial of the best quarter by CPU time, as neighbours only ever add: whole, as its parts fit together. */
static struct trial_result ranked(const struct trial_result *result, unsigned int looks)
{
	struct trial_result sorted[COSTS_LOOKS_MAX];

	memcpy(sorted, result, looks * sizeof(*result));
	qsort(sorted, looks, sizeof(sorted[0]), ascending);
	return sorted[looks / 4];
}

static int rising(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* By the clock, so that one that was interrupted in this stage says nothing. */
static double median_busy(const struct trial_result *fused, unsigned int looks, int stage)
{
	double busy[COSTS_LOOKS_MAX];

	for (unsigned int i = 0; i < looks; i++)
		busy[i] = fused[i].busy_ns[stage];
	qsort(busy, looks, sizeof(busy[0]), rising);
	return busy[looks / 2];
}

static double positive(double x)
{
	return x > 0 ? x : 0;
}

/* CPU time, split as the clock saw the stages; what is none of theirs, as the loop around them, is spread. */
static struct stage_costs sending_of(const struct trial_result *fused, unsigned int looks)
{
	double busy[PLAN_TX + 1], sum = 0, scale;

	for (int i = 0; i <= PLAN_TX; i++) {
		busy[i] = median_busy(fused, looks, i);
		sum += busy[i];
	}
	scale = sum > 0 ? ranked(fused, looks).sending_ns / sum : 0;
	return (struct stage_costs){ .gen = scale * busy[PLAN_GEN],
				     .build = scale * busy[PLAN_BUILD],
				     .tx = scale * busy[PLAN_TX] };
}

/* What the same work as fused costs more where threads share CPUs. */
static double asleep(const struct trial_result *crowded, const struct trial_result *fused_one,
		     unsigned int looks)
{
	return positive(ranked(crowded, looks).cpu_ns - ranked(fused_one, looks).cpu_ns);
}

/* What gen and build take more when tx is on another core; 0: there is none. */
static double hop_of(const struct costs_sample *s)
{
	const struct stage_costs alone = sending_of(s->edges[COSTS_FUSED], s->looks);
	double ns[COSTS_LOOKS_MAX];

	if (trial_cpus_all() < costs_layouts[COSTS_PIPELINED].cpus)
		return 0;
	for (unsigned int i = 0; i < s->looks; i++)
		ns[i] = 1e9 / (s->edges[COSTS_PIPELINED][i].alone_pps + 1);
	qsort(ns, s->looks, sizeof(ns[0]), rising);
	return positive(ns[s->looks / 4] - alone.gen - alone.build);
}

struct stage_costs costs_of(const struct costs_sample *s, bool whole)
{
	const unsigned int crowded = whole || trial_cpus_all() < 2 ? COSTS_CROWDED_ONE : COSTS_CROWDED_TWO;
	struct stage_costs c = sending_of(s->engine[COSTS_FUSED], s->looks);
	const double sending = ranked(s->engine[COSTS_FUSED], s->looks).sending_ns;

	c.rx = positive(ranked(s->engine[COSTS_FUSED_ONE], s->looks).cpu_ns - sending);
	c.hop = hop_of(s);
	c.hop_asleep = asleep(s->edges[crowded], s->edges[COSTS_FUSED_ONE], s->looks);
	c.rx_asleep =
		positive(asleep(s->engine[crowded], s->engine[COSTS_FUSED_ONE], s->looks) - c.hop_asleep);
	return c;
}
