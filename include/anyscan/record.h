/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What classify hands to sink, and the field table that documents, types,
 * filters and prints it. Names are ZMap's.
 */
#ifndef ANYSCAN_RECORD_H
#define ANYSCAN_RECORD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/reply.h"

#define RECORD_BLOCK_ITEMS 64

struct record {
	struct reply reply;
	bool success; /* reply_success() */
	bool repeat; /* an answer of this target was seen before */
	bool cooldown; /* arrived after the last probe was sent */
};

/* classify -> sink, allocated as needed by the elastic result queue. */
struct record_block {
	uint32_t count;
	uint32_t flags; /* enum block_flag */
	struct record record[RECORD_BLOCK_ITEMS];
};

enum field_type {
	FIELD_INT,
	FIELD_BOOL,
	FIELD_STRING
};

struct field_value {
	bool null; /* no value: empty in csv, left out in json */
	uint64_t number; /* FIELD_INT, FIELD_BOOL */
	char text[48]; /* FIELD_STRING, NUL-terminated */
};

struct field {
	const char *name;
	enum field_type type;
	bool nullable; /* some replies have no value */
	const char *help;
	void (*get)(const struct record *,
		    struct field_value *); /* fills all of the value that the type needs */
	/*
	 * The same as text, for the output modules: at most sizeof(text) bytes written, no NUL. Returns the length, 0 for
	 * no value. Digits, or a text without a byte that csv quotes or json escapes. NULL: by get() alone.
	 */
	size_t (*put)(const struct record *, char *buf);
};

extern const struct field record_fields[]; /* ends with name NULL */

const struct field *field_find(const char *name, size_t len); /* or NULL */

extern const char *const reply_class_names[REPLY_CLASSES];

#endif
