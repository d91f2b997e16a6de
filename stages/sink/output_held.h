/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A row of files of a scan that keeps checkpoints. Whoever follows the folder may take a file away the moment it
 * appears, so one appears only when no later run needs it any more: when every target that has a record in it is
 * committed, and the checkpoint on disk says so. Till then it is FILE.000007.partial, whole and on disk, and a resumed
 * scan reads it back to know who has answered. What the last run had not committed is known by numbers alone, as
 * gens lease in order: a file is committed when all exponents that were leased before its end are.
 *
 * Set-up thread.
 */
#ifndef SINK_OUTPUT_HELD_H
#define SINK_OUTPUT_HELD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/error.h"

struct output_files;

#define HELD_TO_THE_END UINT64_MAX /* no exponent reaches it */

struct output_row_file {
	uint64_t number, bytes; /* of it so many are on disk */
};

/* What a checkpoint says of a row. */
struct output_row {
	uint64_t records, successes; /* in the files that are committed, by all runs */
	uint64_t last; /* the highest number, of files that may have been taken away since, too */
	const uint64_t *appearing; /* committed by this checkpoint: they get their names after it */
	size_t nappearing;
	const struct output_row_file *file; /* the others, in order; the last is being written, or has been */
	size_t nfiles;
};

/* Files that were completed since the last call: all their targets lie below this exponent, where none is leased. */
void output_files_mark(struct output_files *, uint64_t cursor);
/* What is written so far is on disk when this returns 0, and is what output_files_row() lists. Or negative errno. */
int output_files_sync(struct output_files *);
/*
 * By the checkpoint that is written next all below this exponent is committed (HELD_TO_THE_END: all there is); settled:
 * and so is all that this run has asked.
 */
void output_files_commit(struct output_files *, uint64_t front, bool settled);
/* Borrowed until the next call. 0 or -ENOMEM. */
int output_files_row(struct output_files *, struct output_row *);
/* After that checkpoint is on disk: gives the committed files their names. 0 or negative errno: some wait longer. */
int output_files_appear(struct output_files *);

/*
 * A resumed scan: names what was about to appear, finds what an earlier run has left, and locks it. 0, -EWOULDBLOCK: a
 * scan that runs writes it, or negative errno, with *e.
 */
int output_files_resume(struct output_files *, const struct output_row *, struct error *e);

/* Of a scan that is finished: names what was about to appear. 0 or negative errno. */
int output_files_finish(const char *path, const struct output_row *);

struct output_left {
	uint64_t number;
	uint64_t vouched; /* bytes that must be there */
	uint64_t size;
	int fd;
	bool named; /* it is complete, and has appeared: the checkpoint is not the last one */
};
const struct output_left *output_files_left(const struct output_files *, size_t *n);
/*
 * Of what is left, file i has so many whole records up to byte `bytes`: what follows is cut off, and it is one more of
 * the row. A file without records goes. until: no exponent from there on was leased. 0 or negative errno.
 */
int output_files_keep(struct output_files *, size_t i, uint64_t bytes, uint64_t records, uint64_t successes,
		      uint64_t until);
/* "FILE.000007.partial", for messages. */
void output_files_left_name(const struct output_files *, size_t i, char *buf, size_t size);

#endif
