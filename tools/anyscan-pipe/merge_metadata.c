/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --merge-metadata FILE...: whether the shards of these metadata are all of one scan, each done, none missing. Prints
 * the sums as JSON; what is not right is said on standard error, file by file.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "tools/anyscan-pipe/scan.h"
#include "tools/anyscan-pipe/screen.h"

static const char *const sums[] = {
	"runs",	      "probes_sent", "replies_valid", "success_unique", "results_written", "results_lost",
	"duplicates", NULL
};
#define SUMS (sizeof(sums) / sizeof(sums[0]) - 1)

struct merge {
	struct json_object *first; /* the first file's object, which the others must agree with */
	const char *first_name;
	const char **by_shard; /* the file of each, or NULL */
	uint32_t shards;
	uint64_t sum[SUMS];
	bool complete;
};

__attribute__((format(printf, 2, 3))) static void wrong(struct merge *m, const char *format, ...)
{
	char text[1024];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	screen_say(LEVEL_ERROR, "anyscan-pipe: --merge-metadata %s", text);
	m->complete = false;
}

static uint64_t number(struct json_object *o, const char *key)
{
	return json_object_get_uint64(json_object_object_get(o, key));
}

/* "" for what is not there or no text. */
static const char *text(struct json_object *o, const char *key)
{
	struct json_object *value = json_object_object_get(o, key);

	return json_object_is_type(value, json_type_string) ? json_object_get_string(value) : "";
}

static bool is_metadata(struct json_object *o)
{
	struct json_object *shards, *shard, *digest;

	return json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, "shards", &shards) &&
	       json_object_is_type(shards, json_type_int) && json_object_object_get_ex(o, "shard", &shard) &&
	       json_object_is_type(shard, json_type_int) &&
	       json_object_object_get_ex(o, "domain_digest", &digest) &&
	       json_object_is_type(digest, json_type_string) && number(o, "shards") >= 1 &&
	       number(o, "shards") <= UINT16_MAX && number(o, "shard") < number(o, "shards");
}

/* True: the same scan as the first file's. */
static bool agrees(struct merge *m, const char *name, struct json_object *o)
{
	if (strcmp(text(o, "domain_digest"), text(m->first, "domain_digest")) != 0 ||
	    number(o, "seed") != number(m->first, "seed"))
		wrong(m, "%s: another domain or seed than that of %s: digest %s, not %s", name, m->first_name,
		      text(o, "domain_digest"), text(m->first, "domain_digest"));
	else if (number(o, "shards") != m->shards)
		wrong(m, "%s: one of %llu shards, and %s is one of %u", name,
		      (unsigned long long)number(o, "shards"), m->first_name, m->shards);
	else
		return true;
	return false;
}

static void add(struct merge *m, const char *name, struct json_object *o)
{
	const uint64_t shard = number(o, "shard");

	if (m->by_shard[shard] != NULL) {
		wrong(m, "%s: shard %llu is that of %s, too", name, (unsigned long long)shard,
		      m->by_shard[shard]);
		return;
	}
	m->by_shard[shard] = name;
	if (strcmp(text(o, "end_reason"), "completed") != 0)
		wrong(m, "%s: shard %llu is not done: %s", name, (unsigned long long)shard,
		      text(o, "end_reason")[0] != '\0' ? text(o, "end_reason") : "it runs, or was killed");
	else if (number(o, "exit_code") != 0 || number(o, "results_lost") != 0)
		wrong(m, "%s: shard %llu has lost results", name, (unsigned long long)shard);
	for (size_t i = 0; i < SUMS; i++)
		m->sum[i] += number(o, sums[i]);
}

static enum exit_code merge_file(struct merge *m, const char *name, struct error *e)
{
	struct json_object *o = json_object_from_file(name);

	if (!is_metadata(o)) {
		json_object_put(o);
		error_set(e, -EINVAL,
			  "--merge-metadata %s: this is no metadata file of anyscan-pipe (-m FILE)", name);
		return EXIT_INPUT;
	}
	if (m->first == NULL) {
		m->first = json_object_get(o);
		m->first_name = name;
		m->shards = (uint32_t)number(o, "shards");
		m->by_shard = calloc(m->shards, sizeof(*m->by_shard));
	}
	if (m->by_shard != NULL && agrees(m, name, o))
		add(m, name, o);
	json_object_put(o);
	return m->by_shard != NULL ? EXIT_DONE : EXIT_HOST;
}

static void check_missing(struct merge *m)
{
	for (uint32_t i = 0; i < m->shards; i++)
		if (m->by_shard[i] == NULL)
			wrong(m, "%s: shard %u of %u is missing", m->first_name, i, m->shards);
}

static void print(const struct merge *m)
{
	struct json_object *o = json_object_new_object();

	json_object_object_add(o, "complete", json_object_new_boolean(m->complete));
	json_object_object_add(o, "domain_digest", json_object_new_string(text(m->first, "domain_digest")));
	json_object_object_add(o, "seed", json_object_new_uint64(number(m->first, "seed")));
	json_object_object_add(o, "shards", json_object_new_uint64(m->shards));
	json_object_object_add(o, "targets_total", json_object_new_uint64(number(m->first, "targets_total")));
	for (size_t i = 0; i < SUMS; i++)
		json_object_object_add(o, sums[i], json_object_new_uint64(m->sum[i]));
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY));
	json_object_put(o);
}

enum exit_code merge_metadata(const struct config *c, struct error *e)
{
	struct merge m = { .complete = true };
	enum exit_code code = EXIT_DONE;

	if (c->targets.count == 0) {
		error_set(e, -EINVAL, "--merge-metadata: of what? name the metadata files of all shards");
		return EXIT_COMMAND;
	}
	for (size_t i = 0; i < c->targets.count && code == EXIT_DONE; i++)
		code = merge_file(&m, c->targets.item[i], e);
	if (code == EXIT_DONE) {
		check_missing(&m);
		print(&m);
		code = !m.complete ? EXIT_INPUT : fflush(stdout) != 0 ? EXIT_RESULTS : EXIT_DONE;
	}
	json_object_put(m.first);
	free(m.by_shard);
	return code;
}
