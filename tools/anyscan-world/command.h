/* SPDX-License-Identifier: Apache-2.0 */
/* The subcommands: each parses its own argv (argv[0] is its name) and returns the exit code. */
#ifndef ANYSCAN_WORLD_COMMAND_H
#define ANYSCAN_WORLD_COMMAND_H

#include "anyscan/error.h"

#define EXIT_USAGE 1 /* the command line is wrong */
#define EXIT_FILE 2 /* a file or list is */
#define EXIT_HOST 3 /* this host cannot; the message says what to do */
#define EXIT_OUTPUT 6 /* results could not be written */

int run_main(int argc, char **argv);
int truth_main(int argc, char **argv);
int seen_main(int argc, char **argv);

int fail(int exit_code, const struct error *); /* prints e->text; returns exit_code */

#endif
