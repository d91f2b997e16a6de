/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Output module endpoint: always `address:port`, whatever the number of ports, so that a script that reads it
 * need not know what was scanned. It has no columns to choose: the fields are not looked at.
 */
#include "stages/sink/ipv4_text.h"
#include "stages/sink/output.h"

static size_t endpoint_header(const struct field *const *fields, size_t nfields, char *buf, size_t size)
{
	(void)fields, (void)nfields, (void)buf, (void)size;
	return 0;
}

static size_t endpoint_format(const struct field *const *fields, size_t nfields, const struct record *r,
			      char *buf)
{
	size_t n = ipv4_text(r->reply.saddr, buf);

	(void)fields, (void)nfields;
	buf[n++] = ':';
	n += decimal_text(r->reply.sport, buf + n);
	buf[n++] = '\n';
	return n;
}

const struct output_module output_endpoint = {
	.name = "endpoint",
	.help = "address:port, with one port too",
	.header = endpoint_header,
	.format = endpoint_format,
};
