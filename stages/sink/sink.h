/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage sink: takes record blocks from the elastic result queue, formats and
 * writes them. Always on a thread of its own: a slow disk or pipe holds nobody back but itself.
 */
#ifndef SINK_SINK_H
#define SINK_SINK_H

#include <stdbool.h>
#include <stddef.h>

#include "anyscan/error.h"
#include "anyscan/record.h"
#include "anyscan/stage.h"

struct result_queue; /* stages/classify/result_queue.h */
struct output_files; /* stages/sink/output_files.h */
struct waker;

/* An output module: formats records into text. Set-up and the sink thread only. */
struct output_module {
	const char *name; /* as in -O */
	const char *help;
	/* Header text into buf, or 0 for none. Returns bytes; never more than size. */
	size_t (*header)(const struct field *const *fields, size_t nfields, char *buf, size_t size);
	/* One record into buf (size >= OUTPUT_RECORD_MAX). Returns bytes. */
	size_t (*format)(const struct field *const *fields, size_t nfields, const struct record *, char *buf);
};
#define OUTPUT_RECORD_MAX (32 * 1024)

extern const struct output_module *const output_modules[]; /* NULL-terminated */
const struct output_module *output_find(const char *name);

struct sink_options {
	const struct output_module *module;
	const struct field *const *fields; /* borrowed */
	size_t nfields;
	bool header;
	int fd; /* borrowed; written in blocks, whole records, when a block is full or the queue runs dry */
	/*
	 * fd is a regular file that nobody else writes: a record that an error has cut is taken back, and fsync(2)
	 * after the last one tells of what the disk did not take, before `done`.
	 */
	bool own_file;
	struct output_files
		*files; /* borrowed: its files in turn instead of fd, each with a header; or NULL */
	struct result_queue **in; /* one per classify stage */
	unsigned int ins;
	/* Around every write, when the output shares a terminal with the status line. May be NULL. */
	void (*before_write)(void *), (*after_write)(void *);
	void *hook;
	struct waker *failed; /* notified once when the output fails; may be NULL */
};

struct stage *sink_create(const struct sink_options *); /* NULL: out of memory */
void sink_destroy(struct stage *);

/* How far the output is, by this run: whole records. */
struct sink_position {
	uint64_t bytes, records, successes;
};
struct sink_position sink_position(struct stage *); /* any thread; of one moment */

/*
 * Any thread: records written; bytes written; 0 or the negative errno that ended the output. Records after that are
 * counted as lost. Nothing lost and an error: the disk may not have all that was written.
 */
struct sink_state {
	uint64_t written, bytes, lost;
	int error;
	uint64_t files, first_file,
		last_file; /* of a row of files: how many are complete, and their numbers */
};
struct sink_state sink_state(const struct stage *);

#endif
