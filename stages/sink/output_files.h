/* SPDX-License-Identifier: Apache-2.0 */
/*
 * -o FILE as a row of files, for --rotate-size and --rotate-interval.
 *
 *   FILE.000007.partial   being written: whole records so far, or what a killed scan has left
 *   FILE.000001 ...       complete: on disk (fsync) before it took the name, never touched again
 *
 * Names sort in the order of writing. Numbers go on after the highest there is, of either kind, so that nothing is
 * overwritten, whoever wrote it; scans that run at once with one FILE share the numbers. A follower that looks for
 * FILE.[0-9]*[0-9], or for IN_MOVED_TO, sees only complete files.
 *
 * A row that is held (output_held.h) belongs to a scan that keeps checkpoints: there a complete file appears only once
 * the checkpoint vouches for all that is in it.
 *
 * Set-up thread: output_files_open() to output_files_check(), output_files_close(), and output_held.h. Between them
 * everything else belongs to the sink thread.
 */
#ifndef SINK_OUTPUT_FILES_H
#define SINK_OUTPUT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/error.h"
#include "stages/sink/output.h"

struct output_files;

struct output_files_options {
	const char *path; /* FILE; borrowed */
	uint64_t size; /* bytes that no file exceeds, but one of a single record; 0: no limit */
	uint64_t interval_ns; /* from a file's first record until it is complete; 0: no limit */
	uint64_t last; /* numbers go on after this one, too, though no file of it is there any more */
	bool held; /* until output_files_appear(); its files are locked (flock) while they are written */
};

/* Begins the first file. 0 or negative errno, with what is wrong about the path in *e. */
int output_files_open(const struct output_files_options *, struct output_files **, struct error *e);

/* With the rights that the sink thread will have: whether the folder takes more files. 0 or negative errno. */
int output_files_check(const struct output_files *, struct error *e);

/* A file that is not complete keeps its name, and goes when it has no record. NULL is fine. */
void output_files_close(struct output_files *);

/* The descriptor of the file being written, or -1: none, output_files_begin() comes first. */
int output_files_fd(const struct output_files *);
/* The next file. 0 or negative errno. */
int output_files_begin(struct output_files *);
/*
 * fsync, rename; of a held row no rename yet. 0 or negative errno; then the file keeps the name that says that it is
 * not complete.
 */
int output_files_complete(struct output_files *);

/* The caller has put so many bytes, of so many records, so many of those successes, into the file. */
void output_files_wrote(struct output_files *, size_t bytes, uint64_t records, uint64_t successes);
/* Whether the file has a record, and `bytes` more would make it longer than it may be. */
bool output_files_full(const struct output_files *, size_t bytes, bool has_record);
uint64_t output_files_interval(const struct output_files *); /* ns, 0: no limit */
bool output_files_held(const struct output_files *);
struct output_position output_files_position(const struct output_files *);

/* Any thread: those completed by this run. Numbers 0: none yet. */
struct output_files_state {
	uint64_t count, first, last;
};
struct output_files_state output_files_state(const struct output_files *);

/* "FILE.000001". Returns bytes as snprintf. */
int output_files_name(const char *path, uint64_t number, char *buf, size_t size);

#endif
