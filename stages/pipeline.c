/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/pipeline.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

#include "anyscan/clock.h"
#include "rings/lines.h"
#include "stages/pipeline_graph.h"
#include "stages/policy_rcu.h"
#include "stages/tx/tx.h"

#define YEAR_S 31557600.0 /* the longest cooldown: nanoseconds that fit */

static bool all_finished(const struct pipeline *p, enum plan_stage s)
{
	for (unsigned int i = 0; i < p->plan.count[s]; i++) {
		if (!__atomic_load_n(&p->stage[s][i]->finished, __ATOMIC_ACQUIRE))
			return false;
	}
	return true;
}

/* A tx that answers replies outlives its last probe. */
static bool all_sent(const struct pipeline *p)
{
	for (unsigned int i = 0; i < p->plan.count[PLAN_TX]; i++) {
		if (!tx_sent(p->stage[PLAN_TX][i]) &&
		    !__atomic_load_n(&p->stage[PLAN_TX][i]->finished, __ATOMIC_ACQUIRE))
			return false;
	}
	return true;
}

void graph_notify(struct pipeline *p)
{
	for (unsigned int t = 0; t < p->plan.threads; t++)
		waker_notify(&p->thread[t].waker);
}

/* No thread is left to read it, and old ones must not outlive the pipeline that names their order. */
static void free_policies(struct pipeline *p)
{
	policy_wait(&p->policy_writer);
	free(p->policy); /* the first member of its version */
}

void pipeline_abort(struct pipeline *p)
{
	__atomic_store_n(&p->abort, true, __ATOMIC_RELAXED);
	graph_notify(p);
}

int pipeline_open(const struct pipeline_options *o, struct pipeline **out, struct error *e)
{
	struct pipeline *p = lines_alloc(sizeof(*p));
	int r;

	if (p == NULL)
		return error_set(e, -ENOMEM, "out of memory for the pipeline");
	*p = (struct pipeline){ .opt = *o, .ops = o->ports[0].ops, .policy_writer = { .grace = &p->abort } };
	walk_init(&p->walk, domain_size(o->domain), o->seed);
	r = waker_init(&p->done, true);
	if (r < 0) {
		error_set(e, r, "cannot make an eventfd");
		goto fail_waker;
	}
	r = pipeline_plan_make(&p->opt, &p->plan, e);
	if (r < 0)
		goto fail;
	r = graph_build(p, e);
	if (r < 0)
		goto fail;
	r = live_publish(p, graph_policy(p, o->rate, false));
	if (r < 0) {
		error_set(e, r, "out of memory for the policy");
		goto fail;
	}
	*out = p;
	return 0;
fail:
	graph_free(p);
	waker_fini(&p->done);
fail_waker:
	free(p);
	*out = NULL;
	return r;
}

int pipeline_run(struct pipeline *p, struct error *e)
{
	int r = 0;

	p->start_ns = clock_mono_ns();
	p->start_cycles = cycles();
	bucket_init(&p->bucket, p->start_ns);
	/* Receivers first: an answer may come before the last sender has started. */
	for (unsigned int t = p->plan.threads; t-- > 0 && r == 0;)
		r = thread_start(&p->thread[t], e);
	if (r < 0)
		pipeline_abort(p);
	return r;
}

int pipeline_fd(const struct pipeline *p)
{
	return p->done.eventfd;
}

static void enter_draining(struct pipeline *p)
{
	p->state = PIPELINE_DRAINING;
	p->receive_end_ns = clock_mono_ns();
	__atomic_store_n(&p->rx_stop, true, __ATOMIC_RELEASE);
	graph_notify(p);
}

/*
 * What the clock says of the moment at which the last probe was sent. Replies bear the time of the same clock, and whoever
 * sets it moves that moment too: so it is told anew as often as we come by.
 */
static void tell_send_end(struct pipeline *p)
{
	__atomic_store_n(&p->send_end_real_ns, p->send_end_ns + (clock_real_ns() - clock_mono_ns()),
			 __ATOMIC_RELAXED);
}

static void enter_cooldown(struct pipeline *p)
{
	p->send_end_ns = clock_mono_ns();
	tell_send_end(p);
	p->cooldown_end_ns =
		p->send_end_ns + (uint64_t)((p->opt.cooldown_s < YEAR_S ? p->opt.cooldown_s : YEAR_S) * 1e9);
	p->state = PIPELINE_COOLDOWN;
	if (p->ops->rx_receive == NULL)
		enter_draining(p);
}

static void check_max_results(struct pipeline *p)
{
	if (p->plan.count[PLAN_CLASSIFY] == 0 || p->skip_cooldown ||
	    counter_read(&classify_counters(p->stage[PLAN_CLASSIFY][0])->results) < p->opt.max_results)
		return;
	pipeline_stop(p);
	p->skip_cooldown = true;
}

enum pipeline_state pipeline_advance(struct pipeline *p, uint64_t *next_ns)
{
	waker_arm(&p->done);
	check_max_results(p);
	if (pipeline_failed(p) < 0 && !p->abort)
		pipeline_abort(p);
	if (p->state == PIPELINE_SENDING && all_sent(p))
		enter_cooldown(p);
	if (p->state == PIPELINE_COOLDOWN)
		tell_send_end(p);
	if (p->state == PIPELINE_COOLDOWN && (p->skip_cooldown || clock_mono_ns() >= p->cooldown_end_ns))
		enter_draining(p);
	if (p->state == PIPELINE_DRAINING && all_finished(p, PLAN_TX) && all_finished(p, PLAN_RX) &&
	    all_finished(p, PLAN_CLASSIFY) && all_finished(p, PLAN_SINK))
		p->state = PIPELINE_DONE;
	*next_ns = p->state == PIPELINE_COOLDOWN ? p->cooldown_end_ns : UINT64_MAX;
	return p->state;
}

int pipeline_failed(const struct pipeline *p)
{
	for (unsigned int t = 0; t < p->plan.threads; t++) {
		int r = __atomic_load_n(&p->thread[t].failed, __ATOMIC_ACQUIRE);

		if (r < 0)
			return r;
	}
	return 0;
}

struct sink_position pipeline_written(const struct pipeline *p)
{
	return p->plan.count[PLAN_SINK] > 0 ? sink_position(p->stage[PLAN_SINK][0]) :
					      (struct sink_position){ 0 };
}

struct sink_state pipeline_output(const struct pipeline *p)
{
	return p->plan.count[PLAN_SINK] > 0 ? sink_state(p->stage[PLAN_SINK][0]) : (struct sink_state){ 0 };
}

void pipeline_set_rate(struct pipeline *p, double rate)
{
	if (p->policy->rate <= RATE_MAX) /* nobody has asked the bucket so far, which is no debt */
		bucket_restart(&p->bucket, clock_mono_ns());
	live_publish(p, graph_policy(p, rate, p->policy->stop));
}

double pipeline_rate(const struct pipeline *p)
{
	return p->policy->rate;
}

void pipeline_stop(struct pipeline *p)
{
	if (!p->policy->stop)
		live_publish(p, graph_policy(p, p->policy->rate, true));
}

void pipeline_skip_cooldown(struct pipeline *p)
{
	pipeline_stop(p);
	p->skip_cooldown = true;
}

void pipeline_stood_still(struct pipeline *p, uint64_t ns)
{
	if (p->state == PIPELINE_COOLDOWN)
		p->cooldown_end_ns += ns;
}

void pipeline_destroy(struct pipeline *p)
{
	if (p == NULL)
		return;
	for (unsigned int t = 0; t < p->plan.threads; t++)
		thread_join(&p->thread[t]);
#ifdef ANYSCAN_DEBUG
	assert(p->state != PIPELINE_DONE || p->abort || graph_conserved(p));
#endif
	graph_free(p);
	waker_fini(&p->done);
	free_policies(p);
	live_free(p);
	free(p);
}
