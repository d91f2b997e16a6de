/* SPDX-License-Identifier: Apache-2.0 */
/* What the fuzz targets of text parsers have in common. */
#ifndef TESTS_FUZZ_TEXT_H
#define TESTS_FUZZ_TEXT_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/error.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void must(bool holds)
{
	if (!holds)
		abort();
}

/* A string in memory of its own, so that a read past its end is seen. */
static inline char *text_of(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	if (size > 0)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

/* A refusal is a negative errno and a sentence that a terminal can show, whatever was typed. */
static inline void must_say(int code, const struct error *e)
{
	must(code < 0 && e->code < 0 && e->text[0] != '\0');
	for (const char *c = e->text; *c != '\0'; c++)
		must(((unsigned char)*c >= ' ' || *c == '\n') && *c != 0x7f);
}

#endif
