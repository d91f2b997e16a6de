/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/machine/json_place.h"

#include <stdbool.h>
#include <string.h>

static const char *skip_blanks(const char *p)
{
	return p + strspn(p, " \t\r\n");
}

/* From the opening quote to behind the closing one. */
static const char *skip_string(const char *p)
{
	for (p++; *p != '\0' && *p != '"'; p++) {
		if (*p == '\\' && p[1] != '\0')
			p++;
	}
	return *p == '"' ? p + 1 : p;
}

static const char *skip_value(const char *p)
{
	unsigned int depth = 0;

	do {
		p = skip_blanks(p);
		if (*p == '\0')
			return p;
		if (*p == '"') {
			p = skip_string(p);
		} else if (strchr("{[", *p) != NULL) {
			depth++;
			p++;
		} else if (strchr("}]", *p) != NULL) {
			depth--;
			p++;
		} else if (strchr(",:", *p) != NULL) {
			p++;
		} else {
			p += strcspn(p, ",:]} \t\r\n");
		}
	} while (depth > 0);
	return p;
}

static bool named(const char *p, const char *key)
{
	const size_t len = strlen(key);

	return strncmp(p + 1, key, len) == 0 && p[1 + len] == '"';
}

/* Into the value at p; NULL: there is no such member or element. */
static const char *enter(const char *p, const struct json_step *step)
{
	p = skip_blanks(p);
	if (*p != (step->key != NULL ? '{' : '['))
		return NULL;
	p = skip_blanks(p + 1);
	for (size_t i = 0; *p != '\0' && strchr("}]", *p) == NULL; i++) {
		bool found = step->key == NULL && i == step->index;

		if (step->key != NULL) {
			found = named(p, step->key);
			p = skip_blanks(skip_blanks(skip_string(p)) + 1); /* the colon */
		}
		if (found)
			return p;
		p = skip_blanks(skip_value(p));
		if (*p == ',')
			p = skip_blanks(p + 1);
	}
	return NULL;
}

unsigned int line_of(const char *text, size_t offset)
{
	unsigned int line = 1;

	for (size_t i = 0; i < offset && text[i] != '\0'; i++)
		line += text[i] == '\n';
	return line;
}

unsigned int json_line(const char *text, const struct json_path *path)
{
	const char *at = skip_blanks(text);

	for (unsigned int i = 0; i < path->steps; i++) {
		const char *inner = enter(at, &path->step[i]);

		if (inner == NULL)
			break;
		at = inner;
	}
	return line_of(text, (size_t)(at - text));
}
