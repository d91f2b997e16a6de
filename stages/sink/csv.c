/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output module csv: RFC 4180, lines ended by a newline alone as every Unix reader expects. A value is quoted
 * when it holds a comma, a quote or a line break, and quotes in it are doubled. Null is empty, a boolean is 0
 * or 1.
 */
#include <string.h>

#include "stages/sink/output.h"

static size_t csv_quote(const char *text, size_t len, char *buf)
{
	size_t n = 0;

	buf[n++] = '"';
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"')
			buf[n++] = '"';
		buf[n++] = text[i];
	}
	buf[n++] = '"';
	return n;
}

static size_t csv_value(const struct field *field, const struct record *r, char *buf)
{
	char plain[sizeof(((struct field_value *)0)->text)];
	size_t n;

	if (field->put != NULL)
		return field->put(r, buf);
	n = field_text(field, r, plain);
	for (size_t i = 0; i < n; i++)
		if (strchr(",\"\r\n", plain[i]) != NULL)
			return csv_quote(plain, n, buf);
	memcpy(buf, plain, n);
	return n;
}

static size_t csv_header(const struct field *const *fields, size_t nfields, char *buf, size_t size)
{
	size_t n = 0;

	for (size_t i = 0; i < nfields; i++) {
		const size_t len = strlen(fields[i]->name);

		if (n + len + 1 > size)
			return 0;
		memcpy(buf + n, fields[i]->name, len);
		n += len;
		buf[n++] = i + 1 < nfields ? ',' : '\n';
	}
	return n;
}

static size_t csv_format(const struct field *const *fields, size_t nfields, const struct record *r, char *buf)
{
	size_t n = 0;

	for (size_t i = 0; i < nfields; i++) {
		n += csv_value(fields[i], r, buf + n);
		buf[n++] = i + 1 < nfields ? ',' : '\n';
	}
	return n;
}

const struct output_module output_csv = {
	.name = "csv",
	.help = "comma-separated values, header row first",
	.header = csv_header,
	.format = csv_format,
};
