/* SPDX-License-Identifier: Apache-2.0 */
/* What is told about a scan beside its results: status rows, metadata, summary. */
#ifndef ANYSCAN_PIPE_REPORT_H
#define ANYSCAN_PIPE_REPORT_H

#include <stdio.h>

#include "tools/anyscan-pipe/scan.h"

struct report {
	const struct scan *scan;
	struct pipeline *pipeline; /* NULL before it started */
	struct pipeline_stats now, before;
	bool looked; /* before holds a look */
	uint64_t send_start_ns; /* CLOCK_REALTIME */
	FILE *status_file; /* or NULL */
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
enum exit_code report_metadata(struct report *, struct error *);
void report_summary(struct report *);
void report_close(struct report *);

/* Errors that an engine which writes to a file has met. */
uint64_t report_write_errors(struct report *);

#endif
