/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A file or standard output that an engine writes frames to. It knows how many
 * bytes reached the file, so that an engine can accept just the frames that
 * are in it. After the first error nothing more is written.
 *
 * Set-up thread: stream_open, stream_close, stream_errors. The rest: the one tx thread.
 */
#ifndef IO_STREAM_H
#define IO_STREAM_H

#include <stdbool.h>
#include <stddef.h>

#include "anyscan/counters.h"
#include "anyscan/error.h"

struct stream {
	int fd;
	bool owned; /* we opened it: not standard output */
	bool regular; /* and it is a file that can be cut and synced */
	bool dirty; /* written since the last sync */
	int error; /* 0, or the negative errno that ended it */
	counter errors;
};

/* name: a path, created or emptied, or "-" for standard output. Negative errno fills *error. */
int stream_open(struct stream *, const char *name, struct error *error);

/* Writes all of it unless an error stops it; returns the bytes that were written. */
size_t stream_write(struct stream *, const void *data, size_t size);

/* Takes the last `bytes` off a file of ours: the part of a record that got in before an error. */
void stream_cut(struct stream *, size_t bytes);

/* Waits until a file is on its medium, where allocation may still fail. Counts an error. */
void stream_sync(struct stream *);

void stream_close(struct stream *);
uint64_t stream_errors(const struct stream *);

#endif
