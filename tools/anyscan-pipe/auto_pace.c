/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/auto_pace.h"

#include <stdio.h>
#include <string.h>

#include "anyscan/clock.h"

#define LOOK_NS ((uint64_t)(AUTO_RATE_LOOK_S * 1e9))

static void obey(struct auto_pace *p)
{
	if (pipeline_rate(p->pipeline) != p->rate.rate)
		pipeline_set_rate(p->pipeline, p->rate.rate);
	history_note(&p->history, &p->rate, clock_real_ns());
}

void auto_pace_start(struct auto_pace *p, struct pipeline *pipeline, struct auto_rate_range range)
{
	p->pipeline = pipeline;
	p->on = true;
	p->next_ns = clock_mono_ns() + LOOK_NS;
	auto_rate_init(&p->rate, range);
	sampler_init(&p->sampler, pipeline);
	obey(p);
}

void auto_pace_stop(struct auto_pace *p)
{
	p->on = false;
}

uint64_t auto_pace_step(struct auto_pace *p)
{
	const uint64_t now = clock_mono_ns();
	struct auto_rate_look look;

	if (!p->on)
		return UINT64_MAX;
	if (now < p->next_ns)
		return p->next_ns;
	sampler_look(&p->sampler, &look);
	if (p->sampler.before.state != PIPELINE_SENDING) {
		p->on = false;
		return UINT64_MAX;
	}
	auto_rate_step(&p->rate, &look);
	obey(p);
	p->next_ns = now + LOOK_NS;
	return p->next_ns;
}

double auto_pace_change(struct auto_pace *p, double factor)
{
	auto_rate_set(&p->rate, p->rate.settled * factor);
	obey(p);
	return p->rate.rate;
}

const char *auto_pace_limit(struct auto_pace *p, const char *limit)
{
	const struct auto_rate *a = &p->rate;

	if (!p->on || limit == NULL || strcmp(limit, "output") == 0 || strcmp(limit, "pause") == 0)
		return limit;
	if (a->state == AUTO_RATE_NETWORK && strcmp(limit, "rate") == 0)
		snprintf(p->limit, sizeof(p->limit), "network: %s", a->cause);
	else if (a->state == AUTO_RATE_CPU && strcmp(limit, "rate") == 0)
		snprintf(p->limit, sizeof(p->limit), "cpu");
	else if (a->state == AUTO_RATE_CPU)
		snprintf(p->limit, sizeof(p->limit), "cpu: %s", limit);
	else
		return limit;
	return p->limit;
}
