/* SPDX-License-Identifier: Apache-2.0 */
/* --output-schema: draft 2020-12, https://json-schema.org/draft/2020-12/json-schema-core */
#include <json-c/json.h>
#include <stdio.h>

#include "tools/anyscan-pipe/scan.h"

static void put_string(struct json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, json_object_new_string(text));
}

static struct json_object *property(const struct field *f)
{
	static const char *const types[] = {
		[FIELD_INT] = "integer", [FIELD_BOOL] = "boolean", [FIELD_STRING] = "string"
	};
	struct json_object *o = json_object_new_object();

	put_string(o, "type", types[f->type]);
	if (f->type == FIELD_INT)
		json_object_object_add(o, "minimum", json_object_new_int(0));
	put_string(o, "description", f->help);
	return o;
}

void output_schema_print(const struct field *const *fields, size_t nfields)
{
	struct json_object *o = json_object_new_object();
	struct json_object *properties = json_object_new_object(), *required = json_object_new_array();

	for (size_t i = 0; i < nfields; i++) {
		json_object_object_add(properties, fields[i]->name, property(fields[i]));
		if (!fields[i]->nullable)
			json_object_array_add(required, json_object_new_string(fields[i]->name));
	}
	put_string(o, "$schema", "https://json-schema.org/draft/2020-12/schema");
	put_string(o, "title", "A result of anyscan-pipe, as --output-module json writes it");
	put_string(o, "type", "object");
	json_object_object_add(o, "properties", properties);
	json_object_object_add(o, "required", required);
	json_object_object_add(o, "additionalProperties", json_object_new_boolean(false));
	puts(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}
