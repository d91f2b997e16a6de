/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The file is complete at every moment, and after a loss of power it is one of the last two: the new text is on disk
 * under another name (fsync) before it takes the name (rename), and the folder is synchronised after it.
 */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stages/checkpoint/checkpoint.h"
#include "stages/sink/sync.h"

#define SIZE_LIMIT (256 << 20) /* a million intervals have 40 MB */

static int write_synced(const char *path, const char *text)
{
	const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	size_t left = strlen(text);
	int rc = fd < 0 ? -errno : 0;

	while (rc == 0 && left > 0) {
		const ssize_t n = write(fd, text, left);

		if (n < 0 && errno != EINTR)
			rc = -errno;
		if (n > 0) {
			text += n;
			left -= (size_t)n;
		}
	}
	if (rc == 0)
		rc = file_sync(fd);
	if (fd >= 0 && close(fd) != 0 && rc == 0)
		rc = -errno;
	return rc;
}

static int sync_folder(const char *path)
{
	char copy[PATH_MAX];
	int fd, rc;

	snprintf(copy, sizeof(copy), "%s", path);
	fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	rc = file_sync(fd);
	close(fd);
	return rc;
}

static int replace(const char *path, const char *text)
{
	char fresh[PATH_MAX], previous[PATH_MAX];
	int rc;

	if (snprintf(fresh, sizeof(fresh), "%s.new", path) >= (int)sizeof(fresh) ||
	    snprintf(previous, sizeof(previous), "%s" CHECKPOINT_PREVIOUS, path) >= (int)sizeof(previous))
		return -ENAMETOOLONG;
	rc = write_synced(fresh, text);
	if (rc == 0) {
		/* a second name, so that the first is never missing; where there are no links, none is kept */
		unlink(previous);
		if (link(path, previous) != 0)
			errno = 0;
		rc = rename(fresh, path) == 0 ? sync_folder(path) : -errno;
	}
	if (rc < 0)
		unlink(fresh);
	return rc;
}

int checkpoint_write(const char *path, const struct checkpoint *c, struct error *e)
{
	char *text = checkpoint_text(c);
	int rc = text != NULL ? replace(path, text) : -ENOMEM;

	free(text);
	return rc == 0 ? 0 : error_set(e, rc, "--checkpoint-file %s: %s", path, strerror(-rc));
}

static int read_all(const char *path, char **text, size_t *size)
{
	const int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct stat st = { .st_mode = 0 };
	size_t used = 0;
	ssize_t n = 1;
	int rc = fd < 0 || fstat(fd, &st) != 0 ? -errno : 0;

	*text = NULL;
	if (rc == 0 && (!S_ISREG(st.st_mode) || st.st_size > SIZE_LIMIT))
		rc = -EINVAL;
	if (rc == 0) {
		*text = malloc((size_t)st.st_size + 1);
		rc = *text != NULL ? 0 : -ENOMEM;
	}
	while (rc == 0 && n != 0 && used < (size_t)st.st_size) {
		n = read(fd, *text + used, (size_t)st.st_size - used);
		if (n < 0 && errno != EINTR)
			rc = -errno;
		used += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0)
		close(fd);
	*size = used;
	return rc;
}

static int parse_file(const char *path, struct checkpoint *c, struct error *e)
{
	size_t size;
	char *text;
	int rc = read_all(path, &text, &size);

	*c = (struct checkpoint){ .memory = NULL };
	if (rc == -EINVAL)
		error_set(e, rc, "%s is not a checkpoint of anyscan-pipe", path);
	else if (rc < 0)
		error_set(e, rc, "%s: %s", path, strerror(-rc));
	else
		rc = checkpoint_parse(path, text, size, c, e);
	free(text);
	return rc;
}

/* A damaged file is refused, not replaced in silence: whoever started us decides on what is the older state. */
int checkpoint_read(const char *path, struct checkpoint *c, struct error *e)
{
	struct checkpoint older;
	struct error why;
	char previous[PATH_MAX];
	int rc = parse_file(path, c, &why);

	if (rc == 0)
		return 0;
	snprintf(previous, sizeof(previous), "%s" CHECKPOINT_PREVIOUS, path);
	if ((rc == -EBADMSG || rc == -EINVAL) && parse_file(previous, &older, NULL) == 0) {
		checkpoint_free(&older);
		return error_set(e, rc, "%s; the one before it is whole: --resume %s", why.text, previous);
	}
	if (rc == -EBADMSG || rc == -EINVAL)
		return error_set(e, rc, "%s; name a checkpoint, or start the scan anew", why.text);
	return error_set(e, rc, "%s%s", why.text,
			 rc == -EPROTO ? "; resume with that" :
			 rc == -ENOENT ? ": there is no such checkpoint; --checkpoint-file writes one" :
					 "");
}
