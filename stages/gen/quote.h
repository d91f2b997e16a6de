/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a user's text is shown in a message: in quotes, bytes that a terminal
 * would act on as \xNN, and cut where it is too long to be read.
 */
#ifndef GEN_QUOTE_H
#define GEN_QUOTE_H

#include <stddef.h>

#define QUOTE_SHOWN 64 /* bytes of the text that are shown */

struct quote {
	char text[QUOTE_SHOWN * 4 + 8];
};

struct quote quote_text(const char *text, size_t len);
/* One byte, in single quotes. */
struct quote quote_byte(char byte);

#endif
