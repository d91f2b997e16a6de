/* SPDX-License-Identifier: Apache-2.0 */
/* The output modules that are built in, for their table, and what they share. */
#ifndef SINK_OUTPUT_H
#define SINK_OUTPUT_H

#include "stages/sink/sink.h"

#define OUTPUT_FIELDS_MAX \
	80 /* fields of one record: each takes at most 2 * 48 + 3 bytes, OUTPUT_RECORD_MAX in all */

extern const struct output_module output_list, output_csv;

/* The value as plain text, no NUL; nothing when it is null. Returns bytes, less than sizeof(v->text). */
size_t value_text(const struct field *, const struct field_value *v, char *buf);

#endif
