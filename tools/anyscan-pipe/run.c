/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The loop around a running pipeline: signals, the clock of the status line, set-up and end. Signals are
 * blocked before the stage threads start, so that they all come here, by signalfd(2).
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "anyscan/clock.h"
#include "anyscan/policy.h"
#include "tools/anyscan-pipe/run.h"
#include "tools/anyscan-pipe/screen.h"

#define RATE_UP 1.05 /* SIGUSR1 */
#define RATE_DOWN 0.95 /* SIGUSR2, as ZMap: 5% of what it is, not of what it was */
#define EXIT_NS (NS_PER_S / 2)

/*
 * The first asks for an orderly end. The second does not wait for replies, and only EXIT_NS for what was found to be
 * written: whoever reads the results may never do so. The third waits for nothing.
 */
static void interrupt(struct run *r)
{
	r->interrupts++;
	screen_hurry();
	if (r->code != EXIT_RESULTS)
		run_end_early(r, "interrupted", EXIT_INTERRUPTED);
	if (r->interrupts == 1) {
		pipeline_stop(r->pipeline);
		screen_say(LEVEL_ERROR, "awaiting replies for %g s; again to exit now",
			   r->scan->ops->rx_receive != NULL ? r->scan->options.cooldown_s : 0.0);
	} else if (r->interrupts == 2) {
		pipeline_skip_cooldown(r->pipeline);
		r->exit_ns = clock_mono_ns() + EXIT_NS;
	} else {
		control_close(r->control);
		screen_end();
		_exit(EXIT_INTERRUPTED);
	}
}

/* By the control socket: asked for again, it is no second interrupt. */
static void stop(void *arg)
{
	struct run *r = arg;

	if (r->interrupts == 0)
		interrupt(r);
}

static void change_rate(struct run *r, double factor)
{
	const double rate = pipeline_rate(r->pipeline);

	if (rate <= RATE_MAX) {
		screen_say(LEVEL_NOTICE, "there is no rate to change: --rate max");
		return;
	}
	if (r->pace.on) {
		screen_say(LEVEL_NOTICE, "rate: %.1f probes/s, and auto goes on from there",
			   auto_pace_change(&r->pace, factor));
		return;
	}
	pipeline_set_rate(r->pipeline, rate * factor);
	screen_say(LEVEL_NOTICE, "rate: %.1f probes/s", rate * factor);
}

/* A scan that keeps a log reopens it, as daemons do; of another the terminal has gone, and it ends in order. */
static void hang_up(struct run *r)
{
	if (!report_has_files(r->scan)) {
		interrupt(r);
		return;
	}
	report_reopen(&r->report);
	control_keep(r->control);
}

static void read_signals(struct run *r)
{
	struct signalfd_siginfo info;

	while (read(r->events.signals, &info, sizeof(info)) == (ssize_t)sizeof(info)) {
		if (info.ssi_signo == SIGUSR1)
			change_rate(r, RATE_UP);
		else if (info.ssi_signo == SIGUSR2)
			change_rate(r, RATE_DOWN);
		else if (info.ssi_signo == SIGHUP)
			hang_up(r);
		else
			interrupt(r);
	}
}

static void tick(struct run *r)
{
	uint64_t expirations;

	if (read(r->events.timer, &expirations, sizeof(expirations)) < 0)
		return;
	report_look(&r->report);
	report_tick(&r->report);
	run_check_outputs(r);
	run_check_links(r);
	run_check_rules(r);
	run_give_up(r);
	control_keep(r->control);
}

static void wait_for_events(struct run *r, uint64_t until_ns)
{
	struct pollfd fd[3 + CONTROL_FDS] = {
		{ .fd = r->events.signals, .events = POLLIN },
		{ .fd = r->events.timer, .events = POLLIN },
		{ .fd = pipeline_fd(r->pipeline), .events = POLLIN },
	};
	const bool controlled = r->control != NULL;
	struct timespec timeout;
	uint64_t now, left, waited;
	int ready;

	if (controlled)
		control_fds(r->control, fd + 3, &until_ns);
	now = clock_mono_ns();
	left = until_ns > now ? until_ns - now : 0;
	timeout =
		(struct timespec){ .tv_sec = (time_t)(left / NS_PER_S), .tv_nsec = (long)(left % NS_PER_S) };
	ready = ppoll(fd, controlled ? 3 + CONTROL_FDS : 3, until_ns == UINT64_MAX ? NULL : &timeout, NULL);
	waited = clock_mono_ns() - now;
	/* the timer wakes us every second, so in a longer wait we were stopped */
	if (waited > STOP_LOOK_NS)
		pipeline_stood_still(r->pipeline, waited);
	if (ready < 0)
		return;
	if (fd[0].revents != 0)
		read_signals(r);
	if (fd[1].revents != 0)
		tick(r);
	if (controlled)
		control_serve(r->control, fd + 3);
}

/* Something does not end, as a write that nobody reads; its thread cannot be joined, so the process ends here. */
__attribute__((noreturn)) static void leave(struct run *r)
{
	struct pipeline_stats *now = &r->report.now;

	control_close(r->control);
	report_look(&r->report);
	now->results_lost = now->results - now->output.written; /* wherever they wait or were lost */
	screen_end();
	screen_say(LEVEL_ERROR, "anyscan-pipe: left at once: %llu of %llu results are written",
		   (unsigned long long)now->output.written, (unsigned long long)now->results);
	checkpointing_hint(&r->checkpoints, r->code);
	report_finish(&r->report, r->reason, r->code);
	_exit((int)r->code);
}

/* --max-runtime is of sending: a pause puts it off, for as long as it lasts. */
static uint64_t max_runtime_end(const struct run *r)
{
	if (r->stop_ns == UINT64_MAX || pipeline_paused(r->pipeline))
		return UINT64_MAX;
	return r->stop_ns + pipeline_paused_ns(r->pipeline);
}

static void loop(struct run *r)
{
	uint64_t next, due, stop_ns;

	while ((r->state = pipeline_advance(r->pipeline, &next)) != PIPELINE_DONE) {
		stop_ns = max_runtime_end(r);
		if (r->state == PIPELINE_SENDING && clock_mono_ns() >= stop_ns) {
			r->stop_ns = stop_ns = UINT64_MAX;
			run_end_early(r, "max_runtime", EXIT_DONE);
			pipeline_stop(r->pipeline);
		}
		if (r->state == PIPELINE_SENDING && stop_ns < next)
			next = stop_ns;
		if (r->report.output_error == 0 && pipeline_output(r->pipeline).error != 0) {
			report_look(&r->report);
			run_check_outputs(r);
			continue;
		}
		if (clock_mono_ns() >= r->exit_ns)
			leave(r);
		next = r->exit_ns < next ? r->exit_ns : next;
		due = checkpointing_step(&r->checkpoints);
		if (r->report.output_error == 0 && r->checkpoints.output_error != 0) {
			r->report.output_error = r->checkpoints.output_error;
			run_check_outputs(r);
			continue;
		}
		next = due < next ? due : next;
		due = auto_pace_step(&r->pace);
		next = due < next ? due : next;
		wait_for_events(r, next);
	}
}

/* What the counters say when everything is quiet. */
static void conclude(struct run *r, struct error *e)
{
	const int failed = pipeline_failed(r->pipeline), closed = scan_close_output(r->scan);

	report_look(&r->report);
	if (r->report.output_error == 0)
		r->report.output_error = closed;
	report_tick(&r->report);
	run_check_outputs(r);
	run_check_rules(r);
	if (r->reason == NULL)
		r->reason = report_natural_end(&r->report);
	if (failed < 0) {
		error_set(e, failed, "a thread could not start its stages: %s", strerror(-failed));
		run_end_early(r, "host_failed", EXIT_HOST);
	} else if (r->report.now.results_lost > 0) {
		run_end_early(r, "output_failed", EXIT_RESULTS);
	}
	screen_end();
}

static void finish(struct run *r, struct error *e)
{
	conclude(r, e);
	r->code =
		checkpointing_end(&r->checkpoints, r->failed_ns != 0 || r->report.output_error != 0, r->code);
	report_look(&r->report); /* files that have appeared with the last checkpoint */
	r->code = report_finish(&r->report, r->reason, r->code);
	if (!r->scan->config->quiet || r->scan->config->log_file != NULL)
		report_summary(&r->report);
	report_losses(&r->report);
}

/* The threads inherit what is left of our rights. */
static enum exit_code start(struct run *r, struct error *e)
{
	enum exit_code code;

	if (pipeline_open(&r->scan->options, &r->pipeline, e) != 0)
		return scan_not_opened(r->scan, e);
	report_opened(r->scan, r->pipeline);
	scan_profile_mode(r->scan, r->pipeline);
	code = scan_mark_answered(r->scan, r->pipeline, e);
	if (code == EXIT_DONE)
		code = scan_exclude_again(r->scan, r->pipeline, e);
	if (code != EXIT_DONE)
		return code;
	if (scan_confine(r->scan, e) != 0)
		return EXIT_HOST;
	/* with the rights that later ones will be written with */
	code = checkpointing_begin(&r->checkpoints, r->scan, r->pipeline, e);
	if (code != EXIT_DONE)
		return code;
	return pipeline_run(r->pipeline, e) == 0 ? EXIT_DONE : EXIT_HOST;
}

/* What may still fail once the metadata say that the scan has begun. */
static enum exit_code begin(struct run *r, struct error *e)
{
	enum exit_code code = scan_clear_output(r->scan, e);

	if (code == EXIT_DONE) {
		report_announce(r->scan);
		code = start(r, e);
	}
	if (code != EXIT_DONE)
		return report_finish(&r->report, code == EXIT_INPUT ? "input_failed" : "host_failed", code);
	r->report.pipeline = r->pipeline;
	r->report.pace = &r->pace;
	if (r->scan->config->rate.range.ceiling > 0)
		auto_pace_start(&r->pace, r->pipeline, r->scan->config->rate.range);
	return EXIT_DONE;
}

static int checkpoint_now(void *arg, struct error *e)
{
	return checkpointing_now(&((struct run *)arg)->checkpoints, e);
}

static int listen_to_requests(struct run *r, struct error *e)
{
	const struct control_actor actor = { .answer = controlled_answer,
					     .settled = controlled_settled,
					     .arg = &r->controlled };

	r->controlled = (struct controlled){ .report = &r->report,
					     .stop = stop,
					     .checkpoint = r->scan->config->checkpoint_file != NULL ?
								   checkpoint_now :
								   NULL,
					     .arg = r };
	return control_open(r->scan->config->control_socket, &actor, &r->control, e);
}

enum exit_code scan_run(struct scan *s, struct error *e)
{
	struct run r = { .scan = s,
			 .report = { .scan = s, .status_file.fd = -1, .metadata_held = -1 },
			 .events = { .signals = -1, .timer = -1 },
			 .rules = { .min_hitrate = s->config->min_hitrate,
				    .max_send_failures = s->config->max_send_failures },
			 .stop_ns = UINT64_MAX,
			 .exit_ns = UINT64_MAX,
			 .code = EXIT_DONE };
	enum exit_code code = EXIT_HOST;

	/* before the metadata: who sees them may send a signal, and it must find us ready */
	if (events_open(&r.events, report_has_files(s), e) != 0) {
		report_refused(s);
		goto out;
	}
	/* before any file of a scan that this socket may belong to is touched */
	if (s->config->control_socket != NULL && listen_to_requests(&r, e) != 0) {
		code = EXIT_INPUT;
		goto out;
	}
	code = report_open(&r.report, s, e);
	if (code == EXIT_DONE)
		code = begin(&r, e);
	if (code != EXIT_DONE)
		goto out;
	scan_leave_pollers(pipeline_plan(r.pipeline));
	events_start_timer(&r.events);
	if (s->config->max_runtime > 0)
		r.stop_ns = clock_mono_ns() + (uint64_t)(s->config->max_runtime * 1e9);
	loop(&r);
	finish(&r, e);
	code = r.code;
out:
	checkpointing_free(&r.checkpoints);
	pipeline_destroy(r.pipeline);
	events_close(&r.events);
	control_close(r.control);
	report_close(&r.report);
	return code;
}
