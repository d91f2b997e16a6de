/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A reader of the metadata file sees the object of the start or the one of the end, never half of one: the
 * new text is complete and on disk under another name before it takes the name.
 *
 * What has no name of its own to take is written in place: pipes, terminals, and everything under /dev and
 * /proc, where a name such as /dev/stdout leads to a file that others hold open, and a rename would replace
 * the link itself.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stages/sink/metadata.h"
#include "stages/sink/sync.h"

#define READER_MS 5000 /* patience with the reader of a pipe */
#define RESERVE (64 * 1024) /* bytes kept for the object of the end; that of six threads has 3.5 KB */

static int write_all(int fd, const char *text)
{
	size_t left = strlen(text);

	while (left > 0) {
		const ssize_t n = write(fd, text, left);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN) {
			struct pollfd wait = { .fd = fd, .events = POLLOUT };

			if (poll(&wait, 1, READER_MS) == 0)
				return -ETIMEDOUT;
			continue;
		}
		if (n < 0)
			return -errno;
		text += n;
		left -= (size_t)n;
	}
	return 0;
}

static bool has_own_name(const char *path)
{
	struct stat st;

	if (strncmp(path, "/dev/", 5) == 0 && strncmp(path, "/dev/shm/", 9) != 0)
		return false;
	if (strncmp(path, "/proc/", 6) == 0)
		return false;
	return stat(path, &st) != 0 || S_ISREG(st.st_mode);
}

static int write_in_place(const char *path, const char *text)
{
	/* append: standard output may be a file that already holds results */
	/* not blocking: a named pipe that nobody reads is an error (ENXIO), not a wait without end */
	const int fd = open(path, O_WRONLY | O_APPEND | O_NONBLOCK | O_CLOEXEC);
	int rc;

	if (fd < 0)
		return -errno;
	rc = write_all(fd, text);
	close(fd);
	return rc;
}

static int write_and_rename(const char *path, const char *text)
{
	char temporary[PATH_MAX];
	int fd, rc;

	if (snprintf(temporary, sizeof(temporary), "%s.%ld.tmp", path, (long)getpid()) >=
	    (int)sizeof(temporary))
		return -ENAMETOOLONG;
	fd = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	if (fd < 0)
		return -errno;
	rc = write_all(fd, text);
	if (rc == 0)
		rc = file_sync(fd);
	if (close(fd) != 0 && rc == 0)
		rc = -errno;
	if (rc == 0 && rename(temporary, path) != 0)
		rc = -errno;
	if (rc != 0)
		unlink(temporary);
	return rc;
}

/* A symbolic link stays one: the file that it names is replaced. */
static int replace(const char *path, const char *text)
{
	char *real = realpath(path, NULL);
	const int rc = write_and_rename(real != NULL ? real : path, text);

	free(real);
	return rc;
}

int metadata_hold(const char *path)
{
	const bool own = has_own_name(path);
	struct stat st;
	int fd;

	/* who reads a named pipe waits for the last writer to close it */
	if (stat(path, &st) != 0 || S_ISFIFO(st.st_mode))
		return -1;
	fd = open(path, O_WRONLY | (own ? 0 : O_APPEND) | O_NONBLOCK | O_CLOEXEC);
	/* beyond its end, so that no reader sees it; a file system that cannot do this has no room kept */
	if (fd >= 0 && own)
		(void)fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, RESERVE);
	return fd;
}

/* Not cut first: that would give the room away. */
static int overwrite(int fd, const char *text)
{
	const off_t size = (off_t)strlen(text);
	int rc = lseek(fd, 0, SEEK_SET) == 0 ? write_all(fd, text) : -errno;

	if (rc == 0 && ftruncate(fd, size) != 0)
		rc = -errno;
	return rc == 0 ? file_sync(fd) : rc;
}

/* The blocks that the file has take the text, so that a full disk does not leave half of it. */
static bool has_room(int fd, const char *text)
{
	struct stat st;

	return fstat(fd, &st) == 0 && (uint64_t)st.st_blocks * 512 >= strlen(text);
}

static int write_held(int fd, const char *path, int rc, const char *text)
{
	const bool own = has_own_name(path), full = rc == -ENOSPC || rc == -EDQUOT;

	if (full && !(own && has_room(fd, text)))
		return rc;
	return own ? overwrite(fd, text) : write_all(fd, text);
}

static bool is_refusal(int rc)
{
	return rc == -EACCES || rc == -EPERM || rc == -ENOSPC || rc == -EDQUOT;
}

int metadata_rewrite(const char *path, int held, const struct metadata *m, struct error *e)
{
	char *text = metadata_text(m);
	int rc;

	if (text == NULL)
		return error_set(e, -ENOMEM, "%s: out of memory", path);
	rc = has_own_name(path) ? replace(path, text) : write_in_place(path, text);
	if (held >= 0 && is_refusal(rc))
		rc = write_held(held, path, rc, text);
	free(text);
	return rc == 0 ? 0 :
			 error_set(e, rc, "--metadata-file %s: %s%s", path, strerror(-rc),
				   rc == -ENXIO || rc == -ETIMEDOUT ? "; nobody reads this pipe" : "");
}

int metadata_write(const char *path, const struct metadata *m, struct error *e)
{
	return metadata_rewrite(path, -1, m, e);
}
