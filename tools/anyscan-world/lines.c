/* SPDX-License-Identifier: Apache-2.0 */
#include "lines.h"

#include <string.h>

#define LINE_MAX_BYTES 40 /* 15 + 1 + 5 + 1 + 15 + 1, rounded up */

static char *put_number(char *p, unsigned int n)
{
	char digits[10], *d = digits;

	do {
		*d++ = (char)('0' + n % 10);
		n /= 10;
	} while (n > 0);
	while (d > digits)
		*p++ = *--d;
	return p;
}

static void flush(struct lines *l)
{
	if (fwrite(l->buffer, 1, l->used, l->file) != l->used)
		l->failed = true;
	l->used = 0;
}

void lines_put(struct lines *l, uint32_t addr, uint16_t port, const char *word)
{
	char *p;

	if (l->used > sizeof(l->buffer) - LINE_MAX_BYTES)
		flush(l);
	p = l->buffer + l->used;
	for (int shift = 24; shift >= 0; shift -= 8) {
		p = put_number(p, addr >> shift & 255);
		*p++ = shift > 0 ? '.' : ',';
	}
	p = put_number(p, port);
	if (word != NULL) {
		*p++ = ',';
		p = stpcpy(p, word);
	}
	*p++ = '\n';
	l->used = (unsigned int)(p - l->buffer);
}

int lines_end(struct lines *l)
{
	flush(l);
	if (fflush(l->file) != 0)
		l->failed = true;
	return l->failed ? -1 : 0;
}
