/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is changed while a scan runs: each change is a policy of its own with all that holds from then on, the
 * exclusions in the same piece of memory. A change of the rate so copies them too: 32 KiB for the most there can be.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/clock.h"
#include "stages/pipeline_graph.h"
#include "stages/policy_rcu.h"
#include "stages/tx/tx.h"

int live_publish(struct pipeline *p, struct policy next)
{
	const struct ranges *excluded = &p->live.excluded;
	const size_t size = excluded->count * sizeof(*excluded->range);
	struct policy_version *new = malloc(sizeof(*new) + size);

	if (new == NULL)
		return -ENOMEM;
	*new = (struct policy_version){ .policy = next };
	new->policy.paused = p->live.paused;
	new->policy.epoch = p->policy != NULL ? p->policy->epoch + 1 : 1;
	new->policy.exclusions = (uint32_t)excluded->count;
	new->policy.exclusion = new->exclusion;
	if (size > 0)
		memcpy(new->exclusion, excluded->range, size);
	if (policy_swap(&p->policy_writer, &p->policy, new))
		graph_notify(p); /* sleepers must not sleep on by the old one */
	return 0;
}

/* The same rate and the same end, with what has changed in p->live. */
static int republish(struct pipeline *p)
{
	return live_publish(p, graph_policy(p, p->policy->rate, p->policy->stop));
}

/* Of the pause that is on, without what of it lies after the last probe. */
static uint64_t this_pause(const struct pipeline *p, uint64_t now_ns)
{
	const uint64_t end = p->send_end_ns != 0 && p->send_end_ns < now_ns ? p->send_end_ns : now_ns;

	return p->live.paused && end > p->live.paused_since_ns ? end - p->live.paused_since_ns : 0;
}

uint64_t live_paused_ns(const struct pipeline *p, uint64_t now_ns)
{
	return p->live.paused_ns + this_pause(p, now_ns);
}

void live_free(struct pipeline *p)
{
	ranges_free(&p->live.excluded);
	free(p->live.added);
}

int pipeline_pause(struct pipeline *p)
{
	int r;

	if (p->live.paused)
		return 0;
	p->live.paused = true;
	p->live.paused_since_ns = clock_mono_ns();
	r = republish(p);
	p->live.paused = r == 0;
	return r;
}

int pipeline_resume(struct pipeline *p)
{
	const uint64_t now = clock_mono_ns(), pause = this_pause(p, now);
	int r;

	if (!p->live.paused)
		return 0;
	bucket_restart(&p->bucket, now); /* first: nobody may lease of the time before */
	p->live.paused = false;
	r = republish(p);
	if (r == 0)
		p->live.paused_ns += pause;
	else
		p->live.paused = true;
	return r;
}

bool pipeline_paused(const struct pipeline *p)
{
	return p->live.paused;
}

uint64_t pipeline_paused_ns(const struct pipeline *p)
{
	return live_paused_ns(p, clock_mono_ns());
}

/* Into *both, with room for the log of them: what the exclusions become. */
static int unite(const struct pipeline *p, const struct ranges *set, struct ranges *both)
{
	const struct ranges *const sides[] = { &p->live.excluded, set };
	int r = 0;

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < sides[k]->count && r == 0; i++)
			r = ranges_add(both, sides[k]->range[i].first, sides[k]->range[i].last);
	ranges_normalise(both);
	return r;
}

static int replace_excluded(struct pipeline *p, struct ranges *with)
{
	struct ranges old = p->live.excluded;
	int r;

	p->live.excluded = *with;
	r = republish(p);
	if (r < 0)
		p->live.excluded = old;
	else
		*with = old;
	return r;
}

static void note(struct pipeline *p, const struct ranges *set, uint64_t since_ns)
{
	for (size_t i = 0; i < set->count; i++)
		p->live.added[p->live.nadded++] = (struct exclusion){ .first = set->range[i].first,
								      .last = set->range[i].last,
								      .since_ns = since_ns };
}

int pipeline_exclude(struct pipeline *p, const struct ranges *set, uint64_t since_ns, struct error *e)
{
	struct ranges both = { 0 };
	int r = unite(p, set, &both);

	if (r < 0 || ranges_total(&both) == ranges_total(&p->live.excluded))
		goto out;
	if (p->live.added == NULL)
		p->live.added = calloc(EXCLUSIONS_MAX, sizeof(*p->live.added));
	r = p->live.added != NULL ? 0 : -ENOMEM;
	if (r == 0 && set->count > EXCLUSIONS_MAX - p->live.nadded) {
		ranges_free(&both);
		return error_set(
			e, -ENOSPC,
			"%zu ranges are excluded since the scan has started, and %d are the most; name fewer "
			"and larger ones, or start it again with --exclude",
			p->live.nadded, EXCLUSIONS_MAX);
	}
	if (r == 0)
		r = replace_excluded(p, &both);
	if (r == 0)
		note(p, set, since_ns);
out:
	ranges_free(&both);
	return r < 0 ? error_set(e, r, "out of memory for the exclusion") : 0;
}

const struct exclusion *pipeline_exclusions(const struct pipeline *p, size_t *count)
{
	*count = p->live.nadded;
	return p->live.added;
}

bool pipeline_policy_taken(const struct pipeline *p)
{
	for (unsigned int i = 0; i < graph_count(p, PLAN_TX); i++) {
		const struct stage *tx = p->stage[PLAN_TX][i];

		if (__atomic_load_n(&tx_counters(tx)->epoch, __ATOMIC_ACQUIRE) != p->policy->epoch &&
		    !__atomic_load_n(&tx->finished, __ATOMIC_ACQUIRE))
			return false;
	}
	return true;
}
