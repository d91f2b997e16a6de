/* SPDX-License-Identifier: Apache-2.0 */
/* What output_files.c and output_held.c share: the folder of a row, its names, the file being written. */
#ifndef SINK_OUTPUT_ROW_H
#define SINK_OUTPUT_ROW_H

#include <limits.h>
#include <pthread.h>

#include "anyscan/counters.h"
#include "stages/sink/output_files.h"
#include "stages/sink/output_held.h"

#define PARTIAL ".partial"
#define NAME_SPACE (NAME_MAX + 1)

struct held_file { /* complete, and waits for its name */
	uint64_t number, bytes, records, successes;
	uint64_t until; /* targets below this exponent are in it; 0: not yet known, HELD_TO_THE_END */
	bool committed;
	bool named; /* an earlier run has named it already */
	bool earlier; /* of an earlier run */
	bool empty; /* it has no record, and goes */
};

struct output_files {
	struct output_files_options options;
	const char *base; /* of the path */
	int folder, fd;
	int last_fd; /* held: the lock of the last file, until the next one has its own; or -1 */
	/* lock: of a held row, whose set-up thread looks at what the sink thread writes */
	pthread_mutex_t lock;
	uint64_t number; /* of the file being written, or of the last one */
	uint64_t bytes, records, successes; /* in it */
	uint64_t synced_number, synced_bytes; /* of that file so many bytes are on disk */
	struct held_file *held; /* in the order of numbers */
	size_t nheld, held_room;
	/* set-up thread */
	uint64_t committed_records, committed_successes; /* in files that are committed, by all runs */
	uint64_t *appearing; /* what output_files_row() has shown */
	struct output_row_file *listed;
	struct output_left *left; /* what an earlier run has left */
	size_t nleft;
	uint64_t left_above; /* while they are looked for */
	counter count, first, last; /* completed; read by any thread */
};

int output_row_open_folder(struct output_files *); /* of options.path; sets base too. 0 or negative errno */
void output_row_partial(const struct output_files *, uint64_t number, char name[NAME_SPACE]);
bool output_row_exists(const struct output_files *, const char *name);
/* For every number that a file of the row has, until each() returns something else than 0. Returns that. */
int output_row_each(struct output_files *, int (*each)(struct output_files *, uint64_t number));
/* Gives the .partial file its name, of another number when that one is taken. 0 or negative errno. */
int output_row_name(const struct output_files *, uint64_t *number);
int output_row_sync(const struct output_files *);
void output_row_appeared(struct output_files *, uint64_t number);

/* output_held.c; rc: what the file's fsync said */
int output_held_complete(struct output_files *, int rc);
int output_held_add(struct output_files *, const struct held_file *);
void output_held_free(struct output_files *);

#endif
