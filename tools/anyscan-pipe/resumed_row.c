/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/resumed_row.h"

#include <errno.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/anyscan-pipe/screen.h"

#define SHOWN_MAX (PATH_MAX + 64) /* bytes of a file's name */

enum exit_code row_own(struct scan *s, struct error *e)
{
	const char *path = s->config->output_file, *slash = strrchr(path, '/');
	char folder[PATH_MAX], real[PATH_MAX];

	snprintf(folder, sizeof(folder), "%s", path);
	if (realpath(dirname(folder), real) == NULL ||
	    asprintf(&s->output_path, "%s/%s", strcmp(real, "/") == 0 ? "" : real,
		     slash != NULL ? slash + 1 : path) < 0) {
		s->output_path = NULL;
		error_set(e, -errno, "--output-file %s: %s", path, strerror(errno));
		return EXIT_INPUT;
	}
	return EXIT_DONE;
}

static int read_one(const struct scan *s, size_t i, const struct output_left *left, uint64_t bytes,
		    void (*each)(void *, const struct readback_record *), void *arg,
		    struct readback_result *found, struct error *e)
{
	char name[SHOWN_MAX];

	output_files_left_name(s->output_files, i, name, sizeof(name));
	return readback_file(&s->readback, name, left->fd, 0, bytes, each, arg, found, e);
}

static int take_one(struct scan *s, size_t i, const struct output_left *left, struct readback_result *all,
		    struct error *e)
{
	/* without duplicate detection nobody needs to know who has answered, and the fields need not say it */
	const bool read = s->options.dedup != DEDUP_NONE;
	struct readback_result one = { .records = left->size > 0, .bytes = left->size };
	char name[SHOWN_MAX];
	int rc = read ? read_one(s, i, left, left->vouched, NULL, NULL, &one, e) : 0;

	if (rc < 0)
		return rc;
	output_files_left_name(s->output_files, i, name, sizeof(name));
	if (one.bytes < left->size)
		screen_say(LEVEL_NOTICE, "%s: %llu bytes that are no whole record are cut off its end", name,
			   (unsigned long long)(left->size - one.bytes));
	rc = output_files_keep(s->output_files, i, one.bytes, one.records, one.successes,
			       s->resume->from.leased);
	all->records += one.records;
	all->successes += one.successes;
	all->bytes += one.bytes;
	return rc == 0 ? 0 : error_set(e, rc, "--output-file %s: %s", name, strerror(-rc));
}

enum exit_code row_take(struct scan *s, struct readback_result *found, struct error *e)
{
	const struct checkpoint *from = &s->resume->from;
	const struct output_left *left;
	size_t n;

	*found = (struct readback_result){ .records = from->row->records, .successes = from->row->successes };
	if (output_files_resume(s->output_files, from->row, e) != 0)
		return EXIT_INPUT;
	left = output_files_left(s->output_files, &n);
	for (size_t i = 0; i < n; i++)
		if (take_one(s, i, &left[i], found, e) != 0)
			return EXIT_INPUT;
	if (s->options.dedup == DEDUP_NONE)
		found->records = from->totals.output.written;
	s->output_bytes = found->bytes;
	s->output_records = found->records;
	return EXIT_DONE;
}

int row_read(const struct scan *s, void (*each)(void *, const struct readback_record *), void *arg,
	     struct error *e)
{
	size_t n;
	const struct output_left *left = output_files_left(s->output_files, &n);
	struct readback_result found;
	int rc = 0;

	for (size_t i = 0; i < n && rc == 0; i++)
		rc = read_one(s, i, &left[i], left[i].size, each, arg, &found, e);
	return rc;
}
