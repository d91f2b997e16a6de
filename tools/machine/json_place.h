/* SPDX-License-Identifier: Apache-2.0 */
/* Where in a JSON text a value stands, for messages: json-c forgets. */
#ifndef MACHINE_JSON_PLACE_H
#define MACHINE_JSON_PLACE_H

#include <stddef.h>

#define JSON_DEPTH_MAX 4

struct json_path {
	struct json_step {
		const char *key; /* of an object; NULL: an element of an array */
		size_t index;
	} step[JSON_DEPTH_MAX];
	unsigned int steps;
};

/* 1-based line of the value, or of the innermost thing around it that is there. text: JSON without a fault. */
unsigned int json_line(const char *text, const struct json_path *);

unsigned int line_of(const char *text, size_t offset);

#endif
