/* SPDX-License-Identifier: Apache-2.0 */
/* What is told about a scan beside its results: status rows, metadata, summary. */
#ifndef ANYSCAN_PIPE_REPORT_H
#define ANYSCAN_PIPE_REPORT_H

#include "tools/anyscan-pipe/auto_pace.h"
#include "tools/anyscan-pipe/link_watch.h"
#include "tools/anyscan-pipe/scan.h"
#include "tools/anyscan-pipe/side_file.h"

struct report {
	const struct scan *scan;
	struct pipeline *pipeline; /* NULL before it started */
	struct pipeline_stats now, before, earlier;
	unsigned int looks; /* 1: before holds one; 2: earlier too */
	uint64_t send_start_ns; /* CLOCK_REALTIME */
	struct side_file status_file;
	struct link_watch links;
	struct auto_pace *pace; /* NULL: before it runs */
	int output_error; /* why results cannot be written any more, negative errno, or 0 */
	int metadata_held; /* the metadata file, once we may not replace it any more, or -1 */
	const char *end_reason; /* NULL while running */
	enum exit_code exit_code;
};

/*
 * Opens --status-updates-file and writes the first metadata, so that what cannot be written is known before
 * sending.
 */
enum exit_code report_open(struct report *, const struct scan *, struct error *);
void report_look(struct report *); /* reads the counters */
void report_tick(struct report *); /* status line and row from the last look */
/* Whether a scan keeps a log or rows of its status. */
bool report_has_files(const struct scan *);
/* After a SIGHUP: --log-file and --status-updates-file by their names, a header in a new one of rows. */
void report_reopen(struct report *);
/* A status row of this moment as JSON, with a newline; disturbs no look. */
void report_status(const struct report *, char *text, size_t size);
/* Why a scan is over that nobody has ended, from the last look. */
const char *report_natural_end(const struct report *);
/*
 * The last metadata; says itself what cannot be written. Returns the code of the scan: EXIT_RESULTS instead of
 * EXIT_DONE where they are not.
 */
enum exit_code report_finish(struct report *, const char *reason, enum exit_code);
void report_announce(const struct scan *); /* what is about to be done */
void report_opened(const struct scan *, struct pipeline *); /* how each port sends */
void report_summary(struct report *);
/* How many results were written and how many were lost, and why, if not all are safe. */
void report_losses(const struct report *);
/* The metadata of a scan that ends before report_open(), as this host cannot. */
void report_refused(const struct scan *);
void report_close(struct report *);

/* Errors that an engine which writes to a file has met. */
uint64_t report_write_errors(struct report *);

#endif
