/* SPDX-License-Identifier: Apache-2.0 */
/*
 * schema SCHEMA FILE           exit 0 if FILE is one JSON value in UTF-8 that SCHEMA (JSON Schema 2020-12) allows
 * schema SCHEMA --lines FILE   the same of each line; prints how many there are
 *
 * Knows the assertions that our schemas make. One that it does not know ends it with exit 2, as does a schema that is
 * none: what is not checked must not pass for checked.
 */
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEPTH_MAX 32

static char where[256]; /* the value being looked at, for messages */
static struct json_object *definitions; /* the schema's $defs */
static bool quiet; /* one of several schemas is tried */

static bool wrong(const char *what, struct json_object *value)
{
	if (quiet)
		return false;
	fprintf(stderr, "%s: %s: %.200s\n", where, what, json_object_to_json_string(value));
	return false;
}

__attribute__((noreturn)) static void bad_schema(const char *what)
{
	fprintf(stderr, "the schema, at %s: %s\n", where, what);
	exit(2);
}

static struct json_object *parse(const char *text, size_t len)
{
	struct json_tokener *tokener = json_tokener_new_ex(DEPTH_MAX);
	struct json_object *o;

	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(tokener, text, (int)len + 1); /* with the NUL: a number may end there */
	if (json_tokener_get_error(tokener) != json_tokener_success || tokener->char_offset < (int)len) {
		fprintf(stderr, "%s: byte %d: %s\n", where, tokener->char_offset,
			json_tokener_error_desc(json_tokener_get_error(tokener)));
		exit(1);
	}
	json_tokener_free(tokener);
	return o;
}

static bool is_type(struct json_object *value, const char *name)
{
	static const struct {
		const char *name;
		enum json_type type;
	} types[] = { { "null", json_type_null },     { "boolean", json_type_boolean },
		      { "object", json_type_object }, { "array", json_type_array },
		      { "string", json_type_string }, { "integer", json_type_int },
		      { "number", json_type_int },    { "number", json_type_double } };
	bool known = false;

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		known |= strcmp(types[i].name, name) == 0;
		if (strcmp(types[i].name, name) == 0 && json_object_is_type(value, types[i].type))
			return true;
	}
	if (!known)
		bad_schema(name);
	return false;
}

static bool check_type(struct json_object *value, struct json_object *types)
{
	bool any = false;

	if (!json_object_is_type(types, json_type_array))
		return is_type(value, json_object_get_string(types));
	for (size_t i = 0; i < json_object_array_length(types); i++)
		any |= is_type(value, json_object_get_string(json_object_array_get_idx(types, i)));
	return any;
}

static bool is_number(struct json_object *value)
{
	return json_object_is_type(value, json_type_int) || json_object_is_type(value, json_type_double);
}

static bool check(struct json_object *value, struct json_object *schema);

/* value.key or value[index] against its own schema. */
static bool check_member(struct json_object *value, const char *key, struct json_object *schema)
{
	const size_t len = strlen(where);
	bool good;

	snprintf(where + len, sizeof(where) - len, ".%s", key);
	good = check(value, schema);
	where[len] = '\0';
	return good;
}

static bool check_properties(struct json_object *value, struct json_object *schema)
{
	struct json_object *properties = json_object_object_get(schema, "properties"), *additional, *own;
	bool good = true;

	if (!json_object_is_type(value, json_type_object))
		return true;
	json_object_object_foreach(value, key, member)
	{
		if (json_object_object_get_ex(properties, key, &own))
			good &= check_member(member, key, own);
		else if (json_object_object_get_ex(schema, "additionalProperties", &additional))
			good &= check_member(member, key, additional);
	}
	return good;
}

static bool check_required(struct json_object *value, struct json_object *names)
{
	bool good = true;

	if (!json_object_is_type(value, json_type_object))
		return true;
	for (size_t i = 0; i < json_object_array_length(names); i++) {
		const char *name = json_object_get_string(json_object_array_get_idx(names, i));

		if (json_object_object_get_ex(value, name, NULL))
			continue;
		if (!quiet)
			fprintf(stderr, "%s: there is no \"%s\"\n", where, name);
		good = false;
	}
	return good;
}

static bool check_items(struct json_object *value, struct json_object *schema)
{
	bool good = true;
	char index[24];

	if (!json_object_is_type(value, json_type_array))
		return true;
	for (size_t i = 0; i < json_object_array_length(value); i++) {
		snprintf(index, sizeof(index), "%zu", i);
		good &= check_member(json_object_array_get_idx(value, i), index, schema);
	}
	return good;
}

static bool check_enum(struct json_object *value, struct json_object *values)
{
	for (size_t i = 0; i < json_object_array_length(values); i++)
		if (json_object_equal(value, json_object_array_get_idx(values, i)))
			return true;
	return false;
}

static bool check_any(struct json_object *value, struct json_object *schemas)
{
	const bool was_quiet = quiet;
	bool good = false;

	quiet = true;
	for (size_t i = 0; !good && i < json_object_array_length(schemas); i++)
		good = check(value, json_object_array_get_idx(schemas, i));
	quiet = was_quiet;
	return good;
}

/* "#/$defs/NAME" */
static bool check_definition(struct json_object *value, struct json_object *name)
{
	const char *text = json_object_get_string(name);
	struct json_object *schema;

	if (strncmp(text, "#/$defs/", 8) != 0 || !json_object_object_get_ex(definitions, text + 8, &schema))
		bad_schema(text);
	return check(value, schema);
}

static bool check(struct json_object *value, struct json_object *schema)
{
	bool good = true;

	if (json_object_is_type(schema, json_type_boolean))
		return json_object_get_boolean(schema) || wrong("not allowed", value);
	json_object_object_foreach(schema, word, rule)
	{
		if (strcmp(word, "type") == 0)
			good &= check_type(value, rule) || wrong("type", value);
		else if (strcmp(word, "properties") == 0 || strcmp(word, "additionalProperties") == 0)
			continue; /* together, below */
		else if (strcmp(word, "required") == 0)
			good &= check_required(value, rule);
		else if (strcmp(word, "items") == 0)
			good &= check_items(value, rule);
		else if (strcmp(word, "enum") == 0)
			good &= check_enum(value, rule) || wrong("enum", value);
		else if (strcmp(word, "minimum") == 0)
			good &= !is_number(value) ||
				json_object_get_double(value) >= json_object_get_double(rule) ||
				wrong("minimum", value);
		else if (strcmp(word, "maximum") == 0)
			good &= !is_number(value) ||
				json_object_get_double(value) <= json_object_get_double(rule) ||
				wrong("maximum", value);
		else if (strcmp(word, "minItems") == 0)
			good &= !json_object_is_type(value, json_type_array) ||
				json_object_array_length(value) >= (size_t)json_object_get_int64(rule) ||
				wrong("minItems", value);
		else if (strcmp(word, "minLength") == 0)
			good &= !json_object_is_type(value, json_type_string) ||
				json_object_get_string_len(value) >= json_object_get_int(rule) ||
				wrong("minLength", value);
		else if (strcmp(word, "anyOf") == 0)
			good &= check_any(value, rule) || wrong("anyOf", value);
		else if (strcmp(word, "$ref") == 0)
			good &= check_definition(value, rule);
		else if (strcmp(word, "$schema") != 0 && strcmp(word, "$defs") != 0 &&
			 strcmp(word, "title") != 0 && strcmp(word, "description") != 0)
			bad_schema(word);
	}
	return check_properties(value, schema) && good;
}

static char *read_file(const char *path, size_t *len)
{
	static const size_t most = 256 << 20;
	char *text = malloc(most);
	FILE *f = fopen(path, "rb");

	if (f == NULL || text == NULL) {
		perror(path);
		exit(2);
	}
	*len = fread(text, 1, most - 1, f);
	text[*len] = '\0';
	fclose(f);
	return text;
}

static bool check_lines(char *text, struct json_object *schema)
{
	unsigned long lines = 0;
	bool good = true;
	char *end;

	for (; (end = strchr(text, '\n')) != NULL; text = end + 1) {
		struct json_object *o;

		*end = '\0';
		snprintf(where, sizeof(where), "line %lu", ++lines);
		/* json-c lets them pass in strings, where RFC 8259 does not; elsewhere on a line we write none */
		for (const char *c = text; c < end; c++) {
			if ((unsigned char)*c >= 0x20)
				continue;
			fprintf(stderr, "%s: control character %#x\n", where,
				(unsigned int)(unsigned char)*c);
			good = false;
		}
		o = parse(text, (size_t)(end - text));
		good &= check(o, schema);
		json_object_put(o);
	}
	if (*text != '\0') {
		fprintf(stderr, "after line %lu: a line without end\n", lines);
		good = false;
	}
	printf("%lu\n", lines);
	return good;
}

int main(int argc, char **argv)
{
	const bool lines = argc == 4 && strcmp(argv[2], "--lines") == 0;
	struct json_object *schema;
	bool good;
	char *text;
	size_t len;

	if (argc != 3 && !lines) {
		fputs("schema SCHEMA [--lines] FILE\n", stderr);
		return 2;
	}
	text = read_file(argv[1], &len);
	snprintf(where, sizeof(where), "%s", argv[1]);
	schema = parse(text, len);
	definitions = json_object_object_get(schema, "$defs");
	free(text);
	text = read_file(argv[argc - 1], &len);
	snprintf(where, sizeof(where), "%s", argv[argc - 1]);
	if (lines) {
		good = check_lines(text, schema);
	} else {
		struct json_object *document = parse(text, len);

		good = check(document, schema);
		json_object_put(document);
	}
	free(text);
	json_object_put(schema);
	return good ? 0 : 1;
}
