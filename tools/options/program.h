/* SPDX-License-Identifier: Apache-2.0 */
/* What a program prints about itself, all of it from its option table. */
#ifndef OPTIONS_PROGRAM_H
#define OPTIONS_PROGRAM_H

#include <stdio.h>

#include "tools/options/option.h"

#ifndef ANYSCAN_VERSION
#define ANYSCAN_VERSION "unknown"
#endif

/* What every program prints about itself; the tasks of a program's own that do so follow from TASK_OWN on. */
enum about_task {
	TASK_HELP = TASK_PRINTS,
	TASK_VERSION,
	TASK_VERSION_JSON,
	TASK_MAN,
	TASK_COMPLETION,
	TASK_OWN
};

/* The rows of an option table for them. at: of the task in struct config. */
/* clang-format off */
#define OPTIONS_ABOUT(at) \
	{ .group = "About", \
	  .name = "help", .letter = 'h', .parse = option_task, .offset = (at), .task = TASK_HELP, \
	  .help = "this text" }, \
	{ .name = "version", .letter = 'V', .parse = option_task, .offset = (at), .task = TASK_VERSION, \
	  .help = "version and libraries" }, \
	{ .name = "version-json", .parse = option_task, .offset = (at), .task = TASK_VERSION_JSON, \
	  .help = "the same for programs" }, \
	{ .name = "man", .parse = option_task, .offset = (at), .task = TASK_MAN, \
	  .help = "the manual page, for man -l -" }, \
	{ .name = "completion", .parse = option_task, .offset = (at), .task = TASK_COMPLETION, \
	  .help = "completion of these options, for bash to source" }
/* clang-format on */

struct program {
	const char *name;
	const char *operands; /* as "TARGET...", or "" */
	const char *summary; /* what follows the name in man(1)'s NAME */
	const char *description; /* a paragraph that begins with a letter */
	const char *numbers; /* a sentence about values for the manual, or NULL */
	const struct option_spec *options;
	const char *const
		*exits; /* what each exit code means, NULL-terminated; "" for one that there is not */
	void (*version)(bool json, FILE *); /* for people, or one JSON object */
	void (*man_fields)(FILE *); /* in roff: sections between OPTIONS and EXIT STATUS; may be NULL */
	void (*man_rest)(FILE *); /* and after it; may be NULL */
	/* For the completion, a blank before each word; may be NULL. option NULL: what an operand can be. */
	void (*words)(FILE *, const struct option_spec *option);
};

/* False: it is none of enum about_task, and nothing is printed. */
bool program_print(const struct program *, int task, FILE *);

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
