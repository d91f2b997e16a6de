/* SPDX-License-Identifier: Apache-2.0 */
/* A checkpoint as text. json-c writes it; the last member is put on by hand, as it is about the text before it. */
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "stages/checkpoint/checkpoint.h"
#include "stages/checkpoint/crc32.h"
#include "stages/checkpoint/text.h"
#include "stages/sink/exclusion_text.h"

static void put(struct json_object *o, const char *key, struct json_object *value)
{
	json_object_object_add(o, key, value);
}

static struct json_object *text_or_null(const char *text)
{
	return text != NULL ? json_object_new_string(text) : NULL;
}

static struct json_object *strings(const char *const *text, size_t n)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < n; i++)
		json_object_array_add(array, json_object_new_string(text[i]));
	return array;
}

static struct json_object *options(const struct checkpoint *c)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < c->noptions; i++) {
		struct json_object *pair = json_object_new_array();

		json_object_array_add(pair, json_object_new_string(c->options[i].name));
		json_object_array_add(pair, text_or_null(c->options[i].value));
		json_object_array_add(array, pair);
	}
	return array;
}

static struct json_object *interval(struct interval at)
{
	struct json_object *pair = json_object_new_array();

	json_object_array_add(pair, json_object_new_uint64(at.first));
	json_object_array_add(pair, json_object_new_uint64(at.end));
	if (at.pass > 0)
		json_object_array_add(pair, json_object_new_uint64(at.pass));
	return pair;
}

static struct json_object *remaining(const struct checkpoint *c)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < c->nremaining; i++)
		json_object_array_add(array, interval(c->remaining[i]));
	return array;
}

/* The range is for people, the rest for us. */
static struct json_object *exclusions(const struct checkpoint *c)
{
	struct json_object *array = json_object_new_array();

	for (size_t i = 0; i < c->nexclusions; i++) {
		struct json_object *o = json_object_new_object();
		char text[EXCLUSION_TEXT_MAX];

		put(o, "range", json_object_new_string(exclusion_text(&c->exclusions[i], text)));
		put(o, "first", json_object_new_uint64(c->exclusions[i].first));
		put(o, "last", json_object_new_uint64(c->exclusions[i].last));
		put(o, "since_ns", json_object_new_uint64(c->exclusions[i].since_ns));
		json_object_array_add(array, o);
	}
	return array;
}

static struct json_object *written(uint64_t ns)
{
	const time_t seconds = (time_t)(ns / 1000000000);
	char text[40];
	struct tm tm;
	size_t n;

	gmtime_r(&seconds, &tm);
	n = strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, sizeof(text) - n, ".%03uZ", (unsigned int)(ns / 1000000 % 1000));
	return json_object_new_string(text);
}

static void put_scan(struct json_object *o, const struct checkpoint *c)
{
	put(o, "format", json_object_new_string(CHECKPOINT_MAGIC));
	put(o, "format_version", json_object_new_int(CHECKPOINT_FORMAT));
	put(o, "version", text_or_null(c->version));
	put(o, "argv", strings(c->argv, c->argc));
	put(o, "options", options(c));
	put(o, "domain_digest", text_or_null(c->digest));
	put(o, "targets_total", json_object_new_uint64(c->targets));
	put(o, "seed", json_object_new_uint64(c->seed));
	put(o, "shard", json_object_new_uint64(c->shard));
	put(o, "shards", json_object_new_uint64(c->shards));
	put(o, "probes", json_object_new_uint64(c->probes));
	put(o, "exponents", interval(c->exponents));
}

static struct json_object *position(struct sink_position at)
{
	struct json_object *o = json_object_new_object();

	put(o, "bytes", json_object_new_uint64(at.bytes));
	put(o, "records", json_object_new_uint64(at.records));
	put(o, "successes", json_object_new_uint64(at.successes));
	return o;
}

static void put_progress(struct json_object *o, const struct checkpoint *c)
{
	struct json_object *output = json_object_new_object();
	char seconds[48];

	put(o, "written", written(c->written_ns));
	put(o, "written_ns", json_object_new_uint64(c->written_ns));
	put(o, "runs", json_object_new_uint64(c->runs));
	put(o, "finished", json_object_new_boolean(c->finished));
	put(o, "remaining", remaining(c));
	put(o, "probes_committed", json_object_new_uint64(c->probes_committed));
	put(output, "file", text_or_null(c->output_file));
	put(output, "module", text_or_null(c->output_module));
	put(output, "bytes", json_object_new_uint64(c->output_bytes));
	put(output, "settled", position(c->settled));
	put(output, "leased", json_object_new_uint64(c->leased));
	if (c->row != NULL)
		put(output, "row", checkpoint_row_json(c->row));
	put(o, "output", output);
	put(o, "added_exclusions", exclusions(c));
	put(o, "counters", checkpoint_totals_json(&c->totals));
	snprintf(seconds, sizeof(seconds), "%.6f", c->send_seconds);
	put(o, "send_seconds", json_object_new_double_s(c->send_seconds, seconds));
}

/* The object without its closing brace, and the CRC of that. */
static char *seal(const char *body)
{
	const size_t size = strlen(body);
	char *text = NULL, *sealed = NULL;

	if (size < 2 || strcmp(body + size - 2, "\n}") != 0)
		return NULL;
	if (asprintf(&text, "%.*s%s", (int)size - 2, body, CHECKPOINT_SEAL) < 0)
		return NULL;
	if (asprintf(&sealed, "%s%08x%s", text, crc32_of(text, strlen(text)), CHECKPOINT_END) < 0)
		sealed = NULL;
	free(text);
	return sealed;
}

char *checkpoint_text(const struct checkpoint *c)
{
	struct json_object *o = json_object_new_object();
	const char *body;
	char *text = NULL;

	if (o == NULL)
		return NULL;
	put_scan(o, c);
	put_progress(o, c);
	body = json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE);
	if (body != NULL)
		text = seal(body);
	json_object_put(o);
	return text;
}
