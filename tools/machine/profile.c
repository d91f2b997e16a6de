/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/machine/profile.h"

#include <errno.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "tools/device/ethtool.h"
#include "tools/machine/json_file.h"

#define TEXT_AT(member) \
	.kind = JSON_TEXT, .offset = offsetof(struct profile, member), .needed = true, \
	.most = sizeof(((struct profile *)0)->member)
#define NUMBER_AT(member) \
	.kind = JSON_NUMBER, .offset = offsetof(struct profile, member), .needed = true, .most = 1e12
#define COUNT_AT(member, limit) \
	.kind = JSON_COUNT, .offset = offsetof(struct profile, member), .needed = true, .most = (limit)

static const struct json_field fields[] = {
	{ "host", TEXT_AT(key.host) },
	{ "kernel", TEXT_AT(key.kernel) },
	{ "engine", TEXT_AT(key.engine) },
	{ "interfaces", TEXT_AT(key.interfaces) },
	{ "drivers", TEXT_AT(key.drivers) },
	{ "cpus", COUNT_AT(key.cpus, CPU_SETSIZE) },
	{ "mode", TEXT_AT(mode) },
	{ "stages", TEXT_AT(stages) },
	{ "fuse", COUNT_AT(fuse, 1) },
	{ "pps", NUMBER_AT(pps) },
	{ "made", NUMBER_AT(made) },
	{ "expires", NUMBER_AT(expires) },
	{ NULL },
};

static void append(char *list, size_t size, const char *item)
{
	const size_t len = strlen(list);

	snprintf(list + len, size - len, "%s%s", len > 0 ? "," : "", item);
}

void profile_key_here(struct profile_key *k, const struct io_ops *ops, const struct io_link *const *link,
		      unsigned int links)
{
	struct utsname host;
	cpu_set_t usable;

	*k = (struct profile_key){ .cpus = 0 };
	CPU_ZERO(&usable);
	sched_getaffinity(0, sizeof(usable), &usable);
	k->cpus = (unsigned int)CPU_COUNT(&usable);
	snprintf(k->engine, sizeof(k->engine), "%s", ops->name);
	if (uname(&host) == 0) {
		snprintf(k->host, sizeof(k->host), "%s", host.nodename);
		snprintf(k->kernel, sizeof(k->kernel), "%s", host.release);
	}
	for (unsigned int i = 0; ops->needs_interface && i < links; i++) {
		struct ethtool_drvinfo info;

		append(k->interfaces, sizeof(k->interfaces), link[i]->name);
		append(k->drivers, sizeof(k->drivers),
		       ethtool_driver(link[i]->name, &info) == 0 ? info.driver : "unknown");
	}
}

/* The first word or two of what the engine says of a port. */
static int mode_length(const char *mode)
{
	size_t n = strcspn(mode, ",(");

	while (n > 0 && mode[n - 1] == ' ')
		n--;
	return (int)n;
}

void profile_mode(struct pipeline *p, unsigned int ports, char *text, size_t size)
{
	const char *first = pipeline_io_mode(p, 0);
	size_t used = (size_t)snprintf(text, size, "%.*s", mode_length(first), first);

	for (unsigned int i = 1; i < ports && used < size; i++) {
		const char *mode = pipeline_io_mode(p, i);

		if (mode_length(mode) != mode_length(first) ||
		    memcmp(mode, first, (size_t)mode_length(first)) != 0)
			used += (size_t)snprintf(text + used, size - used, "+%.*s", mode_length(mode), mode);
	}
}

bool profile_differs(const struct profile_key *made_on, const struct profile_key *here, char *what,
		     size_t size)
{
	const struct {
		const char *name, *then, *now;
	} text[] = {
		{ "host", made_on->host, here->host },
		{ "kernel", made_on->kernel, here->kernel },
		{ "engine", made_on->engine, here->engine },
		{ "interfaces", made_on->interfaces, here->interfaces },
		{ "drivers", made_on->drivers, here->drivers },
	};

	for (size_t i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
		if (strcmp(text[i].then, text[i].now) == 0)
			continue;
		snprintf(what, size, "%s \"%s\" and not \"%s\"", text[i].name, text[i].then, text[i].now);
		return true;
	}
	if (made_on->cpus == here->cpus)
		return false;
	snprintf(what, size, "%u CPUs and not %u", made_on->cpus, here->cpus);
	return true;
}

int profile_read(const char *file, struct profile *p, struct error *e)
{
	const struct json_path top = { .steps = 0 };
	struct json_file f;
	int r = json_file_open(&f, file, e);

	if (r < 0)
		return r;
	*p = (struct profile){ .fuse = 0 };
	r = json_read(&f, f.root, &top, fields, p, e);
	json_file_close(&f);
	return r;
}

static struct json_object *value_of(const struct profile *p, const struct json_field *f)
{
	const char *at = (const char *)p + f->offset;

	if (f->kind == JSON_TEXT)
		return json_object_new_string(at);
	if (f->kind == JSON_COUNT)
		return json_object_new_int64(*(const unsigned int *)at);
	return json_object_new_int64((int64_t) * (const double *)at);
}

int profile_write(const char *file, const struct profile *p, struct error *e)
{
	struct json_object *object = json_object_new_object();
	char part[4096];
	FILE *out;
	int r = 0;

	if (snprintf(part, sizeof(part), "%s.part", file) >= (int)sizeof(part)) {
		json_object_put(object);
		return error_set(e, -ENAMETOOLONG, "%s: the name is too long", file);
	}
	for (const struct json_field *f = fields; f->key != NULL; f++)
		json_object_object_add(object, f->key, value_of(p, f));
	out = fopen(part, "we");
	if (out != NULL &&
	    fprintf(out, "%s\n",
		    json_object_to_json_string_ext(object, JSON_C_TO_STRING_PRETTY |
								   JSON_C_TO_STRING_NOSLASHESCAPE)) < 0)
		r = -EIO;
	if (out == NULL || fflush(out) != 0 || fsync(fileno(out)) != 0)
		r = -errno;
	if (out != NULL && fclose(out) != 0 && r == 0)
		r = -errno;
	if (r == 0 && rename(part, file) != 0)
		r = -errno;
	if (r < 0 && out != NULL)
		unlink(part);
	json_object_put(object);
	return r < 0 ? error_set(e, r, "%s: %s", file, strerror(-r)) : 0;
}
