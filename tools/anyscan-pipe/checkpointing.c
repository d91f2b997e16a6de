/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Each interval: what is not settled is noted, and when a note has become old enough that its replies have had their
 * time, the output is waited for and synchronised, and only then the note becomes what the checkpoint says. When
 * records were lost, or results are no longer taken (--max-results), nothing more is committed: whoever resumes
 * asks those targets again.
 */
#include "tools/anyscan-pipe/checkpointing.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "anyscan/clock.h"
#include "stages/sink/sync.h"
#include "tools/anyscan-pipe/screen.h"

#define MARGIN_NS \
	100000000ULL /* what the kernel holds back of a reply that is there: a block of a ring, until it retires */
#define FLUSH_LOOK_NS 2000000ULL
#define LEASE_NS 200000ULL /* a gen that leases does so for less, unless it is off its CPU */
#define LEASE_TRIES 100
#define YEAR_S 31557600.0
#define LEASED_AHEAD (1ULL << 27) /* exponents to the next checkpoint, at first; more make it come early */

static uint64_t interval_ns(const struct checkpointing *c)
{
	const double s = c->scan->config->checkpoint_interval;

	return (uint64_t)((s < YEAR_S ? s : YEAR_S) * 1e9);
}

static uint64_t cooldown_ns(const struct scan *s)
{
	const double seconds = s->options.cooldown_s;

	return s->ops->rx_receive == NULL ? 0 : (uint64_t)((seconds < YEAR_S ? seconds : YEAR_S) * 1e9);
}

static double send_seconds(const struct pipeline_stats *now)
{
	return (double)pipeline_sending_ns(now) / 1e9;
}

/* Of a row of files. Returns the bytes that the checkpoint vouches for, or negative errno. */
static int64_t describe_row(struct checkpointing *c, struct output_row *row)
{
	int64_t bytes = output_files_row(c->scan->output_files, row);

	for (size_t i = 0; i < row->nfiles; i++)
		bytes += (int64_t)row->file[i].bytes;
	return bytes;
}

/* What the checkpoint on disk vouches for. A name that fails is tried again after the next. */
static void name_files(struct checkpointing *c)
{
	const int rc = output_files_appear(c->scan->output_files);

	if (rc < 0 && c->unnamed == 0)
		screen_say(LEVEL_WARNING,
			   "--output-file %s: a file that is complete cannot take its name: %s",
			   c->scan->config->output_file, strerror(-rc));
	c->unnamed = rc;
}

/*
 * Twice what was leased since the last one, where that is more: a scan that is too fast for LEASED_AHEAD finds the
 * interval that was asked for after a few early ones.
 */
static void look_ahead(struct checkpointing *c)
{
	const uint64_t twice = 2 * (c->now.progress - c->progress);

	if (c->progress > 0 && c->ahead < twice)
		c->ahead = twice;
}

static int write_now(struct checkpointing *c, struct error *e)
{
	const struct scan *s = c->scan;
	struct output_files *files = s->output_files;
	struct output_row row;
	const uint64_t leased = pipeline_exponent(c->pipeline, c->ahead);
	const int64_t in_row = files != NULL ? describe_row(c, &row) : 0;
	const struct checkpoint *from = &s->resume->from;
	const bool resumed = from->memory != NULL;
	struct checkpoint_option option[s->config->ntyped + 1];
	int rc;
	struct checkpoint next = {
		.version = ANYSCAN_VERSION,
		.argv = resumed ? from->argv : (const char *const *)s->argv,
		.argc = resumed ? from->argc : (size_t)s->argc,
		.options = option,
		.noptions = s->config->ntyped,
		.digest = s->digest,
		.targets = domain_size(s->domain),
		.seed = s->options.seed,
		.shard = s->options.shard,
		.shards = s->options.shards,
		.probes = s->options.probes,
		.exponents = pipeline_shard(c->pipeline),
		.written_ns = clock_real_ns(),
		.runs = from->runs + 1,
		.finished = c->commit.committed.parts == 0,
		.remaining = c->commit.committed.part,
		.nremaining = c->commit.committed.parts,
		.probes_committed = from->probes_committed + c->commit.committed.probes,
		.output_file = s->output_path,
		.output_module = s->options.output.module->name,
		.output_bytes = files != NULL ? (uint64_t)in_row : c->output_committed,
		.settled = c->settled.at,
		.leased = leased,
		.row = files != NULL ? &row : NULL,
		.totals = s->earlier,
		.send_seconds = from->send_seconds + send_seconds(&c->now),
	};

	if (in_row < 0)
		return error_set(e, (int)in_row, "--checkpoint-file %s: out of memory",
				 s->config->checkpoint_file);
	for (size_t i = 0; i < s->config->ntyped; i++)
		option[i] = (struct checkpoint_option){ s->config->typed[i].name, s->config->typed[i].value };
	next.exclusions = pipeline_exclusions(c->pipeline, &next.nexclusions);
	checkpoint_add(&next.totals, &c->now);
	rc = checkpoint_write(s->config->checkpoint_file, &next, e);
	if (rc == 0) {
		c->leased_max = leased;
		c->progress = c->now.progress;
	}
	if (rc == 0 && files != NULL)
		name_files(c);
	return rc;
}

/* While the scan runs: it goes on without, and the file is what it was. */
static void write_or_say(struct checkpointing *c)
{
	struct error e;
	int rc;

	pipeline_counters(c->pipeline, &c->now);
	look_ahead(c);
	rc = write_now(c, &e);
	if (rc == 0 || c->error != 0)
		return;
	c->error = rc;
	screen_say(LEVEL_WARNING, "%s; the scan goes on, and the checkpoint is an old one", e.text);
}

/* Returns how many parts, or negative errno. */
static int look(struct checkpointing *c, uint64_t *probes)
{
	int n = -EAGAIN;

	for (int i = 0; i < LEASE_TRIES && n == -EAGAIN; i++) {
		n = pipeline_remaining(c->pipeline, c->part, probes);
		if (n == -EAGAIN)
			sched_yield();
	}
	return n;
}

/* Targets that had a probe, and may have answered it, get another. */
static bool some_again(const struct remaining *left)
{
	for (size_t i = 0; i < left->parts; i++)
		if (left->part[i].pass > 0)
			return true;
	return false;
}

/*
 * How much of the output no later run needs, now that more is committed. at: what is on disk, as it was before now.
 * all: all that this run has asked is committed.
 */
static void settle(struct checkpointing *c, struct sink_position at, bool all)
{
	const struct remaining *left = &c->commit.committed;
	const uint64_t front = left->parts > 0 ? left->part[0].first : UINT64_MAX;
	const uint64_t cursor = pipeline_exponent(c->pipeline, 0);
	const struct scan *s = c->scan;

	all = all && !some_again(left);
	at.bytes += s->output_bytes;
	at.records += s->output_records;
	at.successes += s->output_successes;
	c->output_committed = at.bytes;
	if (s->output_files != NULL) {
		output_files_mark(s->output_files, cursor);
		output_files_commit(s->output_files, front, all);
		return;
	}
	settled_note(&c->settled, &at, cursor, false);
	settled_take(&c->settled, front, all);
}

static void commit_flushed(struct checkpointing *c)
{
	const struct sink_position at = pipeline_written(c->pipeline);
	struct output_files *files = c->scan->output_files;
	const int rc = files != NULL ? output_files_sync(files) : file_sync(c->scan->options.output.fd);

	if (rc < 0 && c->output_error == 0)
		c->output_error = rc;
	if (c->output_error == 0 && pipeline_results_whole(c->pipeline)) {
		commit_take(&c->commit, c->flushing_ns);
		settle(c, at, false);
	}
}

/* A scan that is that fast writes a checkpoint before its time. */
static bool leased_too_much(const struct checkpointing *c)
{
	return c->leased_max != UINT64_MAX && pipeline_exponent(c->pipeline, 0) > c->leased_max;
}

uint64_t checkpointing_step(struct checkpointing *c)
{
	const uint64_t now = c->scan != NULL ? clock_mono_ns() : 0;
	uint64_t probes;
	int n;

	if (c->scan == NULL)
		return UINT64_MAX;
	if (c->flushing_ns == 0) {
		if (now < c->next_ns && !leased_too_much(c))
			return c->next_ns;
		n = look(c, &probes);
		if (n == -EAGAIN)
			return now + LEASE_NS;
		c->next_ns = now + interval_ns(c);
		commit_note(&c->commit, now, c->part, (size_t)n, probes);
		if (commit_due(&c->commit, now)) {
			c->flushing_ns = now;
			pipeline_flush_start(c->pipeline);
		}
	}
	if (c->flushing_ns != 0) {
		if (!pipeline_flushed(c->pipeline))
			return now + FLUSH_LOOK_NS;
		commit_flushed(c);
		c->flushing_ns = 0;
	}
	write_or_say(c);
	return c->next_ns;
}

int checkpointing_now(struct checkpointing *c, struct error *e)
{
	c->next_ns = 0;
	pipeline_counters(c->pipeline, &c->now);
	return write_now(c, e);
}

/* What an earlier run has written may be of any target that it may have leased. */
static void take_settled(struct checkpointing *c)
{
	const struct scan *s = c->scan;
	const struct checkpoint *from = &s->resume->from;
	const struct sink_position end = { .bytes = s->output_bytes,
					   .records = s->output_records,
					   .successes = s->output_successes };

	if (from->memory == NULL || s->output_files != NULL)
		return;
	c->settled.at = from->settled;
	if (end.bytes > from->settled.bytes)
		settled_note(&c->settled, &end, from->leased, true);
}

enum exit_code checkpointing_begin(struct checkpointing *c, const struct scan *s, struct pipeline *p,
				   struct error *e)
{
	uint64_t probes;
	int n;

	*c = (struct checkpointing){ .scan = NULL };
	if (s->config->checkpoint_file == NULL)
		return EXIT_DONE;
	*c = (struct checkpointing){ .scan = s,
				     .pipeline = p,
				     .output_committed = s->output_bytes,
				     .ahead = LEASED_AHEAD,
				     .part = calloc(pipeline_parts_max(p), sizeof(*c->part)) };
	take_settled(c);
	n = c->part != NULL ? pipeline_remaining(p, c->part, &probes) : -ENOMEM;
	if (n >= 0)
		n = commit_init(&c->commit, cooldown_ns(s) + (s->ops->rx_receive != NULL ? MARGIN_NS : 0),
				c->part, (size_t)n);
	if (n < 0) {
		error_set(e, n, "out of memory for the checkpoint");
		return EXIT_HOST;
	}
	c->next_ns = clock_mono_ns() + interval_ns(c);
	/* what was read back may still be in memory alone */
	n = s->output_bytes > 0 && s->output_files == NULL ? file_sync(s->options.output.fd) : 0;
	if (n < 0) {
		error_set(e, n, "--output-file %s: %s", s->config->output_file, strerror(-n));
		return EXIT_INPUT;
	}
	return write_now(c, e) == 0 ? EXIT_DONE : EXIT_INPUT;
}

/* Everything is quiet: what is settled now had its time if the cooldown was awaited, else what had it before. */
static void commit_last(struct checkpointing *c)
{
	const struct pipeline_stats *now = &c->now;
	struct remaining *done = &c->commit.committed;
	uint64_t probes;
	int n;

	commit_take(&c->commit, now->receive_end_ns);
	settle(c, pipeline_written(c->pipeline), false);
	if (now->send_end_ns == 0 || now->receive_end_ns < now->send_end_ns + cooldown_ns(c->scan))
		return;
	n = look(c, &probes);
	if (n < 0)
		return;
	free(done->part);
	*done = (struct remaining){ .probes = probes, .parts = (size_t)n, .part = c->part };
	c->part = NULL;
	settle(c, pipeline_written(c->pipeline), true);
}

void checkpointing_hint(const struct checkpointing *c, enum exit_code code)
{
	if (c->scan != NULL && c->commit.committed.parts > 0)
		screen_say(code == EXIT_DONE ? LEVEL_NOTICE : LEVEL_ERROR,
			   "not finished; resume with: anyscan-pipe --resume %s%s",
			   c->scan->config->checkpoint_file, stdin_again(c->scan->config));
}

enum exit_code checkpointing_end(struct checkpointing *c, bool failed, enum exit_code code)
{
	struct error e;

	if (c->scan == NULL)
		return code;
	pipeline_counters(c->pipeline, &c->now);
	if (!failed && pipeline_results_whole(c->pipeline))
		commit_last(c);
	if (write_now(c, &e) != 0) {
		screen_say(LEVEL_ERROR, "anyscan-pipe: %s; the checkpoint is an old one", e.text);
		code = code == EXIT_DONE || code == EXIT_INTERRUPTED ? EXIT_RESULTS : code;
	}
	if (c->unnamed < 0 && (code == EXIT_DONE || code == EXIT_INTERRUPTED))
		code = EXIT_RESULTS;
	checkpointing_hint(c, code);
	return code;
}

void checkpointing_free(struct checkpointing *c)
{
	commit_fini(&c->commit);
	free(c->part);
	*c = (struct checkpointing){ .scan = NULL };
}
