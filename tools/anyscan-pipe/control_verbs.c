/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/control_verbs.h"

#include <stdio.h>
#include <string.h>

#include "anyscan/clock.h"
#include "anyscan/policy.h"
#include "stages/sink/exclusion_text.h"
#include "tools/anyscan-pipe/screen.h"

struct answer {
	char *text;
	size_t size;
};

/* What has changed is said to people, too. */
__attribute__((format(printf, 2, 3))) static void done(const struct answer *a, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	vsnprintf(a->text, a->size, format, args);
	va_end(args);
	screen_say(LEVEL_NOTICE, "asked by the control socket: %s", a->text);
}

static void failed(const struct answer *a, const char *why)
{
	snprintf(a->text, a->size, ANSWER_FAILED "%s", why);
}

/* Without a range: that of the command line, if it has one. */
static void set_auto(struct controlled *s, const struct request *q, const struct answer *a)
{
	const struct rate_choice *own = &s->report->scan->config->rate;
	const struct auto_rate_range range = !q->rate.ranged && own->range.ceiling > 0 ? own->range :
											 q->rate.range;

	auto_pace_start(s->report->pace, s->report->pipeline, range);
	done(a, "rate auto, %.10g to %.10g probes/s", range.floor, range.ceiling);
}

static bool set_rate(struct controlled *s, const struct request *q, const struct answer *a)
{
	if (q->rate.range.ceiling > 0) {
		set_auto(s, q, a);
		return true;
	}
	auto_pace_stop(s->report->pace);
	pipeline_set_rate(s->report->pipeline, q->rate.rate);
	if (q->rate.rate > RATE_MAX)
		done(a, "rate %.10g probes/s", q->rate.rate);
	else
		done(a, "rate max");
	return true;
}

static bool set_pause(struct controlled *s, const struct request *q, const struct answer *a)
{
	const bool pause = q->verb == REQUEST_PAUSE;
	struct pipeline *p = s->report->pipeline;

	if ((pause ? pipeline_pause(p) : pipeline_resume(p)) < 0)
		failed(a, "out of memory");
	else
		done(a, "%s", pause ? "paused" : "resumed");
	return true;
}

static bool exclude(struct controlled *s, const struct request *q, const struct answer *a)
{
	const struct exclusion first = { .first = q->ranges.range[0].first, .last = q->ranges.range[0].last };
	char text[EXCLUSION_TEXT_MAX], more[48] = "";
	struct error e;

	if (pipeline_exclude(s->report->pipeline, &q->ranges, clock_real_ns(), &e) < 0) {
		failed(a, e.text);
		return false;
	}
	/* what was promised outlives a kill -9 */
	if (s->checkpoint != NULL && s->checkpoint(s->arg, &e) < 0) {
		snprintf(a->text, a->size, ANSWER_FAILED "excluded, but a resumed scan will not know: %.200s",
			 e.text);
		return false;
	}
	if (q->ranges.count > 1)
		snprintf(more, sizeof(more), " and %zu more", q->ranges.count - 1);
	done(a, "excluded %s%s: %llu addresses", exclusion_text(&first, text), more,
	     (unsigned long long)ranges_total(&q->ranges));
	return true;
}

static bool status(struct controlled *s, const struct request *q, const struct answer *a)
{
	(void)q;
	report_status(s->report, a->text, a->size);
	a->text[strcspn(a->text, "\n")] = '\0';
	return false;
}

static bool checkpoint(struct controlled *s, const struct request *q, const struct answer *a)
{
	struct error e;

	(void)q;
	if (s->checkpoint == NULL)
		snprintf(a->text, a->size,
			 ANSWER_ERROR
			 "no checkpoint is configured; start the scan with --checkpoint-file FILE");
	else if (s->checkpoint(s->arg, &e) < 0)
		failed(a, e.text);
	else
		done(a, "checkpoint written");
	return false;
}

static bool stop(struct controlled *s, const struct request *q, const struct answer *a)
{
	(void)q;
	done(a, "stopping");
	s->stop(s->arg);
	return true;
}

bool controlled_answer(void *arg, const struct request *q, char *text, size_t size)
{
	static bool (*const act[])(struct controlled *, const struct request *, const struct answer *) = {
		[REQUEST_RATE] = set_rate,   [REQUEST_PAUSE] = set_pause, [REQUEST_RESUME] = set_pause,
		[REQUEST_EXCLUDE] = exclude, [REQUEST_STATUS] = status,	  [REQUEST_CHECKPOINT] = checkpoint,
		[REQUEST_STOP] = stop,
	};

	return act[q->verb](arg, q, &(struct answer){ .text = text, .size = size });
}

bool controlled_settled(void *arg)
{
	return pipeline_policy_taken(((struct controlled *)arg)->report->pipeline);
}
