/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output module list: what the next program in the pipe reads. One target a line: `address`, or
 * `address:port` for the field list saddr,sport; any other field list is printed as plain values with commas
 * between, nothing quoted.
 */
#include <string.h>

#include "stages/sink/ipv4_text.h"
#include "stages/sink/output.h"

size_t field_text(const struct field *field, const struct record *r, char *buf)
{
	struct field_value v;
	size_t n;

	if (field->put != NULL)
		return field->put(r, buf);
	field->get(r, &v);
	if (v.null)
		return 0;
	if (field->type != FIELD_STRING)
		return decimal_text(v.number, buf);
	n = strnlen(v.text, sizeof(v.text));
	memcpy(buf, v.text, n);
	return n;
}

static bool is_endpoint(const struct field *const *fields, size_t nfields)
{
	return nfields == 2 && strcmp(fields[0]->name, "saddr") == 0 && strcmp(fields[1]->name, "sport") == 0;
}

static size_t list_header(const struct field *const *fields, size_t nfields, char *buf, size_t size)
{
	(void)fields, (void)nfields, (void)buf, (void)size;
	return 0;
}

static size_t list_format(const struct field *const *fields, size_t nfields, const struct record *r,
			  char *buf)
{
	const char between = is_endpoint(fields, nfields) ? ':' : ',';
	size_t n = 0;

	for (size_t i = 0; i < nfields; i++) {
		if (i != 0)
			buf[n++] = between;
		n += field_text(fields[i], r, buf + n);
	}
	buf[n++] = '\n';
	return n;
}

const struct output_module output_list = {
	.name = "list",
	.help = "address, or address:port with several ports",
	.header = list_header,
	.format = list_format,
};
