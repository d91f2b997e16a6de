/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file beside the results, as --status-updates-file and --log-file: a scan goes on without it. Lines are written
 * whole or not at all; what the file does not take at once is left out. The first error is said, once, and kept for
 * the metadata; every line is tried all the same, as a disk may get room again.
 */
#ifndef ANYSCAN_PIPE_SIDE_FILE_H
#define ANYSCAN_PIPE_SIDE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "anyscan/error.h"
#include "tools/anyscan-pipe/exit_code.h"

struct side_file {
	const char *option, *path; /* the option without its dashes */
	int fd; /* -1: closed */
	int error; /* the first, negative errno, or 0 */
};

/* flags: O_TRUNC or O_APPEND. Never waits: a named pipe that nobody reads is an error. */
enum exit_code side_file_open(struct side_file *, const char *option, const char *path, int flags,
			      struct error *);

/* One write(2) where the file takes it: several processes may share one that is appended to. */
void side_file_write(struct side_file *, const char *text, size_t size);

/*
 * A regular file is opened again by its name, appended to, as a daemon does when a log was renamed away. True: it is
 * another one, and empty. One that cannot be opened is said, and the old one kept.
 */
bool side_file_reopen(struct side_file *);

/* The error in words. */
const char *side_file_why(const struct side_file *);

/* An error of close(2) counts as one of writing. */
void side_file_close(struct side_file *);

#endif
