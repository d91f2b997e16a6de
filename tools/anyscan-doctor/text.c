/* SPDX-License-Identifier: Apache-2.0 */
/* The report as a table: a row for each capability, what else it holds beside it, and under each "no" what helps. */
#include <string.h>

#include "tools/anyscan-doctor/doctor.h"

#define NAME_WIDTH 20
#define VALUE_MOST 56 /* a longer one, as an RSS key, is for --json */
#define LINE_MOST 96

struct table {
	bool colour;
};

static bool is_capability(struct json_object *o)
{
	return json_object_is_type(o, json_type_object) && json_object_object_get_ex(o, "available", NULL);
}

static bool is_known(const char *key)
{
	return strcmp(key, "available") == 0 || strcmp(key, "reason") == 0 || strcmp(key, "remedy") == 0;
}

static void words_of(struct json_object *value, char *out, size_t size)
{
	size_t len = 0;

	*out = '\0';
	if (!json_object_is_type(value, json_type_array)) {
		snprintf(out, size, "%s", value != NULL ? json_object_get_string(value) : "none");
		return;
	}
	for (size_t i = 0; i < json_object_array_length(value) && len < size; i++)
		len += (size_t)snprintf(out + len, size - len, "%s%s", i > 0 ? " " : "",
					json_object_get_string(json_object_array_get_idx(value, i)));
}

/* "combined 4, rx 0, ..."; empty and long values are left out */
static void details(struct json_object *capability, char *out, size_t size)
{
	size_t len = 0;

	*out = '\0';
	json_object_object_foreach(capability, key, value)
	{
		char words[1024];

		if (is_known(key) || json_object_is_type(value, json_type_object))
			continue;
		words_of(value, words, sizeof(words));
		if (*words != '\0' && strlen(words) <= VALUE_MOST && len < size)
			len += (size_t)snprintf(out + len, size - len, "%s%s %s", len > 0 ? ", " : "", key,
						words);
	}
}

/* Broken at blanks; every further line begins under the first. */
static void wrapped(const char *text, int indent)
{
	int column = indent;

	while (*text != '\0') {
		const int word = (int)strcspn(text, " ");

		if (column > indent && column + 1 + word > LINE_MOST) {
			printf("\n%*s", indent, "");
			column = indent;
		}
		column += printf("%s%.*s", column > indent ? " " : "", word, text);
		text += word;
		text += strspn(text, " ");
	}
	putchar('\n');
}

static void rows(const struct table *t, struct json_object *o, int depth);

static void row(const struct table *t, const char *name, struct json_object *capability, int depth)
{
	const bool yes = json_object_get_boolean(json_object_object_get(capability, "available"));
	const int indent = 2 + 2 * depth, column = indent + NAME_WIDTH + 5;
	char more[512];

	printf("%*s%-*s %s%s%s", indent, "", NAME_WIDTH, name,
	       !t->colour ? "" :
	       yes	  ? "\033[32m" :
			    "\033[31m",
	       yes ? "yes" : "no", t->colour ? "\033[0m" : "");
	details(capability, more, sizeof(more));
	if (yes) {
		printf(*more != '\0' ? " " : "\n");
		if (*more != '\0')
			wrapped(more, column);
	} else {
		fputs("  ", stdout);
		wrapped(json_object_get_string(json_object_object_get(capability, "reason")), column);
		printf("%*s-> ", column, "");
		wrapped(json_object_get_string(json_object_object_get(capability, "remedy")), column + 3);
	}
	rows(t, capability, depth + 1);
}

/* The capabilities of an object, and of objects in it. */
static void rows(const struct table *t, struct json_object *o, int depth)
{
	json_object_object_foreach(o, key, value)
	{
		if (is_capability(value))
			row(t, key, value, depth);
		else if (json_object_is_type(value, json_type_object) && strcmp(key, "libraries") != 0)
			rows(t, value, depth);
	}
}

static void heading(const struct table *t, const char *text)
{
	printf("\n%s%s%s\n", t->colour ? "\033[1m" : "", text, t->colour ? "\033[0m" : "");
}

static const char *text_of(struct json_object *o, const char *key)
{
	return json_object_get_string(json_object_object_get(o, key));
}

void print_text(struct json_object *report, bool colour)
{
	const struct table t = { .colour = colour };
	struct json_object *kernel = json_object_object_get(report, "kernel");
	struct json_object *nics = json_object_object_get(report, "nics");
	struct json_object *interfaces = json_object_object_get(report, "interfaces");
	char title[160];

	printf("anyscan-doctor %s, Linux %s %s, %s CPUs\n", text_of(report, "version"),
	       text_of(kernel, "release"), text_of(kernel, "machine"), text_of(kernel, "cpus"));
	heading(&t, "engines");
	rows(&t, json_object_object_get(report, "engines"), 0);
	heading(&t, "this host");
	rows(&t, kernel, 0);
	if (json_object_object_length(nics) > 0)
		heading(&t, "NICs for DPDK");
	rows(&t, nics, 0);
	for (size_t i = 0; i < json_object_array_length(interfaces); i++) {
		struct json_object *o = json_object_array_get_idx(interfaces, i);

		snprintf(title, sizeof(title), "interface %s", text_of(o, "name"));
		heading(&t, title);
		rows(&t, o, 0);
	}
}
