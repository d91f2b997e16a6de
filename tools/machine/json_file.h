/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON file read by a table of what may stand in it; what is wrong is said as "FILE:LINE: ...". */
#ifndef MACHINE_JSON_FILE_H
#define MACHINE_JSON_FILE_H

#include <json-c/json.h>
#include <stdbool.h>

#include "anyscan/error.h"
#include "tools/machine/json_place.h"

struct json_file {
	const char *name; /* as the user wrote it */
	char *text;
	struct json_object *root;
};

/* At most 1 MiB. 0, then json_file_close(); or negative errno with *e. */
int json_file_open(struct json_file *, const char *name, struct error *e);
void json_file_close(struct json_file *);

enum json_kind {
	JSON_COUNT, /* unsigned int */
	JSON_NUMBER, /* double */
	JSON_INDEX, /* int */
	JSON_TEXT, /* char[], NUL-terminated; `most` bytes with it */
	JSON_NESTED, /* the caller reads it */
};

struct json_field {
	const char *key; /* NULL ends the table */
	enum json_kind kind;
	size_t offset; /* in the object that is filled */
	bool needed;
	double least, most;
};

/* Every member of the object at path is in the table, and each that is needed is there. 0 or -EINVAL with *e. */
int json_read(const struct json_file *, struct json_object *, const struct json_path *,
	      const struct json_field *, void *into, struct error *e);

struct json_path json_member(const struct json_path *, const char *key);
struct json_path json_element(const struct json_path *, size_t index);

/* -EINVAL; the sentence gets "FILE:LINE: " in front. */
__attribute__((format(printf, 4, 5))) int json_wrong(const struct json_file *, const struct json_path *,
						     struct error *e, const char *format, ...);

#endif
