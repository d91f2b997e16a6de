/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/gen/quote.h"

#include <stdio.h>
#include <string.h>

static char *put(char *at, unsigned char byte)
{
	if (byte >= 0x20 && byte < 0x7f) {
		*at++ = (char)byte;
		return at;
	}
	return at + sprintf(at, "\\x%02x", byte);
}

struct quote quote_text(const char *text, size_t len)
{
	struct quote q = { .text = "" };
	char *at = q.text;

	*at++ = '"';
	for (size_t i = 0; i < len && i < QUOTE_SHOWN; i++)
		at = put(at, (unsigned char)text[i]);
	strcpy(at, len > QUOTE_SHOWN ? "...\"" : "\"");
	return q;
}

struct quote quote_byte(char byte)
{
	struct quote q = { .text = "" };
	char *at = q.text;

	*at++ = '\'';
	at = put(at, (unsigned char)byte);
	strcpy(at, "'");
	return q;
}
