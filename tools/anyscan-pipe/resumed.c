/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What --checkpoint-file asks of a scan, and what a resumed one takes over: the parts that remain, and from the output
 * file who has answered already, so that the file as a whole has every responder once.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "anyscan/clock.h"
#include "tools/anyscan-pipe/resumed_row.h"
#include "tools/anyscan-pipe/scan.h"
#include "tools/anyscan-pipe/screen.h"

static bool resumed(const struct scan *s)
{
	return s->resume->from.memory != NULL;
}

static enum exit_code check_output_file(const struct scan *s, struct error *e)
{
	const char *path = s->config->output_file;
	struct stat st;

	if (path == NULL || strcmp(path, "-") == 0)
		error_set(
			e, -EINVAL,
			"--checkpoint-file needs results in a file, which a resumed scan goes on with: add -o FILE");
	else if (!scan_rotates(s) && stat(path, &st) == 0 && !S_ISREG(st.st_mode))
		error_set(
			e, -EINVAL,
			"--checkpoint-file needs results in a regular file, and --output-file %s is none; name "
			"another",
			path);
	else
		return EXIT_DONE;
	return EXIT_COMMAND;
}

/* The port of every target, or -1: there are several. */
static int only_port(const struct scan *s)
{
	return domain_pairs(s->domain) == 0 && domain_ports(s->domain) == 1 ? s->ports.port[0] : -1;
}

/* Whether nothing but successes comes through the filter, as far as can be told. */
static bool only_successes(const struct config *c)
{
	return strcmp(c->filter, option_find("output-filter")->initial) == 0;
}

static enum exit_code check_domain(const struct scan *s, struct error *e)
{
	const struct checkpoint *from = &s->resume->from;

	if (strcmp(from->digest, s->digest) == 0)
		return EXIT_DONE;
	error_set(
		e, -EINVAL,
		"the targets are not those of the checkpoint: %llu now, digest %s; %llu then, digest %s: a list of "
		"targets or exclusions, or this host's policy, has changed since; put it back, or start a new scan",
		(unsigned long long)domain_size(s->domain), s->digest, (unsigned long long)from->targets,
		from->digest);
	return EXIT_INPUT;
}

enum exit_code scan_checkpoint(struct scan *s, struct error *e)
{
	const struct config *c = s->config;
	enum exit_code code;

	if (c->checkpoint_file == NULL)
		return EXIT_DONE;
	if (c->task != TASK_SCAN && c->task != TASK_SHOW_PLAN) {
		error_set(e, -EINVAL,
			  "a dry run leaves nothing to resume; leave --checkpoint-file and --resume out");
		return EXIT_COMMAND;
	}
	code = check_output_file(s, e);
	if (code == EXIT_DONE && s->options.dedup != DEDUP_NONE &&
	    readback_init(&s->readback, &s->options.output, only_port(s), only_successes(c), e) != 0)
		code = EXIT_COMMAND;
	if (code == EXIT_DONE && resumed(s))
		code = check_domain(s, e);
	return code;
}

/* An output that two scans write is of use to neither. */
static enum exit_code own_output(struct scan *s, struct error *e)
{
	if (s->output_files != NULL)
		return row_own(s, e);
	s->output_path = realpath(s->config->output_file, NULL);
	if (s->output_path == NULL) {
		error_set(e, -errno, "--output-file %s: %s", s->config->output_file, strerror(errno));
		return EXIT_INPUT;
	}
	if (flock(s->output, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK) {
		error_set(
			e, -EWOULDBLOCK,
			"--output-file %s: another scan writes it, perhaps the one that is to be resumed; wait for "
			"its end, or stop it",
			s->config->output_file);
		return EXIT_INPUT;
	}
	return EXIT_DONE;
}

/* Nobody loses a scan without a word. */
static void warn_of_unfinished(const struct scan *s)
{
	struct checkpoint old;

	if (checkpoint_read(s->config->checkpoint_file, &old, NULL) != 0)
		return;
	if (!old.finished)
		screen_say(LEVEL_WARNING,
			   "%s is of a scan that is not finished; without --resume this one takes its place",
			   s->config->checkpoint_file);
	checkpoint_free(&old);
}

/* Everything that was sent was sent before; by a clock that was set back, just now. */
static uint64_t since_written(const struct checkpoint *from)
{
	const uint64_t now = clock_real_ns();

	return now > from->written_ns ? now - from->written_ns : 0;
}

/* Of the probes that the scan has, those that are left. */
static double share_left(const struct scan *s)
{
	const struct checkpoint *from = &s->resume->from;
	const double all = (double)(from->exponents.end - from->exponents.first) * from->probes;
	double left = 0;

	for (size_t i = 0; i < from->nremaining; i++)
		left += (double)(from->remaining[i].end - from->remaining[i].first) *
			(from->probes - from->remaining[i].pass);
	return left / all;
}

static enum exit_code take_parts(struct scan *s, struct error *e)
{
	const struct checkpoint *from = &s->resume->from;
	struct interval shard;
	struct walk walk;

	walk_init(&walk, domain_size(s->domain), s->options.seed);
	shard = walk_shard(&walk, s->options.shard, s->options.shards);
	if (shard.first != from->exponents.first || shard.end != from->exponents.end ||
	    s->options.probes != from->probes) {
		error_set(e, -EINVAL, "%s: the checkpoint is of another shard, or of other --probes",
			  s->config->checkpoint_file);
		return EXIT_INPUT;
	}
	s->options.remaining = from->remaining;
	s->options.nremaining = from->nremaining;
	s->options.spaced_ns = since_written(from);
	return EXIT_DONE;
}

/* How far it came, by what is there: counters of a run that was killed may be older than its records. */
static void take_counters(struct scan *s, const struct readback_result *found)
{
	struct pipeline_stats *earlier = &s->earlier;

	*earlier = s->resume->from.totals;
	earlier->results = earlier->output.written = found->records;
	if (only_successes(s->config))
		earlier->success = earlier->class[s->options.module->success] = found->records;
	else if (earlier->success < found->successes)
		earlier->success = found->successes;
}

static enum exit_code check_form(const struct scan *s, struct error *e)
{
	const bool row = s->resume->from.row != NULL;

	if (row == scan_rotates(s))
		return EXIT_DONE;
	error_set(e, -EINVAL,
		  row ? "the results of %s are in a row of files; name --rotate-size or --rotate-interval" :
			"the results of %s are in one file, and go on in it; leave --rotate-size and "
			"--rotate-interval out",
		  s->config->checkpoint_file);
	return EXIT_COMMAND;
}

static enum exit_code take_output(struct scan *s, struct error *e)
{
	const struct checkpoint *from = &s->resume->from;
	struct readback_result found = { .records = 0 };
	struct stat st;

	if (s->output_files != NULL) {
		const enum exit_code code = row_take(s, &found, e);

		take_counters(s, &found);
		return code;
	}
	if (fstat(s->output, &st) != 0) {
		error_set(e, -errno, "--output-file %s: %s", s->config->output_file, strerror(errno));
		return EXIT_INPUT;
	}
	found.bytes = (uint64_t)st.st_size;
	found.records = from->totals.output.written;
	if (s->options.dedup != DEDUP_NONE) {
		if (readback_file(&s->readback, s->config->output_file, s->output, from->settled.bytes,
				  from->output_bytes, NULL, NULL, &found, e) != 0)
			return EXIT_INPUT;
		found.records += from->settled.records;
		found.successes += from->settled.successes;
	}
	if (found.bytes < (uint64_t)st.st_size)
		screen_say(LEVEL_NOTICE, "%s: %llu bytes that are no whole record are cut off its end",
			   s->config->output_file, (unsigned long long)st.st_size - found.bytes);
	s->output_bytes = found.bytes;
	s->output_records = found.records;
	s->output_successes = found.successes;
	s->options.output.header &= found.bytes == 0;
	take_counters(s, &found);
	return EXIT_DONE;
}

/* Targets that had a first probe are owed further ones. */
static bool owes_probes(const struct checkpoint *from)
{
	for (size_t i = 0; i < from->nremaining; i++)
		if (from->remaining[i].pass > 0)
			return true;
	return false;
}

/* Limits are of the scan, not of a run. True: one is reached. */
static bool take_limits(struct scan *s)
{
	/* with spacing those of the first pass are counted */
	const uint64_t targets =
		s->resume->from.probes_committed / (s->options.spacing_ns > 0 ? 1 : s->options.probes);
	struct pipeline_options *o = &s->options;

	if (o->max_results != UINT64_MAX && s->output_records >= o->max_results) {
		screen_say(LEVEL_ERROR, "this scan has its --max-results %llu; to go on, name more",
			   (unsigned long long)o->max_results);
		return true;
	}
	if (o->max_targets != UINT64_MAX && targets >= o->max_targets && !owes_probes(&s->resume->from)) {
		screen_say(LEVEL_ERROR, "this scan has sent its --max-targets %llu; to go on, name more",
			   (unsigned long long)o->max_targets);
		return true;
	}
	if (o->max_results != UINT64_MAX)
		o->max_results -= s->output_records;
	if (o->max_targets != UINT64_MAX)
		o->max_targets -= targets < o->max_targets ? targets : o->max_targets;
	return false;
}

enum exit_code scan_resume(struct scan *s, bool *over, struct error *e)
{
	const struct checkpoint *from = &s->resume->from;
	enum exit_code code;

	*over = false;
	if (s->config->checkpoint_file == NULL || s->config->task != TASK_SCAN)
		return EXIT_DONE;
	code = own_output(s, e);
	if (code == EXIT_DONE && !resumed(s)) {
		warn_of_unfinished(s);
		stdin_note(s);
		return EXIT_DONE;
	}
	if (code == EXIT_DONE)
		code = check_form(s, e);
	if (code == EXIT_DONE)
		code = take_parts(s, e);
	if (code == EXIT_DONE)
		code = take_output(s, e);
	if (code != EXIT_DONE)
		return code;
	*over = take_limits(s);
	if (!*over)
		screen_say(LEVEL_NOTICE,
			   "resumed, run %u: %.1f%% of the scan are left, %llu results are kept",
			   from->runs + 1, 100.0 * share_left(s), (unsigned long long)s->output_records);
	return EXIT_DONE;
}

/* Who asked to be left alone while an earlier run sent is left alone by this one too. */
enum exit_code scan_exclude_again(const struct scan *s, struct pipeline *p, struct error *e)
{
	const struct checkpoint *from = &s->resume->from;

	for (size_t i = 0; i < from->nexclusions; i++) {
		const struct exclusion *x = &from->exclusions[i];
		struct range range = { .first = x->first, .last = x->last };
		const struct ranges one = { .range = &range, .count = 1 };

		if (pipeline_exclude(p, &one, x->since_ns, e) != 0)
			return EXIT_HOST;
	}
	if (from->nexclusions > 0)
		screen_say(LEVEL_NOTICE, "exclusions of earlier runs hold on: %zu", from->nexclusions);
	return EXIT_DONE;
}

struct marking {
	struct pipeline *pipeline;
	uint64_t foreign;
};

static void mark(void *arg, const struct readback_record *r)
{
	struct marking *m = arg;

	m->foreign += !pipeline_mark_answered(m->pipeline, r->addr, r->port, r->success);
}

enum exit_code scan_mark_answered(const struct scan *s, struct pipeline *p, struct error *e)
{
	struct marking m = { .pipeline = p };
	struct readback_result found;

	if (s->output_bytes == 0 || s->options.dedup == DEDUP_NONE)
		return EXIT_DONE;
	if (s->output_files != NULL ?
		    row_read(s, mark, &m, e) != 0 :
		    readback_file(&s->readback, s->config->output_file, s->output,
				  s->resume->from.settled.bytes, s->output_bytes, mark, &m, &found, e) != 0)
		return EXIT_INPUT;
	if (m.foreign > 0) {
		error_set(
			e, -EINVAL,
			"--output-file %s: %llu of its records are of no target of this scan; put the file back "
			"that the checkpoint was written with",
			s->config->output_file, (unsigned long long)m.foreign);
		return EXIT_INPUT;
	}
	if (s->output >= 0 && lseek(s->output, (off_t)s->output_bytes, SEEK_SET) < 0) {
		error_set(e, -errno, "--output-file %s: %s", s->config->output_file, strerror(errno));
		return EXIT_INPUT;
	}
	return EXIT_DONE;
}
