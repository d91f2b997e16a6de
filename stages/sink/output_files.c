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
#include <sys/stat.h>
#include <unistd.h>

#include "anyscan/counters.h"

#define DIGITS 6 /* of a number; a longer one is written whole, and sorts before */
#define PARTIAL ".partial"
#define NAME_SPACE (NAME_MAX + 1)

struct output_files {
	struct output_files_options options;
	const char *base; /* of the path */
	int folder, fd;
	uint64_t number; /* of the file being written, or of the last one */
	uint64_t bytes, records; /* in it */
	counter count, first, last; /* completed; read by any thread */
};

int output_files_name(const char *path, uint64_t number, char *buf, size_t size)
{
	return snprintf(buf, size, "%s.%0*" PRIu64, path, DIGITS, number);
}

static void partial_name(const struct output_files *f, char name[NAME_SPACE])
{
	const int n = output_files_name(f->base, f->number, name, NAME_SPACE);

	snprintf(name + n, NAME_SPACE - (size_t)n, PARTIAL);
}

static bool exists(const struct output_files *f, const char *name)
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

static int find_highest(struct output_files *f)
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
	while ((entry = readdir(dir)) != NULL) {
		const uint64_t number = number_of(entry->d_name, f->base);

		f->number = number > f->number ? number : f->number;
	}
	closedir(dir);
	return 0;
}

static int open_folder(struct output_files *f)
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
	*f = (struct output_files){ .options = *o, .folder = -1, .fd = -1 };
	rc = open_folder(f);
	if (rc == 0 && stat(o->path, &st) == 0 && !S_ISREG(st.st_mode)) {
		rc = error_set(
			e, S_ISDIR(st.st_mode) ? -EISDIR : -EINVAL,
			"--output-file %s is no regular file, and numbers are put behind its name; leave "
			"--rotate-size and --rotate-interval out",
			o->path);
		goto fail;
	}
	if (rc == 0)
		rc = find_highest(f);
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
		partial_name(f, name);
		if (f->records == 0)
			unlinkat(f->folder, name, 0);
	}
	if (f->folder >= 0)
		close(f->folder);
	free(f);
}

int output_files_fd(const struct output_files *f)
{
	return f->fd;
}

int output_files_begin(struct output_files *f)
{
	char name[NAME_SPACE];

	f->bytes = f->records = 0;
	do {
		f->number++;
		output_files_name(f->base, f->number, name, sizeof(name));
		if (exists(f, name))
			continue;
		partial_name(f, name);
		f->fd = openat(f->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
		if (f->fd < 0 && errno != EEXIST)
			return -errno;
	} while (f->fd < 0);
	return 0;
}

/* Who has put a file there since we took the number keeps it; ours is the next that is free. */
static int take_name(struct output_files *f)
{
	char partial[NAME_SPACE], name[NAME_SPACE];
	int rc;

	partial_name(f, partial);
	for (;;) {
		output_files_name(f->base, f->number, name, sizeof(name));
		rc = renameat2(f->folder, partial, f->folder, name, RENAME_NOREPLACE);
		/* a file system that does not know the flag */
		if (rc != 0 && (errno == EINVAL || errno == ENOSYS) && !exists(f, name))
			rc = renameat(f->folder, partial, f->folder, name);
		if (rc == 0)
			return 0;
		if (errno != EEXIST && !exists(f, name))
			return -errno;
		f->number++;
	}
}

int output_files_complete(struct output_files *f)
{
	int rc = fsync(f->fd) != 0 && errno != EINVAL ? -errno : 0;

	if (close(f->fd) != 0 && rc == 0)
		rc = -errno;
	f->fd = -1;
	if (rc == 0)
		rc = take_name(f);
	/* the name, too, is to outlive a power failure */
	if (rc == 0 && fsync(f->folder) != 0 && errno != EINVAL)
		rc = -errno;
	if (rc < 0)
		return rc;
	if (f->first == 0)
		counter_add(&f->first, f->number);
	counter_add(&f->last, f->number - f->last);
	counter_add(&f->count, 1);
	return 0;
}

void output_files_wrote(struct output_files *f, size_t bytes, uint64_t records)
{
	f->bytes += bytes;
	f->records += records;
}

bool output_files_full(const struct output_files *f, size_t bytes, bool has_record)
{
	return (has_record || f->records > 0) && f->options.size > 0 && f->bytes + bytes > f->options.size;
}

uint64_t output_files_interval(const struct output_files *f)
{
	return f->options.interval_ns;
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
