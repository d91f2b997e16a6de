/* SPDX-License-Identifier: Apache-2.0 */
/* The output modules that are built in, for their table, and what they share. */
#ifndef SINK_OUTPUT_H
#define SINK_OUTPUT_H

#include "stages/sink/sink.h"

/*
 * Fields of one record. In csv each takes at most 2 * 47 + 3 bytes; in json 6 * 47 for a text of control
 * characters, its name and 6 for quotes, colon and comma: OUTPUT_RECORD_MAX in all.
 */
#define OUTPUT_FIELDS_MAX 80
#define OUTPUT_NAME_MAX 40 /* of a field */

/*
 * Where an output has got to, in whole records: what lies beyond it can be cut off and written again. A checkpoint
 * of it holds once the file was synchronised. Sink thread.
 */
struct output_position {
	uint64_t file; /* its number, of a row of files (stages/sink/output_files.h); 0: there is one file */
	uint64_t offset; /* bytes */
};

extern const struct output_module output_list, output_csv, output_json, output_endpoint;

/* The field's value as plain text, no NUL; nothing when it is null. Returns bytes, less than sizeof(v->text). */
size_t field_text(const struct field *, const struct record *, char *buf);

/* The text as a JSON string with its quotes, no NUL; bytes that are no UTF-8 become U+FFFD. At most 6 * length + 2. */
size_t json_string(const char *text, char *buf);

#endif
