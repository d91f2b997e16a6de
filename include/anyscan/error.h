/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How set-up code tells what went wrong: a negative errno up the stack, and a
 * sentence for people that names the wrong value and the way out. The library
 * never prints; the edge (tools/) prints error.text once.
 */
#ifndef ANYSCAN_ERROR_H
#define ANYSCAN_ERROR_H

#include <stdarg.h>
#include <stdio.h>

struct error {
	int code; /* negative errno, 0 while nothing has failed */
	char text[1024]; /* one or more lines, no newline at the end */
};

/*
 * Fills *e and returns code, so that callers write `return error_set(e, -EINVAL, ...)`. e may be NULL. Control
 * characters of a value that is quoted become '?': a message ends up on a terminal.
 */
__attribute__((format(printf, 3, 4))) static inline int error_set(struct error *e, int code,
								  const char *format, ...)
{
	if (e != NULL) {
		va_list args;
		va_start(args, format);
		e->code = code;
		vsnprintf(e->text, sizeof(e->text), format, args);
		va_end(args);
		for (char *c = e->text; *c != '\0'; c++) {
			if (((unsigned char)*c < ' ' && *c != '\n') || *c == 0x7f)
				*c = '?';
		}
	}
	return code;
}

#endif
