/* SPDX-License-Identifier: Apache-2.0 */
#include <dirent.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "io/boot_id.h"
#include "tools/anyscan-nic/bind.h"
#include "tools/anyscan-nic/journal_file.h"

#define SHARED_NAME "bound-host.json"
#define VERSION_WRITTEN 1

static int read_one(struct binding *b, const char *name, const char *needed, struct json_object **out,
		    struct error *e)
{
	const char *found;
	char boot[BOOT_ID_MAX];
	int rc;

	*out = journal_file_read(b->dir, name, needed, &rc);
	if (rc < 0)
		return error_set(e, rc,
				 "%s/%s cannot be read: %s; remove it if what it holds no longer matters",
				 b->nic->config->state_dir, name, strerror(-rc));
	boot_id(boot);
	found = json_object_get_string(json_object_object_get(*out, "boot"));
	if (*out == NULL || (found != NULL && strcmp(found, boot) == 0))
		return 0;
	json_object_put(*out); /* the host was started anew: nothing of it is left */
	*out = NULL;
	return b->nic->config->dry_run ? 0 : journal_file_remove(b->nic, b->dir, name);
}

int bind_journal_open(struct binding *b, bool create, struct error *e)
{
	int rc;

	snprintf(b->name, sizeof(b->name), "bound-%s.json", b->pci);
	b->dir = journal_file_dir(b->nic->config->state_dir, create, e);
	if (b->dir == -ENOENT && !create)
		return 0;
	if (b->dir < 0)
		return b->dir;
	rc = read_one(b, b->name, "saved", &b->content, e);
	if (rc == 0)
		rc = read_one(b, SHARED_NAME, "files", &b->shared, e);
	if (rc < 0)
		bind_journal_close(b);
	return rc;
}

void bind_journal_close(struct binding *b)
{
	json_object_put(b->content);
	json_object_put(b->shared);
	b->content = b->shared = NULL;
	if (b->dir >= 0)
		close(b->dir);
	b->dir = -1;
}

static struct json_object *start(void)
{
	struct json_object *o = json_object_new_object();
	char boot[BOOT_ID_MAX];

	boot_id(boot);
	json_object_object_add(o, "version", json_object_new_int(VERSION_WRITTEN));
	json_object_object_add(o, "boot", json_object_new_string(boot));
	return o;
}

static int write_one(struct binding *b, const char *name, struct json_object *o, struct error *e)
{
	const int rc = journal_file_write(b->nic, b->dir, name, o);

	return rc < 0 ? error_set(e, rc, "%s/%s cannot be written: %s", b->nic->config->state_dir, name,
				  strerror(-rc)) :
			0;
}

int bind_journal_write(struct binding *b, struct json_object *interface, struct error *e)
{
	struct json_object *o = start();

	json_object_object_add(o, "pci", json_object_new_string(b->pci));
	json_object_object_add(o, "driver", json_object_new_string(b->driver));
	json_object_object_add(o, "driver_override", json_object_new_string(b->override));
	json_object_object_add(o, "interface", json_object_new_string(b->interface));
	json_object_object_add(o, "link", json_object_get(json_object_object_get(interface, "link")));
	json_object_object_add(o, "saved", json_object_get(interface));
	json_object_put(b->content);
	b->content = o;
	return write_one(b, b->name, o, e);
}

static int remove_one(struct binding *b, const char *name, struct json_object **content, struct error *e)
{
	const int rc = b->dir >= 0 ? journal_file_remove(b->nic, b->dir, name) : 0;

	json_object_put(*content);
	*content = NULL;
	return rc < 0 ? error_set(e, rc, "%s/%s cannot be removed: %s", b->nic->config->state_dir, name,
				  strerror(-rc)) :
			0;
}

int bind_journal_remove(struct binding *b, struct error *e)
{
	return remove_one(b, b->name, &b->content, e);
}

int bind_shared_write(struct binding *b, struct error *e)
{
	if (b->shared == NULL) {
		b->shared = start();
		json_object_object_add(b->shared, "files", json_object_new_object());
	}
	return write_one(b, SHARED_NAME, b->shared, e);
}

int bind_shared_remove(struct binding *b, struct error *e)
{
	return remove_one(b, SHARED_NAME, &b->shared, e);
}

bool bind_journal_last(const struct binding *b)
{
	DIR *dir = opendir(b->nic->config->state_dir);
	const struct dirent *entry;
	bool last = true;

	while (dir != NULL && (entry = readdir(dir)) != NULL) {
		const size_t len = strlen(entry->d_name);

		if (strncmp(entry->d_name, "bound-", 6) == 0 && strcmp(entry->d_name, SHARED_NAME) != 0 &&
		    !(b->nic->config->dry_run && strcmp(entry->d_name, b->name) == 0) && len > 5 &&
		    strcmp(entry->d_name + len - 5, ".json") == 0)
			last = false;
	}
	if (dir != NULL)
		closedir(dir);
	return last;
}
