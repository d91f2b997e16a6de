/* SPDX-License-Identifier: Apache-2.0 */
/* What a checkpoint says of a row of output files, as a member of its JSON object. */
#include <json-c/json.h>
#include <stdlib.h>

#include "stages/checkpoint/checkpoint.h"

static void put_number(struct json_object *o, const char *key, uint64_t number)
{
	json_object_object_add(o, key, json_object_new_uint64(number));
}

struct json_object *checkpoint_row_json(const struct output_row *row)
{
	struct json_object *o = json_object_new_object(), *appearing = json_object_new_array(),
			   *files = json_object_new_array();

	put_number(o, "records", row->records);
	put_number(o, "successes", row->successes);
	put_number(o, "last", row->last);
	for (size_t i = 0; i < row->nappearing; i++)
		json_object_array_add(appearing, json_object_new_uint64(row->appearing[i]));
	json_object_object_add(o, "appearing", appearing);
	for (size_t i = 0; i < row->nfiles; i++) {
		struct json_object *pair = json_object_new_array();

		json_object_array_add(pair, json_object_new_uint64(row->file[i].number));
		json_object_array_add(pair, json_object_new_uint64(row->file[i].bytes));
		json_object_array_add(files, pair);
	}
	json_object_object_add(o, "files", files);
	return o;
}

static bool number_of(struct json_object *value, uint64_t *number)
{
	if (!json_object_is_type(value, json_type_int) || json_object_get_int64(value) < 0)
		return false;
	*number = json_object_get_uint64(value);
	return true;
}

static bool get_number(struct json_object *o, const char *key, uint64_t *number)
{
	struct json_object *value;

	return json_object_object_get_ex(o, key, &value) && number_of(value, number);
}

static struct json_object *get_array(struct json_object *o, const char *key)
{
	struct json_object *value;

	return json_object_object_get_ex(o, key, &value) && json_object_is_type(value, json_type_array) ?
		       value :
		       NULL;
}

static bool get_file(struct json_object *pair, uint64_t above, struct output_row_file *file)
{
	return json_object_is_type(pair, json_type_array) && json_object_array_length(pair) == 2 &&
	       number_of(json_object_array_get_idx(pair, 0), &file->number) && file->number > above &&
	       number_of(json_object_array_get_idx(pair, 1), &file->bytes);
}

struct output_row *checkpoint_row_parse(struct json_object *o)
{
	struct json_object *appearing = get_array(o, "appearing"), *files = get_array(o, "files");
	struct output_row_file *file;
	struct output_row *row;
	uint64_t *number;

	if (appearing == NULL || files == NULL)
		return NULL;
	row = calloc(1, sizeof(*row) + json_object_array_length(files) * sizeof(*file) +
				json_object_array_length(appearing) * sizeof(*number));
	if (row == NULL)
		return NULL;
	row->nfiles = json_object_array_length(files);
	row->file = file = (struct output_row_file *)(row + 1);
	row->nappearing = json_object_array_length(appearing);
	row->appearing = number = (uint64_t *)(file + row->nfiles);
	if (!get_number(o, "records", &row->records) || !get_number(o, "successes", &row->successes) ||
	    !get_number(o, "last", &row->last) || row->last > INT64_MAX)
		goto fail;
	for (size_t i = 0; i < row->nappearing; i++)
		if (!number_of(json_object_array_get_idx(appearing, i), &number[i]) || number[i] == 0)
			goto fail;
	for (size_t i = 0; i < row->nfiles; i++)
		if (!get_file(json_object_array_get_idx(files, i), i > 0 ? file[i - 1].number : 0, &file[i]))
			goto fail;
	return row;
fail:
	free(row);
	return NULL;
}
