/* SPDX-License-Identifier: Apache-2.0 */
/* Why a scan ends before its time, but for signals and --max-runtime: run.c has those. */
#include <string.h>

#include "anyscan/clock.h"
#include "tools/anyscan-pipe/run.h"
#include "tools/anyscan-pipe/screen.h"

#define GIVE_UP_NS (2 * NS_PER_S) /* for an engine whose output has failed to end by itself */

void run_end_early(struct run *r, const char *reason, enum exit_code code)
{
	if (r->reason == NULL || code != EXIT_DONE) {
		r->reason = reason;
		r->code = code;
	}
}

static void output_failed(struct run *r)
{
	run_end_early(r, "output_failed", EXIT_RESULTS);
	pipeline_skip_cooldown(r->pipeline);
}

/* Nobody reads any more, or the disk is full: a scan whose results are lost is not worth its packets. */
void run_check_outputs(struct run *r)
{
	const int error = r->report.output_error;

	if (error != 0) {
		/* when there is nothing left to end, report_losses() says it */
		if (r->code != EXIT_RESULTS && r->state < PIPELINE_DRAINING)
			screen_say(LEVEL_ERROR, "anyscan-pipe: %s: %s; the scan ends",
				   scan_output_name(r->scan), strerror(-error));
		output_failed(r);
	}
	if (r->failed_ns == 0 && report_write_errors(&r->report) > 0) {
		r->failed_ns = clock_mono_ns();
		screen_say(LEVEL_ERROR,
			   "anyscan-pipe: the probes cannot be written: disk full, or the reader has gone");
		output_failed(r);
	}
}

/* The frames of a file that takes no more never leave, so the pipeline would wait for them for ever. */
void run_give_up(struct run *r)
{
	if (r->failed_ns != 0 && clock_mono_ns() >= r->failed_ns + GIVE_UP_NS)
		pipeline_abort(r->pipeline);
}

/* The first reason to end stays; an interrupted scan has its own. */
void run_check_rules(struct run *r)
{
	const struct config *c = r->scan->config;
	const struct pipeline_stats *now = &r->report.now;

	if (r->code != EXIT_DONE)
		return;
	switch (stop_rules_check(&r->rules, now)) {
	case STOP_HITRATE:
		screen_say(
			LEVEL_ERROR,
			"anyscan-pipe: stopped: %.3g%% of the probes found something, below --min-hitrate %g",
			stop_rules_hitrate(now), c->min_hitrate);
		run_end_early(r, "min_hitrate", EXIT_STOPPED);
		break;
	case STOP_SEND_FAILURES:
		screen_say(
			LEVEL_ERROR,
			"anyscan-pipe: stopped: %llu sends have failed for good, more than --max-send-failures %llu",
			(unsigned long long)now->send_lost, (unsigned long long)c->max_send_failures);
		run_end_early(r, "max_send_failures", EXIT_STOPPED);
		break;
	default:
		return;
	}
	pipeline_stop(r->pipeline);
}

/* What is down may come back, and the queues wait for it. What was removed does not: no probe of its share would leave. */
void run_check_links(struct run *r)
{
	const struct pipeline_options *o = &r->scan->options;

	if (r->state >= PIPELINE_DRAINING ||
	    link_watch_tick(&r->report.links, r->pipeline, o->ports, o->nports, clock_mono_ns()) < 0 ||
	    r->code != EXIT_DONE)
		return;
	run_end_early(r, "interface_removed", EXIT_HOST);
	pipeline_stop(r->pipeline);
}
