/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/machine/json_file.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define TEXT_MAX (1U << 20)

static int read_text(struct json_file *f, struct error *e)
{
	FILE *in = fopen(f->name, "re");
	size_t n;

	if (in == NULL)
		return error_set(e, -errno, "%s: %s", f->name, strerror(errno));
	f->text = calloc(1, TEXT_MAX + 2);
	if (f->text == NULL) {
		fclose(in);
		return error_set(e, -ENOMEM, "%s: out of memory", f->name);
	}
	errno = 0;
	n = fread(f->text, 1, TEXT_MAX + 1, in);
	if (ferror(in) != 0) {
		const int error = errno != 0 ? errno : EIO;

		fclose(in);
		return error_set(e, -error, "%s: %s", f->name, strerror(error));
	}
	fclose(in);
	if (n > TEXT_MAX)
		return error_set(e, -EFBIG, "%s: longer than %u bytes", f->name, TEXT_MAX);
	if (strlen(f->text) != n)
		return error_set(e, -EINVAL, "%s:%u: a zero byte; this is no JSON", f->name,
				 line_of(f->text, n));
	return 0;
}

int json_file_open(struct json_file *f, const char *name, struct error *e)
{
	struct json_tokener *t = json_tokener_new();
	int r;

	*f = (struct json_file){ .name = name };
	r = t == NULL ? error_set(e, -ENOMEM, "%s: out of memory", name) : read_text(f, e);
	if (r == 0) {
		json_tokener_set_flags(t, JSON_TOKENER_STRICT);
		f->root = json_tokener_parse_ex(t, f->text, (int)strlen(f->text) + 1);
		if (json_tokener_get_error(t) != json_tokener_success || f->root == NULL)
			r = error_set(e, -EINVAL, "%s:%u: not JSON: %s", name,
				      line_of(f->text, json_tokener_get_parse_end(t)),
				      json_tokener_error_desc(json_tokener_get_error(t)));
	}
	if (t != NULL)
		json_tokener_free(t);
	if (r < 0)
		json_file_close(f);
	return r;
}

void json_file_close(struct json_file *f)
{
	json_object_put(f->root);
	free(f->text);
	*f = (struct json_file){ .name = f->name };
}

int json_wrong(const struct json_file *f, const struct json_path *path, struct error *e, const char *format,
	       ...)
{
	char text[256];
	va_list args;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	return error_set(e, -EINVAL, "%s:%u: %s", f->name, json_line(f->text, path), text);
}

struct json_path json_member(const struct json_path *path, const char *key)
{
	struct json_path p = *path;

	if (p.steps < JSON_DEPTH_MAX)
		p.step[p.steps++] = (struct json_step){ .key = key };
	return p;
}

struct json_path json_element(const struct json_path *path, size_t index)
{
	struct json_path p = *path;

	if (p.steps < JSON_DEPTH_MAX)
		p.step[p.steps++] = (struct json_step){ .index = index };
	return p;
}

static int read_number(const struct json_file *f, struct json_object *value, const struct json_path *at,
		       const struct json_field *field, void *into, struct error *e)
{
	const bool whole = field->kind != JSON_NUMBER;
	const double number = json_object_get_double(value);

	if (!json_object_is_type(value, json_type_int) &&
	    (whole || !json_object_is_type(value, json_type_double)))
		return json_wrong(f, at, e, "\"%s\" is a%s number", field->key, whole ? " whole" : "");
	if (number < field->least || number > field->most)
		return json_wrong(f, at, e, "\"%s\" is %.15g; write %.15g to %.15g", field->key, number,
				  field->least, field->most);
	if (field->kind == JSON_NUMBER)
		*(double *)into = number;
	else if (field->kind == JSON_COUNT)
		*(unsigned int *)into = (unsigned int)number;
	else
		*(int *)into = (int)number;
	return 0;
}

static int read_field(const struct json_file *f, struct json_object *value, const struct json_path *at,
		      const struct json_field *field, void *into, struct error *e)
{
	if (field->kind == JSON_NESTED)
		return 0;
	if (field->kind != JSON_TEXT)
		return read_number(f, value, at, field, into, e);
	if (!json_object_is_type(value, json_type_string))
		return json_wrong(f, at, e, "\"%s\" is a text, in quotation marks", field->key);
	if (json_object_get_string_len(value) >= (int)field->most)
		return json_wrong(f, at, e, "\"%s\" is longer than %d bytes", field->key,
				  (int)field->most - 1);
	strcpy(into, json_object_get_string(value));
	return 0;
}

static const struct json_field *known(const struct json_field *table, const char *key)
{
	while (table->key != NULL && strcmp(table->key, key) != 0)
		table++;
	return table->key != NULL ? table : NULL;
}

static int unknown(const struct json_file *f, const struct json_path *at, const struct json_field *table,
		   const char *key, struct error *e)
{
	char known_keys[160] = "";

	for (size_t i = 0; table[i].key != NULL; i++)
		snprintf(known_keys + strlen(known_keys), sizeof(known_keys) - strlen(known_keys), "%s%s",
			 i > 0 ? ", " : "", table[i].key);
	return json_wrong(f, at, e, "\"%s\" is not known here; write one of %s", key, known_keys);
}

int json_read(const struct json_file *f, struct json_object *object, const struct json_path *path,
	      const struct json_field *table, void *into, struct error *e)
{
	if (!json_object_is_type(object, json_type_object))
		return json_wrong(f, path, e, "an object, in braces, belongs here");
	json_object_object_foreach(object, key, value)
	{
		const struct json_path at = json_member(path, key);
		const struct json_field *field = known(table, key);
		int r;

		if (field == NULL)
			return unknown(f, &at, table, key, e);
		r = read_field(f, value, &at, field, (char *)into + field->offset, e);
		if (r < 0)
			return r;
	}
	for (const struct json_field *field = table; field->key != NULL; field++) {
		if (field->needed && !json_object_object_get_ex(object, field->key, NULL))
			return json_wrong(f, path, e, "\"%s\" is missing", field->key);
	}
	return 0;
}
