/* SPDX-License-Identifier: Apache-2.0 */
/*
 * json FILE                 exit 0 if FILE is one JSON value and nothing else
 * json FILE KEY.KEY         prints the value; of an array, a key is an index
 * json FILE --sum KEY.KEY   prints the sum of the numbers below it
 */
#include <ctype.h>
#include <json-c/json.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct json_object *parse(const char *path)
{
	struct json_tokener *tokener = json_tokener_new_ex(64);
	struct json_object *root = NULL;
	FILE *f = fopen(path, "rb");
	static char text[64 << 20];
	size_t n;

	if (f == NULL || tokener == NULL)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, f);
	fclose(f);
	json_tokener_set_flags(tokener, JSON_TOKENER_STRICT);
	root = json_tokener_parse_ex(tokener, text, (int)n + 1);
	if (json_tokener_get_error(tokener) != json_tokener_success || tokener->char_offset < (int)n) {
		fprintf(stderr, "%s: byte %d: %s\n", path, tokener->char_offset,
			json_tokener_error_desc(json_tokener_get_error(tokener)));
		root = NULL;
	}
	json_tokener_free(tokener);
	return root;
}

static long long sum(struct json_object *o)
{
	long long total = 0;

	switch (json_object_get_type(o)) {
	case json_type_int:
	case json_type_double:
		return json_object_get_int64(o);
	case json_type_object: {
		json_object_object_foreach(o, key, value)
		{
			(void)key;
			total += sum(value);
		}
		return total;
	}
	case json_type_array:
		for (size_t i = 0; i < json_object_array_length(o); i++)
			total += sum(json_object_array_get_idx(o, i));
		return total;
	default:
		return 0;
	}
}

int main(int argc, char **argv)
{
	const int add = argc == 4 && strcmp(argv[2], "--sum") == 0;
	struct json_object *o = argc >= 2 ? parse(argv[1]) : NULL;

	if (o == NULL)
		return 1;
	if (argc == 2)
		return 0;
	for (char *key = strtok(argv[add ? 3 : 2], "."); key != NULL; key = strtok(NULL, ".")) {
		const bool indexed = json_object_is_type(o, json_type_array) && isdigit((unsigned char)*key);

		if (indexed && strtoul(key, NULL, 10) < json_object_array_length(o)) {
			o = json_object_array_get_idx(o, strtoul(key, NULL, 10));
		} else if (!json_object_object_get_ex(o, key, &o)) {
			fprintf(stderr, "%s: there is no \"%s\"\n", argv[1], key);
			return 1;
		}
	}
	if (add)
		printf("%lld\n", sum(o));
	else
		puts(json_object_is_type(o, json_type_string) ?
			     json_object_get_string(o) :
			     json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	return 0;
}
