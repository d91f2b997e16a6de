/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-nic/journal_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define JOURNAL_MOST (1 << 20) /* bytes; an RSS table of 65536 entries is half of that */

static int make_directories(const char *path)
{
	char partial[PATH_MAX];

	for (const char *c = path + 1;; c++) {
		if (*c != '/' && *c != '\0')
			continue;
		snprintf(partial, sizeof(partial), "%.*s", (int)(c - path), path);
		if (mkdir(partial, 0755) < 0 && errno != EEXIST)
			return -errno;
		if (*c == '\0')
			return 0;
	}
}

int journal_file_dir(const char *path, bool create, struct error *e)
{
	int rc = create ? make_directories(path) : 0, dir = -1;

	if (rc == 0) {
		dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		rc = dir < 0 ? -errno : dir;
	}
	if (rc == -ENOENT && !create)
		return rc;
	if (rc >= 0 && create && flock(dir, LOCK_EX) < 0) { /* another one needs some milliseconds */
		rc = -errno;
		close(dir);
	}
	if (rc < 0)
		error_set(e, rc, "%s: %s; run as root, or name another --state-dir", path, strerror(-rc));
	return rc;
}

struct json_object *journal_file_read(int dir, const char *name, const char *needed, int *rc)
{
	const int fd = openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct json_object *o = NULL;
	char *text;
	ssize_t len;

	*rc = fd < 0 && errno != ENOENT ? -errno : 0;
	if (fd < 0)
		return NULL;
	text = calloc(1, JOURNAL_MOST);
	len = text != NULL ? read(fd, text, JOURNAL_MOST - 1) : -1;
	if (len > 0)
		o = json_tokener_parse(text);
	if (!json_object_is_type(json_object_object_get(o, needed), json_type_object)) {
		json_object_put(o);
		o = NULL;
		*rc = -EBADMSG;
	}
	free(text);
	close(fd);
	return o;
}

static int write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		const ssize_t n = write(fd, text, len);

		if (n < 0 && errno != EINTR)
			return -errno;
		text += n > 0 ? n : 0;
		len -= n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

int journal_file_write(struct nic *nic, int dir, const char *name, struct json_object *content)
{
	const char *text = json_object_to_json_string_ext(content, JSON_C_TO_STRING_PRETTY);
	char temporary[80];
	int fd, rc;

	snprintf(temporary, sizeof(temporary), "%s.new", name);
	fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	rc = fd < 0 ? -errno : write_all(fd, text, strlen(text));
	if (fd >= 0)
		close(fd);
	count_write(nic);
	if (rc == 0 && renameat(dir, temporary, dir, name) < 0)
		rc = -errno;
	count_write(nic);
	if (rc == 0 && fsync(dir) < 0)
		rc = -errno;
	return rc;
}

int journal_file_remove(struct nic *nic, int dir, const char *name)
{
	char temporary[80];

	snprintf(temporary, sizeof(temporary), "%s.new", name);
	unlinkat(dir, temporary, 0); /* of one that was killed */
	if (unlinkat(dir, name, 0) < 0 && errno != ENOENT)
		return -errno;
	count_write(nic);
	fsync(dir);
	return 0;
}
