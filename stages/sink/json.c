/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output module json: one object a line (RFC 8259 in UTF-8), no blanks, the fields in their order, a null field
 * left out. Written by hand: a library's object per record would cost an allocation per field and several
 * times the scan's own work.
 */
#include <string.h>

#include "stages/sink/ipv4_text.h"
#include "stages/sink/output.h"
#include "stages/sink/utf8.h"

/* Of what RFC 8259 7 has escaped; the text is NUL-terminated, so \u0000 cannot occur. */
static size_t json_escape(unsigned char c, char *buf)
{
	static const char digits[] = "0123456789abcdef", from[] = "\"\\\b\f\n\r\t", to[] = "\"\\bfnrt";
	const char *at = strchr(from, c);

	buf[0] = '\\';
	if (at != NULL) {
		buf[1] = to[at - from];
		return 2;
	}
	buf[1] = 'u';
	buf[2] = '0';
	buf[3] = '0';
	buf[4] = digits[c >> 4];
	buf[5] = digits[c & 15];
	return 6;
}

size_t json_string(const char *text, char *buf)
{
	const unsigned char *at = (const unsigned char *)text;
	size_t n = 0;

	buf[n++] = '"';
	while (*at != '\0') {
		const size_t len = utf8_length(at);

		if (len == 0) {
			memcpy(buf + n, utf8_replacement, UTF8_REPLACEMENT_LEN);
			n += UTF8_REPLACEMENT_LEN;
			at++;
			continue;
		}
		if (*at < 0x20 || *at == '"' || *at == '\\') {
			n += json_escape(*at, buf + n);
		} else {
			memcpy(buf + n, at, len);
			n += len;
		}
		at += len;
	}
	buf[n++] = '"';
	return n;
}

/* The value alone, nothing when it is null. */
static size_t json_value(const struct field *field, const struct record *r, char *buf)
{
	struct field_value v;
	size_t n;

	if (field->put != NULL && field->type == FIELD_INT)
		return field->put(r, buf);
	if (field->put != NULL && field->type == FIELD_STRING) {
		n = field->put(r, buf + 1);
		if (n == 0)
			return 0;
		buf[0] = buf[n + 1] = '"';
		return n + 2;
	}
	field->get(r, &v);
	if (v.null)
		return 0;
	switch (field->type) {
	case FIELD_INT:
		return decimal_text(v.number, buf);
	case FIELD_BOOL:
		memcpy(buf, v.number != 0 ? "true" : "false", 5);
		return v.number != 0 ? 4 : 5;
	default:
		return json_string(v.text, buf);
	}
}

static size_t json_header(const struct field *const *fields, size_t nfields, char *buf, size_t size)
{
	(void)fields, (void)nfields, (void)buf, (void)size;
	return 0;
}

static size_t json_format(const struct field *const *fields, size_t nfields, const struct record *r,
			  char *buf)
{
	size_t n = 0;

	buf[n++] = '{';
	for (size_t i = 0; i < nfields; i++) {
		const size_t name = strlen(fields[i]->name); /* an identifier: nothing to escape */
		char *at = buf + n;
		size_t value;

		if (n > 1)
			*at++ = ',';
		*at++ = '"';
		memcpy(at, fields[i]->name, name);
		at += name;
		*at++ = '"';
		*at++ = ':';
		value = json_value(fields[i], r, at);
		if (value > 0) /* else the next one is written over it */
			n = (size_t)(at - buf) + value;
	}
	buf[n++] = '}';
	buf[n++] = '\n';
	return n;
}

const struct output_module output_json = {
	.name = "json",
	.help = "one JSON object a line; --output-schema prints what it may hold",
	.header = json_header,
	.format = json_format,
};
