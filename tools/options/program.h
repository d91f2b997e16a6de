/* SPDX-License-Identifier: Apache-2.0 */
/* What a program prints about itself, all of it from its option table. */
#ifndef OPTIONS_PROGRAM_H
#define OPTIONS_PROGRAM_H

#include <stdio.h>

#include "tools/options/option.h"

#ifndef ANYSCAN_VERSION
#define ANYSCAN_VERSION "unknown"
#endif

struct program {
	const char *name;
	const char *operands; /* as "TARGET...", or "" */
	const char *summary; /* what follows the name in man(1)'s NAME */
	const char *description; /* a paragraph that begins with a letter */
	const char *numbers; /* a sentence about values for the manual, or NULL */
	const struct option_spec *options;
	const char *const
		*exits; /* what each exit code means, NULL-terminated; "" for one that there is not */
	void (*man_fields)(FILE *); /* in roff: sections between OPTIONS and EXIT STATUS; may be NULL */
	void (*man_rest)(FILE *); /* and after it; may be NULL */
	/* For the completion, a blank before each word; may be NULL. option NULL: what an operand can be. */
	void (*words)(FILE *, const struct option_spec *option);
};

/* For a terminal, for man(1) in roff, for bash. */
void program_help(const struct program *, FILE *);
void program_man(const struct program *, FILE *);
void program_completion(const struct program *, FILE *);

struct program_library {
	const char *name, *version;
};
/* For people, or one JSON object. libraries ends with name NULL. */
void program_version(const struct program *, const struct program_library *libraries, bool json, FILE *);

void roff_section(FILE *, const char *title);
void roff_text(FILE *, const char *text); /* not at the beginning of a line unless it begins with a letter */
void roff_font(FILE *, char font, const char *text); /* B or I */

#endif
