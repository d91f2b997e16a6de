/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads a checkpoint. Whose it is and whether it is whole is told from its bytes, before anything looks into them: the
 * rest may then trust its shape, and checks it nevertheless, as a CRC keeps nobody from writing a file of his own.
 */
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "stages/checkpoint/checkpoint.h"
#include "stages/checkpoint/crc32.h"
#include "stages/checkpoint/text.h"

#define NESTING 8 /* of ours there are four */

struct memory { /* what a parsed checkpoint points to */
	struct json_object *root;
	const char **argv;
	struct checkpoint_option *options;
	struct interval *remaining;
	struct exclusion *exclusions;
	struct output_row *row;
};

static int check_begin(const char *name, const char *text, size_t size, struct error *e)
{
	const size_t begin = strlen(CHECKPOINT_BEGIN);
	unsigned long version;

	if (size < begin && memcmp(text, CHECKPOINT_BEGIN, size) == 0)
		return error_set(e, -EBADMSG, "%s: the checkpoint is cut off after %zu bytes", name, size);
	if (size < begin || memcmp(text, CHECKPOINT_BEGIN, begin) != 0)
		return error_set(e, -EINVAL, "%s is not a checkpoint of anyscan-pipe", name);
	version = strtoul(text + begin, NULL, 10);
	if (version > CHECKPOINT_FORMAT)
		return error_set(
			e, -EPROTO,
			"%s: this checkpoint has format %lu, of a newer anyscan-pipe; this one reads %d",
			name, version, CHECKPOINT_FORMAT);
	return 0;
}

static int check_seal(const char *name, const char *text, size_t size, struct error *e)
{
	const size_t seal = strlen(CHECKPOINT_SEAL), end = strlen(CHECKPOINT_END);
	const size_t tail = seal + CHECKPOINT_CRC_DIGITS + end;
	char digits[CHECKPOINT_CRC_DIGITS + 1];
	size_t covered;

	if (size < tail || memcmp(text + size - end, CHECKPOINT_END, end) != 0 ||
	    memcmp(text + size - tail, CHECKPOINT_SEAL, seal) != 0)
		return error_set(e, -EBADMSG,
				 "%s: the checkpoint is damaged or cut off: it does not end as one", name);
	covered = size - CHECKPOINT_CRC_DIGITS - end;
	snprintf(digits, sizeof(digits), "%08x", crc32_of(text, covered));
	if (memcmp(digits, text + covered, CHECKPOINT_CRC_DIGITS) != 0)
		return error_set(e, -EBADMSG, "%s: the checkpoint is damaged: its CRC-32 is %.8s, not %s",
				 name, text + covered, digits);
	return 0;
}

static struct json_object *get(struct json_object *o, const char *key, json_type type)
{
	struct json_object *value;

	return json_object_object_get_ex(o, key, &value) && json_object_is_type(value, type) ? value : NULL;
}

static bool get_number(struct json_object *o, const char *key, uint64_t most, uint64_t *number)
{
	struct json_object *value = get(o, key, json_type_int);

	if (value == NULL || (json_object_get_int64(value) < 0))
		return false;
	*number = json_object_get_uint64(value);
	return *number <= most;
}

static bool get_text(struct json_object *o, const char *key, const char **text)
{
	struct json_object *value = get(o, key, json_type_string);

	*text = value != NULL ? json_object_get_string(value) : NULL;
	return *text != NULL;
}

static bool get_interval(struct json_object *pair, struct interval *at)
{
	uint64_t pass = 0, *const out[] = { &at->first, &at->end, &pass };
	size_t n;

	if (!json_object_is_type(pair, json_type_array))
		return false;
	n = json_object_array_length(pair);
	if (n != 2 && n != 3)
		return false;
	for (size_t i = 0; i < n; i++) {
		struct json_object *number = json_object_array_get_idx(pair, i);

		if (!json_object_is_type(number, json_type_int) || json_object_get_int64(number) < 0)
			return false;
		*out[i] = json_object_get_uint64(number);
	}
	at->pass = (uint32_t)pass;
	return at->first <= at->end && pass <= UINT32_MAX;
}

static bool get_remaining(struct json_object *root, struct memory *m, struct checkpoint *c)
{
	struct json_object *array = get(root, "remaining", json_type_array);
	struct json_object *all = get(root, "exponents", json_type_array);

	if (array == NULL || all == NULL || !get_interval(all, &c->exponents))
		return false;
	c->nremaining = json_object_array_length(array);
	m->remaining = calloc(c->nremaining + 1, sizeof(*m->remaining));
	if (m->remaining == NULL)
		return false;
	for (size_t i = 0; i < c->nremaining; i++)
		if (!get_interval(json_object_array_get_idx(array, i), &m->remaining[i]) ||
		    m->remaining[i].pass >= c->probes)
			return false;
	c->remaining = m->remaining;
	return intervals_valid(c->remaining, c->nremaining, c->exponents);
}

static bool get_exclusion(struct json_object *o, struct exclusion *x)
{
	uint64_t first = 0, last = 0;

	if (!json_object_is_type(o, json_type_object) || !get_number(o, "first", UINT32_MAX, &first) ||
	    !get_number(o, "last", UINT32_MAX, &last) || !get_number(o, "since_ns", UINT64_MAX, &x->since_ns))
		return false;
	x->first = (uint32_t)first;
	x->last = (uint32_t)last;
	return first <= last;
}

static bool get_exclusions(struct json_object *root, struct memory *m, struct checkpoint *c)
{
	struct json_object *array = get(root, "added_exclusions", json_type_array);

	c->nexclusions = array != NULL ? json_object_array_length(array) : 0;
	if (array == NULL || c->nexclusions > EXCLUSIONS_MAX)
		return false;
	m->exclusions = calloc(c->nexclusions + 1, sizeof(*m->exclusions));
	for (size_t i = 0; m->exclusions != NULL && i < c->nexclusions; i++)
		if (!get_exclusion(json_object_array_get_idx(array, i), &m->exclusions[i]))
			return false;
	c->exclusions = m->exclusions;
	return m->exclusions != NULL;
}

static bool get_argv(struct json_object *root, struct memory *m, struct checkpoint *c)
{
	struct json_object *array = get(root, "argv", json_type_array);

	c->argc = array != NULL ? json_object_array_length(array) : 0;
	m->argv = calloc(c->argc + 1, sizeof(*m->argv));
	for (size_t i = 0; m->argv != NULL && i < c->argc; i++) {
		m->argv[i] = json_object_get_string(json_object_array_get_idx(array, i));
		if (m->argv[i] == NULL)
			return false;
	}
	c->argv = m->argv;
	return array != NULL && m->argv != NULL;
}

static bool get_option(struct json_object *pair, struct checkpoint_option *o)
{
	struct json_object *name, *value;

	if (!json_object_is_type(pair, json_type_array) || json_object_array_length(pair) != 2)
		return false;
	name = json_object_array_get_idx(pair, 0);
	value = json_object_array_get_idx(pair, 1);
	if (!json_object_is_type(name, json_type_string) ||
	    (value != NULL && !json_object_is_type(value, json_type_string)))
		return false;
	o->name = json_object_get_string(name);
	o->value = value != NULL ? json_object_get_string(value) : NULL;
	return o->name[0] != '\0' || o->value != NULL;
}

static bool get_options(struct json_object *root, struct memory *m, struct checkpoint *c)
{
	struct json_object *array = get(root, "options", json_type_array);

	c->noptions = array != NULL ? json_object_array_length(array) : 0;
	m->options = calloc(c->noptions + 1, sizeof(*m->options));
	for (size_t i = 0; m->options != NULL && i < c->noptions; i++)
		if (!get_option(json_object_array_get_idx(array, i), &m->options[i]))
			return false;
	c->options = m->options;
	return array != NULL && m->options != NULL;
}

static bool get_scan(struct json_object *root, struct checkpoint *c)
{
	uint64_t shard = 0, shards = 0, probes = 0;
	const bool ok = get_text(root, "version", &c->version) &&
			get_text(root, "domain_digest", &c->digest) &&
			get_number(root, "targets_total", UINT64_MAX, &c->targets) &&
			get_number(root, "shard", UINT32_MAX, &shard) &&
			get_number(root, "shards", UINT32_MAX, &shards) &&
			get_number(root, "probes", UINT32_MAX, &probes);
	struct json_object *seed = get(root, "seed", json_type_int);

	if (!ok || seed == NULL || shard >= shards || probes == 0)
		return false;
	c->seed = json_object_get_uint64(seed);
	c->shard = (uint32_t)shard;
	c->shards = (uint32_t)shards;
	c->probes = (uint32_t)probes;
	return true;
}

/* One that is not there: the results are in one file. */
static bool get_row(struct json_object *root, struct memory *m, struct checkpoint *c)
{
	struct json_object *row;

	if (!json_object_object_get_ex(get(root, "output", json_type_object), "row", &row))
		return true;
	c->row = m->row = checkpoint_row_parse(row);
	return m->row != NULL;
}

/* An older program did not say it: the output is read from its beginning. */
static bool get_settled(struct json_object *output, struct checkpoint *c)
{
	struct json_object *settled;

	c->leased = UINT64_MAX;
	if (!json_object_object_get_ex(output, "settled", &settled))
		return true;
	return json_object_is_type(settled, json_type_object) &&
	       get_number(settled, "bytes", c->output_bytes, &c->settled.bytes) &&
	       get_number(settled, "records", UINT64_MAX, &c->settled.records) &&
	       get_number(settled, "successes", UINT64_MAX, &c->settled.successes) &&
	       get_number(output, "leased", UINT64_MAX, &c->leased);
}

static bool get_progress(struct json_object *root, struct checkpoint *c)
{
	struct json_object *finished = get(root, "finished", json_type_boolean);
	struct json_object *output = get(root, "output", json_type_object);
	struct json_object *counters = get(root, "counters", json_type_object);
	struct json_object *seconds = get(root, "send_seconds", json_type_double);
	uint64_t runs = 0;

	if (finished == NULL || output == NULL || counters == NULL || seconds == NULL ||
	    !get_number(root, "runs", UINT32_MAX - 1, &runs) ||
	    !get_number(root, "written_ns", UINT64_MAX, &c->written_ns) ||
	    !get_number(root, "probes_committed", UINT64_MAX, &c->probes_committed) ||
	    !get_text(output, "file", &c->output_file) || !get_text(output, "module", &c->output_module) ||
	    !get_number(output, "bytes", INT64_MAX, &c->output_bytes) || !get_settled(output, c))
		return false;
	c->runs = (unsigned int)runs;
	c->finished = json_object_get_boolean(finished);
	c->send_seconds = json_object_get_double(seconds);
	return checkpoint_totals_parse(counters, &c->totals) && c->finished == (c->nremaining == 0);
}

static struct json_object *parse_json(const char *text, size_t size)
{
	struct json_tokener *t = json_tokener_new_ex(NESTING);
	struct json_object *root = NULL;

	if (t != NULL && size <= INT32_MAX)
		root = json_tokener_parse_ex(t, text, (int)size);
	if (t != NULL)
		json_tokener_free(t);
	return root;
}

int checkpoint_parse(const char *name, const char *text, size_t size, struct checkpoint *c, struct error *e)
{
	struct memory *m;
	int r = check_begin(name, text, size, e);

	*c = (struct checkpoint){ .memory = NULL };
	if (r == 0)
		r = check_seal(name, text, size, e);
	if (r < 0)
		return r;
	m = calloc(1, sizeof(*m));
	if (m == NULL)
		return error_set(e, -ENOMEM, "%s: out of memory", name);
	c->memory = m;
	m->root = parse_json(text, size);
	if (m->root != NULL && get_scan(m->root, c) && get_remaining(m->root, m, c) &&
	    get_exclusions(m->root, m, c) && get_argv(m->root, m, c) && get_options(m->root, m, c) &&
	    get_progress(m->root, c) && get_row(m->root, m, c))
		return 0;
	checkpoint_free(c);
	return error_set(e, -EBADMSG,
			 "%s: the checkpoint is damaged: its CRC-32 is right, its contents are not", name);
}

void checkpoint_free(struct checkpoint *c)
{
	struct memory *m = c->memory;

	if (m != NULL) {
		json_object_put(m->root);
		free(m->argv);
		free(m->options);
		free(m->remaining);
		free(m->exclusions);
		free(m->row);
	}
	free(m);
	*c = (struct checkpoint){ .memory = NULL };
}
