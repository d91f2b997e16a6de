/* SPDX-License-Identifier: Apache-2.0 */
/* JSON is UTF-8 (RFC 8259 8.1); arguments, names of files and values from the wire are bytes. */
#ifndef SINK_UTF8_H
#define SINK_UTF8_H

#include <stddef.h>

/* U+FFFD, for each byte that belongs to no character. */
#define UTF8_REPLACEMENT_LEN 3
static const char utf8_replacement[UTF8_REPLACEMENT_LEN] = { '\xef', '\xbf', '\xbd' };

/* Length of the sequence that the NUL-terminated text begins with (RFC 3629 4), 0: it begins with none. */
static inline size_t utf8_length(const unsigned char *text)
{
	const unsigned char lead = text[0];
	const size_t len = lead < 0x80 ? 1 : lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;

	if (lead > 0xf4 || (lead == 0xe0 && text[1] < 0xa0) || (lead == 0xed && text[1] > 0x9f) ||
	    (lead == 0xf0 && text[1] < 0x90) || (lead == 0xf4 && text[1] > 0x8f))
		return 0;
	for (size_t i = 1; i < len; i++)
		if ((text[i] & 0xc0) != 0x80) /* the NUL too */
			return 0;
	return len;
}

#endif
