/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/sink/output_held.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "stages/sink/output_row.h"
#include "stages/sink/sync.h"

/* Under the lock, or before the sink thread runs. */
static int add(struct output_files *f, const struct held_file *file)
{
	if (f->nheld == f->held_room) {
		const size_t room = f->held_room > 0 ? 2 * f->held_room : 16;
		struct held_file *grown = realloc(f->held, room * sizeof(*grown));

		if (grown == NULL)
			return -ENOMEM;
		f->held = grown;
		f->held_room = room;
	}
	f->held[f->nheld++] = *file;
	return 0;
}

/* The first of a scan without results appears all the same, as that of a row that is not held does. */
static bool superfluous(const struct output_files *f)
{
	return f->records == 0 && (f->nheld > 0 || f->last > 0 || f->committed_records > 0);
}

int output_held_add(struct output_files *f, const struct held_file *file)
{
	int rc;

	pthread_mutex_lock(&f->lock);
	rc = add(f, file);
	pthread_mutex_unlock(&f->lock);
	return rc;
}

/* The descriptor stays open until the next file has its own: the scan is never without a lock. */
int output_held_complete(struct output_files *f, int rc)
{
	if (rc == 0)
		rc = output_row_sync(f);
	pthread_mutex_lock(&f->lock);
	f->last_fd = f->fd;
	f->fd = -1;
	if (rc == 0)
		rc = add(f, &(struct held_file){ .number = f->number,
						 .bytes = f->bytes,
						 .records = f->records,
						 .successes = f->successes,
						 .empty = superfluous(f) });
	pthread_mutex_unlock(&f->lock);
	return rc;
}

void output_held_free(struct output_files *f)
{
	for (size_t i = 0; i < f->nleft; i++)
		if (f->left[i].fd >= 0)
			close(f->left[i].fd);
	free(f->left);
	free(f->held);
	free(f->appearing);
	free(f->listed);
}

void output_files_mark(struct output_files *f, uint64_t cursor)
{
	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->nheld; i++)
		if (f->held[i].until == 0)
			f->held[i].until = cursor;
	pthread_mutex_unlock(&f->lock);
}

int output_files_sync(struct output_files *f)
{
	uint64_t number, bytes;
	int fd, rc;

	pthread_mutex_lock(&f->lock);
	number = f->number;
	bytes = f->records > 0 ? f->bytes : 0; /* a header alone may go */
	/* the sink may complete it, and close it, meanwhile */
	fd = f->fd >= 0 ? fcntl(f->fd, F_DUPFD_CLOEXEC, 0) : -1;
	rc = f->fd >= 0 && fd < 0 ? -errno : 0;
	pthread_mutex_unlock(&f->lock);
	if (fd < 0)
		return rc;
	rc = file_sync(fd);
	close(fd);
	if (rc == 0)
		rc = output_row_sync(f);
	if (rc < 0)
		return rc;
	f->synced_number = number;
	f->synced_bytes = bytes;
	return 0;
}

void output_files_commit(struct output_files *f, uint64_t front, bool settled)
{
	pthread_mutex_lock(&f->lock);
	for (size_t i = 0; i < f->nheld; i++) {
		struct held_file *file = &f->held[i];

		if (file->committed ||
		    ((file->until == 0 || file->until > front) && !(settled && !file->earlier)))
			continue;
		file->committed = true;
		f->committed_records += file->records;
		f->committed_successes += file->successes;
	}
	pthread_mutex_unlock(&f->lock);
}

static void list(struct output_files *f, struct output_row *row)
{
	for (size_t i = 0; i < f->nheld; i++) {
		const struct held_file *file = &f->held[i];

		if (file->empty)
			continue;
		if (!file->committed)
			f->listed[row->nfiles++] = (struct output_row_file){ file->number, file->bytes };
		else if (!file->named)
			f->appearing[row->nappearing++] = file->number;
	}
	if (f->fd >= 0)
		f->listed[row->nfiles++] =
			(struct output_row_file){ f->number,
						  f->synced_number == f->number ? f->synced_bytes : 0 };
}

int output_files_row(struct output_files *f, struct output_row *row)
{
	int rc = 0;

	pthread_mutex_lock(&f->lock);
	free(f->appearing);
	free(f->listed);
	f->appearing = calloc(f->nheld + 1, sizeof(*f->appearing));
	f->listed = calloc(f->nheld + 1, sizeof(*f->listed));
	*row = (struct output_row){ .records = f->committed_records,
				    .successes = f->committed_successes,
				    .last = f->number,
				    .appearing = f->appearing,
				    .file = f->listed };
	if (f->appearing != NULL && f->listed != NULL)
		list(f, row);
	else
		rc = -ENOMEM;
	pthread_mutex_unlock(&f->lock);
	return rc;
}

/* One without records that a checkpoint may have listed goes once none does. */
static int give_name(struct output_files *f, struct held_file *file)
{
	char name[NAME_SPACE];
	int rc = 0;

	if (file->empty) {
		output_row_partial(f, file->number, name);
		unlinkat(f->folder, name, 0);
	} else if (!file->named) {
		rc = output_row_name(f, &file->number);
		if (rc == 0)
			output_row_appeared(f, file->number);
	}
	return rc;
}

int output_files_appear(struct output_files *f)
{
	size_t kept = 0, before;
	int rc = 0;

	pthread_mutex_lock(&f->lock);
	before = f->nheld;
	for (size_t i = 0; i < before; i++) {
		struct held_file *file = &f->held[i];
		const bool due = file->committed || file->empty;

		if (due && rc == 0)
			rc = give_name(f, file);
		if (!due || rc != 0)
			f->held[kept++] = *file;
	}
	f->nheld = kept;
	pthread_mutex_unlock(&f->lock);
	return rc == 0 && kept < before ? output_row_sync(f) : rc;
}
