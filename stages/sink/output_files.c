/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names are looked up in the folder that was opened at the start, so that the files of a scan stay together whatever
 * its path means later. The number is taken with the .partial name (O_EXCL): two scans never hold the same one.
 */
#include "stages/sink/output_files.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stages/sink/output_row.h"
#include "stages/sink/sync.h"

#define DIGITS 6 /* of a number; a longer one is written whole, and sorts before */

int output_files_name(const char *path, uint64_t number, char *buf, size_t size)
{
	return snprintf(buf, size, "%s.%0*" PRIu64, path, DIGITS, number);
}

void output_row_partial(const struct output_files *f, uint64_t number, char name[NAME_SPACE])
{
	const int n = output_files_name(f->base, number, name, NAME_SPACE);

	snprintf(name + n, NAME_SPACE - (size_t)n, PARTIAL);
}

bool output_row_exists(const struct output_files *f, const char *name)
{
	struct stat st;

	return fstatat(f->folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0;
}

/* The number in BASE.000001 or BASE.000001.partial, else 0. */
static uint64_t number_of(const char *name, const char *base)
{
	const size_t len = strlen(base);
	const char *digits = name + len + 1;
	size_t n;

	if (strncmp(name, base, len) != 0 || name[len] != '.')
		return 0;
	for (n = 0; isdigit((unsigned char)digits[n]); n++)
		;
	if (n < DIGITS || n > 18 || (digits[n] != '\0' && strcmp(digits + n, PARTIAL) != 0))
		return 0;
	return strtoull(digits, NULL, 10);
}

int output_row_each(struct output_files *f, int (*each)(struct output_files *, uint64_t number))
{
	const int fd = openat(f->folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;
	int rc;

	if (dir == NULL) {
		rc = -errno;
		if (fd >= 0)
			close(fd);
		return rc;
	}
	rc = 0;
	while (rc == 0 && (entry = readdir(dir)) != NULL) {
		const uint64_t number = number_of(entry->d_name, f->base);

		rc = number > 0 ? each(f, number) : 0;
	}
	closedir(dir);
	return rc;
}

static int note_highest(struct output_files *f, uint64_t number)
{
	f->number = number > f->number ? number : f->number;
	return 0;
}

int output_row_open_folder(struct output_files *f)
{
	const char *slash = strrchr(f->options.path, '/');
	char *folder;

	f->base = slash != NULL ? slash + 1 : f->options.path;
	if (f->base[0] == '\0')
		return -EISDIR;
	/* room for a number of any length */
	if (strlen(f->base) + sizeof(PARTIAL) + 1 + 20 > NAME_SPACE)
		return -ENAMETOOLONG;
	if (slash == NULL)
		folder = strdup(".");
	else
		folder = strndup(f->options.path,
				 slash == f->options.path ? 1 : (size_t)(slash - f->options.path));
	if (folder == NULL)
		return -ENOMEM;
	f->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	free(folder);
	return f->folder >= 0 ? 0 : -errno;
}

int output_files_open(const struct output_files_options *o, struct output_files **out, struct error *e)
{
	struct output_files *f = calloc(1, sizeof(*f));
	struct stat st;
	int rc;

	if (f == NULL)
		return error_set(e, -ENOMEM, "out of memory");
	*f = (struct output_files){
		.options = *o,
		.folder = -1,
		.fd = -1,
		.last_fd = -1,
		.number = o->last,
		.lock = PTHREAD_MUTEX_INITIALIZER,
	};
	rc = output_row_open_folder(f);
	if (rc == 0 && stat(o->path, &st) == 0 && !S_ISREG(st.st_mode)) {
		rc = error_set(
			e, S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL,
			"--output-file %s is no regular file, and numbers are put behind its name; leave "
			"--rotate-size and --rotate-interval out",
			o->path);
		goto fail;
	}
	if (rc == 0)
		rc = output_row_each(f, note_highest);
	if (rc == 0)
		rc = output_files_begin(f);
	if (rc < 0) {
		error_set(e, rc, "--output-file %s: %s", o->path, strerror(-rc));
		goto fail;
	}
	*out = f;
	return 0;
fail:
	output_files_close(f);
	return rc;
}

int output_files_check(const struct output_files *f, struct error *e)
{
	if (faccessat(f->folder, ".", W_OK | X_OK, AT_EACCESS) == 0)
		return 0;
	return error_set(
		e, -errno,
		"--output-file %s: %s: its folder takes no more files once the rights that opened the "
		"first are given up; write to a folder of user %u",
		f->options.path, strerror(errno), (unsigned int)geteuid());
}

void output_files_close(struct output_files *f)
{
	char name[NAME_SPACE];

	if (f == NULL)
		return;
	if (f->fd >= 0) {
		close(f->fd);
		output_row_partial(f, f->number, name);
		if (f->records == 0)
			unlinkat(f->folder, name, 0);
	}
	if (f->last_fd >= 0)
		close(f->last_fd);
	output_held_free(f);
	if (f->folder >= 0)
		close(f->folder);
	free(f);
}

int output_files_fd(const struct output_files *f)
{
	return f->fd;
}

/* Takes the next number that is free. Returns a descriptor, or negative errno. */
static int take_number(struct output_files *f, uint64_t *number)
{
	char name[NAME_SPACE];
	int fd = -1;

	do {
		++*number;
		output_files_name(f->base, *number, name, sizeof(name));
		if (output_row_exists(f, name))
			continue;
		output_row_partial(f, *number, name);
		fd = openat(f->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (fd < 0 && errno != EEXIST)
			return -errno;
	} while (fd < 0);
	return fd;
}

int output_files_begin(struct output_files *f)
{
	uint64_t number = f->number;
	const int fd = take_number(f, &number);

	if (fd < 0)
		return fd;
	/* who resumes the scan finds that it still runs */
	if (f->options.held)
		flock(fd, LOCK_EX | LOCK_NB);
	if (f->last_fd >= 0)
		close(f->last_fd);
	f->last_fd = -1;
	pthread_mutex_lock(&f->lock);
	f->fd = fd;
	f->number = number;
	f->bytes = f->records = f->successes = 0;
	pthread_mutex_unlock(&f->lock);
	return 0;
}

/* Who has put a file there since we took the number keeps it; ours is the next that is free. */
int output_row_name(const struct output_files *f, uint64_t *number)
{
	char partial[NAME_SPACE], name[NAME_SPACE];
	int rc;

	output_row_partial(f, *number, partial);
	for (;;) {
		output_files_name(f->base, *number, name, sizeof(name));
		rc = renameat2(f->folder, partial, f->folder, name, RENAME_NOREPLACE);
		/* a file system that does not know the flag */
		if (rc != 0 && (errno == EINVAL || errno == ENOSYS) && !output_row_exists(f, name))
			rc = renameat(f->folder, partial, f->folder, name);
		if (rc == 0)
			return 0;
		if (errno != EEXIST && !output_row_exists(f, name))
			return -errno;
		++*number;
	}
}

/* A name, too, is to outlive a power failure. */
int output_row_sync(const struct output_files *f)
{
	return file_sync(f->folder);
}

void output_row_appeared(struct output_files *f, uint64_t number)
{
	if (f->first == 0)
		counter_add(&f->first, number);
	counter_add(&f->last, number - f->last);
	counter_add(&f->count, 1);
}

int output_files_complete(struct output_files *f)
{
	int rc = file_sync(f->fd);

	if (f->options.held)
		return output_held_complete(f, rc);
	if (close(f->fd) != 0 && rc == 0)
		rc = -errno;
	f->fd = -1;
	if (rc == 0)
		rc = output_row_name(f, &f->number);
	if (rc == 0)
		rc = output_row_sync(f);
	if (rc == 0)
		output_row_appeared(f, f->number);
	return rc;
}

void output_files_wrote(struct output_files *f, size_t bytes, uint64_t records, uint64_t successes)
{
	pthread_mutex_lock(&f->lock);
	f->bytes += bytes;
	f->records += records;
	f->successes += successes;
	pthread_mutex_unlock(&f->lock);
}

bool output_files_full(const struct output_files *f, size_t bytes, bool has_record)
{
	return (has_record || f->records > 0) && f->options.size > 0 && f->bytes + bytes > f->options.size;
}

uint64_t output_files_interval(const struct output_files *f)
{
	return f->options.interval_ns;
}

bool output_files_held(const struct output_files *f)
{
	return f->options.held;
}

struct output_position output_files_position(const struct output_files *f)
{
	return (struct output_position){ .file = f->number, .offset = f->bytes };
}

struct output_files_state output_files_state(const struct output_files *f)
{
	return (struct output_files_state){ .count = counter_read(&f->count),
					    .first = counter_read(&f->first),
					    .last = counter_read(&f->last) };
}
