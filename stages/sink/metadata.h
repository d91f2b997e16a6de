/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --metadata-file: what a scan was and what came of it, as one JSON object. Written when the scan starts, so
 * that a scan that is killed leaves its settings behind, and again when it ends.
 */
#ifndef SINK_METADATA_H
#define SINK_METADATA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/counters.h"
#include "anyscan/error.h"
#include "stages/auto_rate/history.h"
#include "stages/pipeline.h"

struct metadata_interface {
	const char *name;
	const char *mode; /* how it sends: "sendmmsg", ...; may be NULL */
	const struct reading *before, *after;
	size_t befores, afters;
	double down_s; /* while it was down, or gone */
};

struct metadata_write_error { /* of a file that the program writes */
	const char *option; /* that names the file, without dashes */
	const char *why; /* in words */
};

struct metadata { /* everything is borrowed */
	const char *version;
	int argc;
	char *const *argv;
	const char *notes; /* whatever the user remarks, or NULL */
	uint64_t seed;
	uint32_t shard, shards;
	const char *domain_digest;
	uint64_t targets_total, targets_excluded;
	const char *io_engine;
	const char *io_engine_why; /* chosen by us; NULL: it was named */
	const char *plan; /* one line per thread */
	double rate; /* probes/s, RATE_MAX = no limit: null */
	const struct auto_rate *auto_rate; /* NULL: never asked for */
	const struct auto_rate_history *auto_history; /* with it */
	double cooldown_s;
	uint32_t probes; /* per target */
	double spacing_s; /* between them */
	const char *probe_module;
	bool rst; /* whether SYN-ACKs are answered by us */
	unsigned int runs; /* of this scan with this one */
	uint64_t send_start_ns, send_end_ns; /* of this run, CLOCK_REALTIME; end 0: not over */
	double earlier_send_s; /* time that earlier runs have sent */
	const struct pipeline_stats *stats; /* counters of all runs */
	const struct stage_stats *stages;
	size_t nstages;
	const struct edge_stats *edges;
	size_t nedges;
	const struct exclusion *exclusions; /* added while it ran */
	size_t nexclusions;
	const struct metadata_interface *interfaces;
	size_t ninterfaces;
	const char *output_row; /* FILE of numbered files, or NULL: there is one file */
	const struct metadata_write_error *write_errors;
	size_t nwrite_errors;
	const char *end_reason; /* NULL: still running; then exit_code is null too */
	int exit_code;
};

/*
 * Writes the object to path: to a temporary file beside it that is renamed when complete, or in place where
 * path is not a regular file (/dev/stdout, a named pipe). 0 or negative errno with *e.
 */
int metadata_write(const char *path, const struct metadata *, struct error *e);

/*
 * For a process that drops its rights in between, as root's to write into a folder of someone else, and for a disk that
 * its results fill: what has been written is held open with some room kept on the disk, -1 if that makes no sense, and
 * metadata_rewrite() falls back to writing in place where it may not replace the file or has no room for another. A
 * reader may then see a part of it, which is better than the object of the start.
 */
int metadata_hold(const char *path);
int metadata_rewrite(const char *path, int held, const struct metadata *, struct error *e);

/* The text of the object, with a newline at the end, or NULL: out of memory. free() it. */
char *metadata_text(const struct metadata *);

#endif
