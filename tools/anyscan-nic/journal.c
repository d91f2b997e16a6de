/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-nic/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/device/ethtool.h"

#define JOURNAL_MOST (1 << 20) /* bytes; an RSS table of 65536 entries is half of that */
#define VERSION_WRITTEN 1

static void read_boot(char boot[40])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	boot[0] = '\0';
	if (f == NULL)
		return;
	if (fgets(boot, 40, f) != NULL)
		boot[strcspn(boot, "\n")] = '\0';
	fclose(f);
}

/* Where it is plugged in; for what is not plugged in, its address. Either survives a driver that is loaded anew. */
static void identify(const struct device *d, char who[64])
{
	struct ethtool_drvinfo info;

	if (ethtool_driver(d->name, &info) == 0 && info.bus_info[0] != '\0')
		snprintf(who, 64, "bus %.32s", info.bus_info);
	else
		snprintf(who, 64, "mac %02x:%02x:%02x:%02x:%02x:%02x", d->mac[0], d->mac[1], d->mac[2],
			 d->mac[3], d->mac[4], d->mac[5]);
}

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

static struct json_object *read_file(int dir, const char *name, int *rc)
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
	if (!json_object_is_type(json_object_object_get(o, "saved"), json_type_object)) {
		json_object_put(o);
		o = NULL;
		*rc = -EBADMSG;
	}
	free(text);
	close(fd);
	return o;
}

static bool says(struct json_object *o, const char *key, const char *value)
{
	const char *found = json_object_get_string(json_object_object_get(o, key));

	return found != NULL && strcmp(found, value) == 0;
}

static int check_content(struct nic *nic, struct journal *j, bool create, struct error *e)
{
	char boot[40], who[64];

	read_boot(boot);
	identify(&nic->device, who);
	if (!says(j->content, "boot", boot)) {
		json_object_put(j->content);
		j->content = NULL;
		return create ? journal_remove(nic, j, e) : 0;
	}
	if (!says(j->content, "device", who))
		return error_set(
			e, -EEXIST,
			"%s is of another device of this name (%s; now %s): remove the file if that one is gone",
			j->path, json_object_get_string(json_object_object_get(j->content, "device")), who);
	return 0;
}

int journal_open(struct nic *nic, bool create, struct journal *j, struct error *e)
{
	const char *dir = nic->config->state_dir;
	struct stat ns;
	int rc = 0;

	*j = (struct journal){ .dir = -1 };
	if (stat("/proc/self/ns/net", &ns) < 0)
		ns.st_ino = 0;
	snprintf(j->name, sizeof(j->name), "nic-%lu-%s.json", (unsigned long)ns.st_ino, nic->device.name);
	if (snprintf(j->path, sizeof(j->path), "%s/%s", dir, j->name) >= (int)sizeof(j->path))
		return error_set(e, -ENAMETOOLONG, "--state-dir: the path is too long");
	if (create)
		rc = make_directories(dir);
	if (rc == 0) {
		j->dir = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		rc = j->dir < 0 ? -errno : 0;
	}
	if (rc == -ENOENT && !create)
		return 0;
	if (rc == 0 && create && flock(j->dir, LOCK_EX) < 0) /* another one needs some milliseconds */
		rc = -errno;
	if (rc < 0)
		error_set(e, rc, "%s: %s; run as root, or name another --state-dir", dir, strerror(-rc));
	else {
		j->content = read_file(j->dir, j->name, &rc);
		if (rc < 0)
			error_set(e, rc, "%s cannot be read: %s; remove it if its settings no longer matter",
				  j->path, strerror(-rc));
		else if (j->content != NULL)
			rc = check_content(nic, j, create, e);
	}
	if (rc < 0)
		journal_close(j);
	return rc;
}

void journal_close(struct journal *j)
{
	json_object_put(j->content);
	j->content = NULL;
	if (j->dir >= 0)
		close(j->dir);
	j->dir = -1;
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

int journal_write(struct nic *nic, struct journal *j, struct json_object *saved, struct error *e)
{
	struct json_object *o = json_object_new_object();
	char boot[40], who[64], temporary[80];
	const char *text;
	int fd, rc;

	read_boot(boot);
	identify(&nic->device, who);
	json_object_object_add(o, "version", json_object_new_int(VERSION_WRITTEN));
	json_object_object_add(o, "interface", json_object_new_string(nic->device.name));
	json_object_object_add(o, "device", json_object_new_string(who));
	json_object_object_add(o, "boot", json_object_new_string(boot));
	json_object_object_add(o, "forced", json_object_new_boolean(nic->config->force != NULL));
	json_object_object_add(o, "saved", json_object_get(saved));
	text = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY);

	snprintf(temporary, sizeof(temporary), "%s.new", j->name);
	fd = openat(j->dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0644);
	rc = fd < 0 ? -errno : write_all(fd, text, strlen(text));
	if (fd >= 0)
		close(fd);
	count_write(nic);
	if (rc == 0 && renameat(j->dir, temporary, j->dir, j->name) < 0)
		rc = -errno;
	count_write(nic);
	if (rc == 0 && fsync(j->dir) < 0)
		rc = -errno;
	if (rc < 0) {
		json_object_put(o);
		return error_set(e, rc, "%s cannot be written: %s; nothing was changed", j->path,
				 strerror(-rc));
	}
	json_object_put(j->content);
	j->content = o;
	return 0;
}

int journal_remove(struct nic *nic, struct journal *j, struct error *e)
{
	char temporary[80];

	if (j->dir < 0)
		return 0;
	snprintf(temporary, sizeof(temporary), "%s.new", j->name);
	unlinkat(j->dir, temporary, 0); /* of a prepare that was killed */
	if (unlinkat(j->dir, j->name, 0) < 0 && errno != ENOENT)
		return error_set(e, -errno, "%s cannot be removed: %s", j->path, strerror(errno));
	count_write(nic);
	fsync(j->dir);
	json_object_put(j->content);
	j->content = NULL;
	return 0;
}

struct json_object *journal_saved(const struct journal *j)
{
	return json_object_object_get(j->content, "saved");
}

bool journal_forced(const struct journal *j)
{
	return json_object_get_boolean(json_object_object_get(j->content, "forced"));
}
