/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Command lines of the programs: one typed table that parses, validates and prints --help, the manual page
 * and the completion. struct config is each program's own; here it is only the place that offsets count
 * from.
 */
#ifndef OPTIONS_OPTION_H
#define OPTIONS_OPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/error.h"

#define OPTIONS_MAX 96 /* rows of a table */
#define FOREIGN_MAX 96

struct config;
struct option_spec;
typedef int option_parser(const struct option_spec *, const char *value, struct config *, struct error *);

struct option_spec {
	const char *name; /* without the dashes */
	char letter; /* 0: none */
	option_parser *parse; /* of the type */
	size_t offset; /* of the destination in struct config */
	const char *metavar; /* NULL: takes no value */
	bool optional; /* the value may be left out: --name or --name=value */
	const char *initial; /* parsed before the command line, and shown in the help */
	const char *shown; /* shown as the default where there is nothing to parse */
	const char *group; /* heading in the help; NULL: as the row before */
	const char *help;
	uint64_t least, most; /* of numbers; most 0: no limit */
	const char *const *values; /* of a choice, NULL-terminated */
	int task; /* of option_task */
};

struct text_list { /* of a repeatable option, in order; items point into argv */
	const char **item;
	size_t count;
};

/*
 * Types of values (values.c); a program has more of its own. option_task writes an int: what the command
 * line asks for. 0 is the program's main task; the first other one stays, unless it is of those that only
 * print.
 */
option_parser option_flag, option_task, option_count, option_seconds, option_bytes, option_text, option_list,
	option_choice, option_percent;

#define TASK_PRINTS 64 /* tasks from here on print something about the program and win over the others */

/* "12", "2.5M", "0.2", with k M G T in any case, decimal: 0 or -EINVAL with *e, which names the option. */
int number_parse(const char *option, const char *text, double *out, struct error *e);

/* The known name nearest to this one by edit distance, or NULL: none is near. names: NULL-terminated. */
const char *nearest_name(const char *name, const char *const *names);

enum foreign_kind { /* what other programs call their options */
	FOREIGN_ALIAS, /* another name of ours */
	FOREIGN_STAGE, /* --stages with a prefix: tx=N */
	FOREIGN_TARGET, /* its value is a TARGET */
	FOREIGN_IGNORED, /* accepted, said, without effect */
	FOREIGN_REFUSED,
};

struct foreign_option {
	const char *name; /* long name, or NULL */
	char letter; /* or 0 */
	const char *element; /* a whole argv element, as -oX, or NULL */
	enum foreign_kind kind;
	bool takes_value;
	const char *means; /* our option's name, the stage, or the sentence */
};

struct command_line { /* what a program takes */
	const struct option_spec *options; /* ends with name NULL */
	const struct foreign_option *foreign; /* ends with means NULL; may be NULL */
	int (*operand)(const char *text, struct config *, struct error *); /* NULL: takes none */
	/* One that is no alias and not refused; NULL where there are none such. given: as below. */
	int (*take_foreign)(const struct foreign_option *, const char *value, struct config *, bool *given,
			    struct error *);
	/* Told of each option that was taken from the command line, its name ours; may be NULL. 0 or negative errno. */
	int (*typed)(const char *name, const char *value, struct config *);
};

/*
 * Initial values, then the command line. given: set by index in the table. 0 or a negative errno with *e: the
 * message is complete.
 */
int command_line_parse(const struct command_line *, int argc, char *const *argv, struct config *, bool *given,
		       struct error *e);
/* The option of that name, as if it were on the command line. */
int command_line_set(const struct command_line *, const char *name, const char *value, struct config *,
		     bool *given, struct error *e);

const struct option_spec *option_named(const struct option_spec *table, const char *name); /* or NULL */

#endif
