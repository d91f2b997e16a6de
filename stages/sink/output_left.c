/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a run that was killed has left of a row. The checkpoint lists the files that it does not vouch for; any with a
 * higher number were begun after it.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stages/sink/output_row.h"
#include "stages/sink/sync.h"

static int by_number(const void *a, const void *b)
{
	const struct output_left *x = a, *y = b;

	return (x->number > y->number) - (x->number < y->number);
}

static int add_left(struct output_files *f, uint64_t number, uint64_t vouched)
{
	struct output_left *grown = realloc(f->left, (f->nleft + 1) * sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	f->left = grown;
	f->left[f->nleft++] = (struct output_left){ .number = number, .vouched = vouched, .fd = -1 };
	return 0;
}

/* Each number once: a file may have two names while it is renamed where RENAME_NOREPLACE is not known. */
static int note_later(struct output_files *f, uint64_t number)
{
	if (number <= f->left_above || number == f->number)
		return 0;
	for (size_t i = 0; i < f->nleft; i++)
		if (f->left[i].number == number)
			return 0;
	return add_left(f, number, 0);
}

static int name_committed(struct output_files *f, const struct output_row *row)
{
	int rc = 0;

	for (size_t i = 0; i < row->nappearing && rc == 0; i++) {
		uint64_t number = row->appearing[i];
		char name[NAME_SPACE];

		output_row_partial(f, number, name);
		if (output_row_exists(f, name)) /* else it has appeared, and may have been taken away */
			rc = output_row_name(f, &number);
	}
	return rc;
}

int output_files_finish(const char *path, const struct output_row *row)
{
	struct output_files f = { .options.path = path, .folder = -1 };
	int rc = output_row_open_folder(&f);

	if (rc == 0)
		rc = name_committed(&f, row);
	if (rc == 0)
		rc = output_row_sync(&f);
	if (f.folder >= 0)
		close(f.folder);
	return rc;
}

void output_files_left_name(const struct output_files *f, size_t i, char *buf, size_t size)
{
	const int n = output_files_name(f->options.path, f->left[i].number, buf, size);

	if (!f->left[i].named && n > 0 && (size_t)n < size)
		snprintf(buf + n, size - (size_t)n, PARTIAL);
}

static int open_left(struct output_files *f, size_t i, struct error *e)
{
	struct output_left *left = &f->left[i];
	char name[NAME_SPACE], shown[4200];
	struct stat st = { .st_size = 0 };
	int rc;

	output_row_partial(f, left->number, name);
	left->fd = openat(f->folder, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	if (left->fd < 0 && errno == ENOENT) {
		output_files_name(f->base, left->number, name, sizeof(name));
		left->fd = openat(f->folder, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
		left->named = left->fd >= 0;
	}
	rc = left->fd < 0 || fstat(left->fd, &st) != 0 ? -errno : 0;
	output_files_left_name(f, i, shown, sizeof(shown));
	if (rc == -ENOENT)
		return error_set(
			e, rc, "%s is gone: the checkpoint does not vouch for all that is in it; put it back",
			shown);
	if (rc < 0)
		return error_set(e, rc, "%s: %s", shown, strerror(-rc));
	left->size = (uint64_t)st.st_size;
	if (!left->named && flock(left->fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		return error_set(
			e, -EWOULDBLOCK,
			"%s: another scan writes it, perhaps the one that is to be resumed; wait for its "
			"end, or stop it",
			shown);
	return 0;
}

int output_files_resume(struct output_files *f, const struct output_row *row, struct error *e)
{
	int rc;

	f->committed_records = row->records;
	f->committed_successes = row->successes;
	/* Between two files there is none to list, and the next one may have been begun since. */
	f->left_above = row->nfiles > 0 ? row->file[row->nfiles - 1].number : row->last;
	rc = name_committed(f, row);
	for (size_t i = 0; i < row->nfiles && rc == 0; i++)
		rc = add_left(f, row->file[i].number, row->file[i].bytes);
	if (rc == 0 && f->left_above > 0)
		rc = output_row_each(f, note_later);
	if (rc < 0)
		return error_set(e, rc, "--output-file %s: %s", f->options.path, strerror(-rc));
	if (f->nleft > 0)
		qsort(f->left, f->nleft, sizeof(*f->left), by_number);
	for (size_t i = 0; i < f->nleft && rc == 0;) {
		rc = open_left(f, i, e);
		if (rc == -ENOENT && f->left[i].vouched == 0) { /* it had no record, and went */
			memmove(&f->left[i], &f->left[i + 1], (--f->nleft - i) * sizeof(*f->left));
			rc = 0;
		} else {
			i++;
		}
	}
	return rc;
}

const struct output_left *output_files_left(const struct output_files *f, size_t *n)
{
	*n = f->nleft;
	return f->left;
}

int output_files_keep(struct output_files *f, size_t i, uint64_t bytes, uint64_t records, uint64_t successes,
		      uint64_t until)
{
	struct output_left *left = &f->left[i];
	int rc = 0;

	if (!left->named && left->size > bytes && ftruncate(left->fd, (off_t)bytes) != 0)
		return -errno;
	/* what was read back may still be in memory alone */
	if (!left->named)
		rc = file_sync(left->fd);
	if (rc < 0)
		return rc;
	left->size = bytes;
	return output_held_add(f, &(struct held_file){ .number = left->number,
						       .bytes = bytes,
						       .records = records,
						       .successes = successes,
						       .until = until,
						       .named = left->named,
						       .earlier = true,
						       .empty = records == 0 && !left->named });
}
