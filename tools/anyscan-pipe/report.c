/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/report.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "anyscan/clock.h"
#include "stages/sink/metadata.h"
#include "stages/sink/status.h"
#include "tools/anyscan-pipe/log_file.h"
#include "tools/anyscan-pipe/screen.h"

#define READINGS_MAX 128
#define STAGES_MAX 1024

static struct status_input status_of(const struct report *r)
{
	const struct scan *s = r->scan;

	return (struct status_input){
		.now = &r->now,
		.before = r->looks > 0 ? &r->before : NULL,
		.probes = s->options.probes,
		.spacing_s = (double)s->options.spacing_ns / 1e9,
		.cooldown_s = s->ops->rx_receive != NULL ? s->options.cooldown_s : 0,
		.max_runtime_s = s->config->max_runtime,
		.max_results = s->options.max_results,
		.send_threads = pipeline_plan(r->pipeline)->count[PLAN_TX],
		.real_time_ns = clock_real_ns(),
	};
}

/* A pipe says so before the next result does, which a scan that finds little may not write for an hour. */
static bool reader_gone(const struct report *r)
{
	struct pollfd fd = { .fd = r->scan->options.output.fd };

	return r->scan->ops->rx_receive != NULL && !r->scan->options.output.own_file &&
	       r->now.state < PIPELINE_DRAINING && r->now.results < r->scan->options.max_results &&
	       poll(&fd, 1, 0) > 0 && (fd.revents & (POLLERR | POLLHUP)) != 0;
}

void report_look(struct report *r)
{
	pipeline_stats(r->pipeline, &r->now);
	r->now.limit = auto_pace_limit(r->pace, r->now.limit);
	if (r->output_error == 0)
		r->output_error = r->now.output.error;
	if (r->output_error == 0 && reader_gone(r))
		r->output_error = -EPIPE;
	if (r->output_error == 0 && scan_output_removed(r->scan))
		r->output_error = -ENOENT;
}

void report_tick(struct report *r)
{
	const struct status_input in = status_of(r);
	char text[2048];
	int n;

	status_line(&in, text, sizeof(text));
	screen_status(text);
	if (r->scan->config->status_format == STATUS_JSON)
		n = status_json_row(&in, text, sizeof(text));
	else
		n = status_csv_row(&in, text, sizeof(text));
	side_file_write(&r->status_file, text, (size_t)n);
	r->earlier = r->before;
	r->before = r->now;
	r->looks += r->looks < 2;
}

void report_status(const struct report *r, char *text, size_t size)
{
	struct report fresh = *r;
	struct status_input in;

	pipeline_stats(fresh.pipeline, &fresh.now);
	fresh.now.limit = auto_pace_limit(r->pace, fresh.now.limit);
	in = status_of(&fresh);
	/* a rate of less than half a second says little */
	if (in.before != NULL && fresh.now.now_ns - in.before->now_ns < NS_PER_S / 2)
		in.before = fresh.looks > 1 ? &fresh.earlier : NULL;
	status_json_row(&in, text, size);
}

uint64_t report_write_errors(struct report *r)
{
	struct reading readings[READINGS_MAX];
	uint64_t errors = 0;

	if (r->scan->ops->needs_interface)
		return 0;
	for (unsigned int i = 0; i < r->scan->options.nports; i++) {
		const size_t n = pipeline_readings(r->pipeline, i, readings, READINGS_MAX);

		for (size_t k = 0; k < n; k++)
			if (strcmp(readings[k].name, "write_errors") == 0)
				errors += readings[k].value;
	}
	return errors;
}

/* Large and short-lived: on the heap of the caller's frame it would be half a megabyte. */
struct gathered {
	struct stage_stats stage[STAGES_MAX];
	struct edge_stats edge[STAGES_MAX];
	struct metadata_interface interface[PIPELINE_PORTS_MAX];
	struct reading before[PIPELINE_PORTS_MAX][READINGS_MAX], after[PIPELINE_PORTS_MAX][READINGS_MAX];
};

static void gather(struct report *r, struct gathered *g, struct metadata *m)
{
	const struct scan *s = r->scan;

	m->interfaces = g->interface;
	m->ninterfaces = s->options.nports;
	for (unsigned int i = 0; i < s->options.nports; i++) {
		struct metadata_interface *interface = &g->interface[i];

		interface->name = s->port[i].link.name;
		interface->before = g->before[i];
		interface->after = g->after[i];
		interface->down_s = link_watch_down_s(&r->links, i, clock_mono_ns());
		if (r->pipeline == NULL)
			continue;
		interface->mode = pipeline_io_mode(r->pipeline, i);
		interface->befores = pipeline_readings_before(r->pipeline, i, g->before[i], READINGS_MAX);
		interface->afters = pipeline_readings(r->pipeline, i, g->after[i], READINGS_MAX);
	}
	if (r->pipeline == NULL)
		return;
	m->stages = g->stage;
	m->nstages = pipeline_stage_stats(r->pipeline, g->stage, STAGES_MAX);
	m->edges = g->edge;
	m->nedges = pipeline_edge_stats(r->pipeline, g->edge, STAGES_MAX);
}

/* Returns how many. */
static size_t write_errors(const struct report *r, struct metadata_write_error out[3])
{
	const struct side_file *files[] = { &r->status_file, log_file_state() };
	size_t n = 0;

	if (r->output_error != 0)
		out[n++] = (struct metadata_write_error){ "output-file", strerror(-r->output_error) };
	for (size_t i = 0; i < 2; i++)
		if (files[i] != NULL && files[i]->error != 0)
			out[n++] = (struct metadata_write_error){ files[i]->option, side_file_why(files[i]) };
	return n;
}

static enum exit_code write_metadata(struct report *r, struct error *e)
{
	const struct scan *s = r->scan;
	const struct pipeline_stats *now = &r->now;
	struct pipeline_stats all = *now; /* of every run */
	struct metadata_write_error errors[3];
	struct gathered *g;
	struct metadata m = {
		.version = ANYSCAN_VERSION,
		.argc = s->argc,
		.argv = s->argv,
		.notes = s->config->remark,
		.seed = s->options.seed,
		.shard = s->options.shard,
		.shards = s->options.shards,
		.domain_digest = s->digest,
		.targets_total = s->domain != NULL ? domain_size(s->domain) : 0,
		.targets_excluded = s->excluded,
		.io_engine = s->ops->name,
		.io_engine_why = s->engine_why.text[0] != '\0' ? s->engine_why.text : NULL,
		.plan = s->plan,
		.rate = s->options.rate,
		.cooldown_s = s->options.cooldown_s,
		.probes = s->options.probes,
		.spacing_s = s->config->probe_spacing,
		.probe_module = s->options.module->name,
		.rst = s->options.rst,
		.send_start_ns = r->send_start_ns,
		.runs = s->resume->from.runs + 1,
		.earlier_send_s = s->resume->from.send_seconds,
		.stats = &all,
		.output_row = scan_rotates(s) ? s->config->output_file : NULL,
		.write_errors = errors,
		.nwrite_errors = write_errors(r, errors),
		.end_reason = r->end_reason,
		.exit_code = r->exit_code,
	};
	int rc;

	if (s->config->metadata_file == NULL)
		return EXIT_DONE;
	g = calloc(1, sizeof(*g));
	if (g == NULL) {
		error_set(e, -ENOMEM, "out of memory");
		return EXIT_HOST;
	}
	if (r->pace != NULL && r->pace->history.count > 0) {
		m.rate = pipeline_rate(r->pipeline);
		m.auto_rate = &r->pace->rate;
		m.auto_history = &r->pace->history;
	}
	checkpoint_add(&all, &s->earlier);
	if (now->send_end_ns != 0)
		m.send_end_ns = r->send_start_ns + (now->send_end_ns - now->start_ns);
	gather(r, g, &m);
	if (r->pipeline != NULL)
		m.exclusions = pipeline_exclusions(r->pipeline, &m.nexclusions);
	rc = metadata_rewrite(s->config->metadata_file, r->metadata_held, &m, e);
	free(g);
	return rc == 0 ? EXIT_DONE : EXIT_INPUT;
}

const char *report_natural_end(const struct report *r)
{
	const struct pipeline_options *o = &r->scan->options;
	const struct pipeline_stats *now = &r->now;

	if (now->results >= o->max_results)
		return "max_results";
	/* a resumed scan may have less left than its limit allows */
	return o->max_targets < domain_size(o->domain) / o->shards &&
			       now->sent + now->spared + now->unresolved + now->excluded + now->abandoned >=
				       o->max_targets * o->probes ?
		       "max_targets" :
		       "completed";
}

enum exit_code report_finish(struct report *r, const char *reason, enum exit_code code)
{
	struct error why;

	side_file_close(&r->status_file);
	r->end_reason = reason;
	r->exit_code = code;
	if (write_metadata(r, &why) == EXIT_DONE)
		return code;
	screen_say(LEVEL_ERROR, "anyscan-pipe: %s", why.text);
	return code == EXIT_DONE ? EXIT_RESULTS : code;
}

void report_refused(const struct scan *s)
{
	struct report r = { .scan = s, .status_file.fd = -1, .metadata_held = -1 };

	report_finish(&r, "host_failed", EXIT_HOST);
}

static void write_header(struct report *r)
{
	char header[1024];

	if (r->scan->config->status_format == STATUS_CSV)
		side_file_write(&r->status_file, header, (size_t)status_csv_header(header, sizeof(header)));
}

bool report_has_files(const struct scan *s)
{
	return s->config->log_file != NULL || s->config->status_file != NULL;
}

void report_reopen(struct report *r)
{
	log_file_reopen();
	if (side_file_reopen(&r->status_file))
		write_header(r);
	screen_say(LEVEL_NOTICE, "SIGHUP: log and status files are opened again");
}

enum exit_code report_open(struct report *r, const struct scan *s, struct error *e)
{
	const char *path = s->config->status_file;
	enum exit_code code = EXIT_DONE;

	*r = (struct report){
		.scan = s, .send_start_ns = clock_real_ns(), .status_file.fd = -1, .metadata_held = -1
	};
	if (path != NULL)
		code = side_file_open(&r->status_file, "status-updates-file", path, O_TRUNC, e);
	if (code == EXIT_DONE)
		write_header(r);
	if (code == EXIT_DONE)
		code = write_metadata(r, e);
	if (code == EXIT_DONE && s->config->metadata_file != NULL)
		r->metadata_held = metadata_hold(s->config->metadata_file);
	return code;
}

void report_close(struct report *r)
{
	if (r->metadata_held >= 0)
		close(r->metadata_held);
	r->metadata_held = -1;
	side_file_close(&r->status_file);
}
