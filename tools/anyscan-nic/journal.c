/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-nic/journal.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/boot_id.h"
#include "tools/anyscan-nic/journal_file.h"
#include "tools/device/ethtool.h"

#define VERSION_WRITTEN 1

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

static bool says(struct json_object *o, const char *key, const char *value)
{
	const char *found = json_object_get_string(json_object_object_get(o, key));

	return found != NULL && strcmp(found, value) == 0;
}

static int check_content(struct nic *nic, struct journal *j, bool create, struct error *e)
{
	char boot[BOOT_ID_MAX], who[64];

	boot_id(boot);
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
	j->dir = journal_file_dir(dir, create, e);
	if (j->dir == -ENOENT && !create)
		return 0;
	rc = j->dir < 0 ? j->dir : 0;
	if (rc == 0) {
		j->content = journal_file_read(j->dir, j->name, "saved", &rc);
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

int journal_write(struct nic *nic, struct journal *j, struct json_object *saved, struct error *e)
{
	struct json_object *o = json_object_new_object();
	char boot[BOOT_ID_MAX], who[64];
	int rc;

	boot_id(boot);
	identify(&nic->device, who);
	json_object_object_add(o, "version", json_object_new_int(VERSION_WRITTEN));
	json_object_object_add(o, "interface", json_object_new_string(nic->device.name));
	json_object_object_add(o, "device", json_object_new_string(who));
	json_object_object_add(o, "boot", json_object_new_string(boot));
	json_object_object_add(o, "forced", json_object_new_boolean(nic->config->force != NULL));
	json_object_object_add(o, "saved", json_object_get(saved));
	rc = journal_file_write(nic, j->dir, j->name, o);
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
	const int rc = j->dir >= 0 ? journal_file_remove(nic, j->dir, j->name) : 0;

	if (rc < 0)
		return error_set(e, rc, "%s cannot be removed: %s", j->path, strerror(-rc));
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
