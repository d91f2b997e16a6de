/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-tune/costs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/policy.h"
#include "tools/anyscan-tune/hop.h"

enum {
	FUSED,
	FUSED_ONE,
	CROWDED_ONE, /* rx is woken more often there, too */
	CROWDED_TWO /* a CPU may have been idle, and takes time to wake */
};

const struct layout costs_layouts[COSTS_LAYOUTS] = {
	[FUSED] = { "tx=1", true, 2 }, /* the second for rx, where there is one */
	[FUSED_ONE] = { "tx=1", true, 1 }, /* rx has no time to poll in vain there */
	[CROWDED_ONE] = { "gen=1,tx=1", false, 1 },
	[CROWDED_TWO] = { "gen=1,tx=2", false, 2 },
};

bool layout_fits(const struct trial_wire *w, const struct layout *l)
{
	const unsigned int queues = w->link[0].tx_queues * w->ports;
	struct plan_request r;
	struct error e;

	return l->cpus <= trial_cpus_all() && layout_request(l, &r, &e) == 0 &&
	       (queues == 0 || r.count[PLAN_TX] <= queues);
}

int costs_look(const struct trial_wire *w, struct costs_sample *s, struct error *e)
{
	const struct trial_limits limits = { .ms = TRIAL_MS, .rate = RATE_MAX };
	int r = 0;

	if (s->looks == COSTS_LOOKS_MAX)
		return 0;
	for (unsigned int i = 0; i < COSTS_LAYOUTS && r == 0; i++) {
		struct layout l = costs_layouts[i];

		if (i == FUSED && trial_cpus_all() < l.cpus)
			l.cpus = 1;
		if (layout_fits(w, &l))
			r = trial_run(w, &l, &limits, &s->result[i][s->looks], e);
	}
	s->hop_ns[s->looks] = r == 0 ? hop_ns() : 0;
	s->looks += r == 0;
	return r;
}

static int ascending(const void *a, const void *b)
{
	const struct trial_result *x = a, *y = b;

	return (x->cpu_ns > y->cpu_ns) - (x->cpu_ns < y->cpu_ns);
}

/* The trial of this rank by CPU time, whole: its parts fit together. */
static struct trial_result ranked(const struct costs_sample *s, unsigned int layout, unsigned int rank)
{
	struct trial_result sorted[COSTS_LOOKS_MAX];

	for (unsigned int i = 0; i < s->looks; i++)
		sorted[i] = s->result[layout][i];
	qsort(sorted, s->looks, sizeof(sorted[0]), ascending);
	return sorted[rank];
}

static int rising(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double quantile(const double *value, unsigned int n, unsigned int rank)
{
	double sorted[COSTS_LOOKS_MAX];

	memcpy(sorted, value, n * sizeof(*value));
	qsort(sorted, n, sizeof(sorted[0]), rising);
	return sorted[rank];
}

/* By the clock, so that one that was interrupted in this stage says nothing. */
static double median_busy(const struct costs_sample *s, int stage)
{
	double busy[COSTS_LOOKS_MAX];

	for (unsigned int i = 0; i < s->looks; i++)
		busy[i] = s->result[FUSED][i].busy_ns[stage];
	return quantile(busy, s->looks, s->looks / 2);
}

/* What the same work as fused costs more. */
static double asleep(const struct costs_sample *s, unsigned int layout, const struct trial_result *fused)
{
	const double more = ranked(s, layout, s->looks / 4).cpu_ns - fused->cpu_ns;

	return more > 0 ? more : 0;
}

struct stage_costs costs_of(const struct costs_sample *s)
{
	const struct trial_result fused = ranked(s, FUSED, s->looks / 4); /* neighbours only ever add */
	const struct trial_result one = ranked(s, FUSED_ONE, s->looks / 4);
	const double receiving = one.cpu_ns - fused.sending_ns;
	const unsigned int second = trial_cpus_all() > 1 ? CROWDED_TWO : CROWDED_ONE;
	double busy[PLAN_STAGES], sum = 0, scale;

	for (int i = 0; i < PLAN_STAGES; i++) {
		busy[i] = median_busy(s, i);
		sum += i <= PLAN_TX ? busy[i] : 0;
	}
	/* CPU time, split as the clock saw the stages; what is none of theirs, as the loop around them, is spread */
	scale = sum > 0 ? fused.sending_ns / sum : 0;
	return (struct stage_costs){ .gen = scale * busy[PLAN_GEN],
				     .build = scale * busy[PLAN_BUILD],
				     .tx = scale * busy[PLAN_TX],
				     .rx = receiving > 0 ? receiving : 0,
				     .hop = quantile(s->hop_ns, s->looks, s->looks / 4),
				     .hop_asleep =
					     fmin(asleep(s, CROWDED_ONE, &one), asleep(s, second, &one)) };
}
