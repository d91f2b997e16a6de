/* SPDX-License-Identifier: Apache-2.0 */
/* `--name value` options of a subcommand, as one table. */
#ifndef ANYSCAN_WORLD_ARGUMENTS_H
#define ANYSCAN_WORLD_ARGUMENTS_H

#include <stdbool.h>

#include "anyscan/error.h"

struct argument { /* a table of these ends with a NULL name */
	const char *name; /* without the dashes */
	const char **value; /* where it goes; NULL there = not given */
	bool required;
};

/* Fills the values, and *file with the one bare word; file NULL: none may be there. -EINVAL fills *error. */
int arguments_parse(int argc, char **argv, const struct argument *table, const char **file, struct error *);

#endif
