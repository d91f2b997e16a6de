/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/report.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "anyscan/clock.h"
#include "stages/sink/metadata.h"
#include "stages/sink/status.h"
#include "tools/anyscan-pipe/screen.h"

#ifndef ANYSCAN_VERSION
#define ANYSCAN_VERSION "unknown"
#endif
#define READINGS_MAX 128
#define STAGES_MAX 1024

static struct status_input status_of(const struct report *r)
{
	const struct scan *s = r->scan;

	return (struct status_input){
		.now = &r->now,
		.before = r->looked ? &r->before : NULL,
		.probes = s->options.probes,
		.cooldown_s = s->ops->rx_receive != NULL ? s->options.cooldown_s : 0,
		.max_runtime_s = s->config->max_runtime,
		.max_results = s->options.max_results,
		.send_threads = pipeline_plan(r->pipeline)->count[PLAN_TX],
		.real_time_ns = clock_real_ns(),
	};
}

void report_look(struct report *r)
{
	pipeline_stats(r->pipeline, &r->now);
}

void report_tick(struct report *r)
{
	const struct status_input in = status_of(r);
	char text[2048];

	status_line(&in, text, sizeof(text));
	screen_status(text);
	if (r->status_file != NULL) {
		if (r->scan->config->status_format == STATUS_JSON)
			status_json_row(&in, text, sizeof(text));
		else
			status_csv_row(&in, text, sizeof(text));
		fputs(text, r->status_file);
		fflush(r->status_file);
	}
	r->before = r->now;
	r->looked = true;
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

enum exit_code report_metadata(struct report *r, struct error *e)
{
	const struct scan *s = r->scan;
	const struct pipeline_stats *now = &r->now;
	struct gathered *g;
	struct metadata m = {
		.version = ANYSCAN_VERSION,
		.argc = s->argc,
		.argv = s->argv,
		.seed = s->options.seed,
		.shard = s->options.shard,
		.shards = s->options.shards,
		.domain_digest = s->digest,
		.targets_total = domain_size(s->domain),
		.targets_excluded = s->excluded,
		.io_engine = s->ops->name,
		.plan = s->plan,
		.rate = s->options.rate,
		.cooldown_s = s->options.cooldown_s,
		.send_start_ns = r->send_start_ns,
		.stats = now,
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
	if (now->send_end_ns != 0)
		m.send_end_ns = r->send_start_ns + (now->send_end_ns - now->start_ns);
	gather(r, g, &m);
	rc = metadata_rewrite(s->config->metadata_file, r->metadata_held, &m, e);
	free(g);
	return rc == 0 ? EXIT_DONE : EXIT_INPUT;
}

enum exit_code report_open(struct report *r, const struct scan *s, struct error *e)
{
	const char *path = s->config->status_file;
	char header[1024];
	enum exit_code code;

	*r = (struct report){ .scan = s, .send_start_ns = clock_real_ns(), .metadata_held = -1 };
	if (path != NULL) {
		/* not blocking: who does not read a named pipe holds up neither the start nor the signals */
		const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK | O_CLOEXEC, 0644);

		r->status_file = fd >= 0 ? fdopen(fd, "w") : NULL;
		if (r->status_file == NULL) {
			error_set(e, -errno, "--status-updates-file %s: %s%s", path, strerror(errno),
				  errno == ENXIO ? "; nobody reads this pipe" : "");
			return EXIT_INPUT;
		}
		if (s->config->status_format == STATUS_CSV) {
			status_csv_header(header, sizeof(header));
			fputs(header, r->status_file);
		}
	}
	code = report_metadata(r, e);
	if (code == EXIT_DONE && s->config->metadata_file != NULL)
		r->metadata_held = metadata_hold(s->config->metadata_file);
	return code;
}

void report_close(struct report *r)
{
	if (r->metadata_held >= 0)
		close(r->metadata_held);
	r->metadata_held = -1;
	if (r->status_file != NULL)
		fclose(r->status_file);
	r->status_file = NULL;
}

/* "12 cookie, 3 port", what is not zero. */
static void list_counts(char *buf, size_t size, const uint64_t *count, const char *const *name,
			unsigned int first, unsigned int n)
{
	size_t used = 0;

	snprintf(buf, size, "none");
	for (unsigned int i = first; i < n && used < size; i++)
		if (count[i] != 0)
			used += (size_t)snprintf(buf + used, size - used, "%s%llu %s", used > 0 ? ", " : "",
						 (unsigned long long)count[i], name[i]);
}

static void summarise_replies(const struct report *r)
{
	const struct pipeline_stats *n = &r->now;
	const char *path = r->scan->config->output_file;
	char list[512];

	list_counts(list, sizeof(list), n->class, reply_class_names, 0, REPLY_CLASSES);
	screen_say(LEVEL_NOTICE, "replies: %s; %llu duplicates%s", list, (unsigned long long)n->duplicates,
		   n->dedup_exact ? "" : " (duplicate detection was not exact)");
	list_counts(list, sizeof(list), n->rejects, reject_names, REJECT_NONE + 1, REJECT_CAUSES);
	screen_say(LEVEL_NOTICE, "rejected: %s; drops: %llu", list, (unsigned long long)n->drops);
	screen_say(LEVEL_NOTICE, "results: %llu to %s", (unsigned long long)n->output.written,
		   path != NULL ? path : "standard output");
}

static void summarise_stages(struct report *r)
{
	struct stage_stats stage[64];
	const size_t n = pipeline_stage_stats(r->pipeline, stage, 64);

	for (size_t i = 0; i < n; i++)
		screen_say(LEVEL_DETAIL, "%s%u: %llu items, %.1f%% busy, %llu stalls, %llu starves",
			   stage[i].name, stage[i].index, (unsigned long long)stage[i].items,
			   100 * stage[i].busy, (unsigned long long)stage[i].stalled,
			   (unsigned long long)stage[i].starved);
}

void report_summary(struct report *r)
{
	const struct pipeline_stats *n = &r->now;
	const uint64_t end = n->send_end_ns != 0 ? n->send_end_ns : n->now_ns;
	const double seconds = end > n->start_ns ? (double)(end - n->start_ns) / 1e9 : 0;
	char rate[STATUS_RATE_MAX];

	screen_say(LEVEL_NOTICE, "sent: %llu probes in %.2f s (%s), %llu refused sends repeated",
		   (unsigned long long)n->sent, seconds,
		   status_rate(seconds > 0 ? (double)n->sent / seconds : 0, rate),
		   (unsigned long long)n->refused);
	if (n->abandoned > 0)
		screen_say(LEVEL_NOTICE, "not sent: %llu probes that the wire did not take before the stop",
			   (unsigned long long)n->abandoned);
	if (n->unresolved > 0)
		screen_say(LEVEL_NOTICE,
			   "not sent: %llu probes to targets on the link that do not answer ARP",
			   (unsigned long long)n->unresolved);
	if (r->scan->ops->rx_receive != NULL)
		summarise_replies(r);
	if (n->results_lost > 0)
		screen_say(LEVEL_ERROR, "%llu results were lost", (unsigned long long)n->results_lost);
	summarise_stages(r);
}
