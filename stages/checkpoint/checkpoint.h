/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checkpoint file: all that a scan needs to go on after it was killed, as one JSON object that people can read. Its
 * last member is the CRC-32 of every byte before it, so that a file that was cut or changed is not taken for one.
 *
 * What it says to remain may have been sent already; what it does not, was sent, had its time for replies, and their
 * records are in the output file before output_bytes.
 */
#ifndef CHECKPOINT_CHECKPOINT_H
#define CHECKPOINT_CHECKPOINT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/error.h"
#include "stages/gen/intervals.h"
#include "stages/pipeline.h"
#include "stages/sink/output_held.h"

#define CHECKPOINT_FORMAT 1
#define CHECKPOINT_PREVIOUS ".previous" /* behind the name of the file: the one before */

struct checkpoint_option { /* as on the command line; name "": a target */
	const char *name, *value; /* value NULL: none */
};

struct checkpoint {
	/* what scan it is */
	const char *version; /* of the program that wrote it */
	const char *const *argv; /* of its first run */
	size_t argc;
	const struct checkpoint_option *options;
	size_t noptions;
	const char *digest; /* of the domain and the seed */
	uint64_t targets; /* in the domain */
	uint64_t seed;
	uint32_t shard, shards;
	uint32_t probes; /* per target */
	struct interval exponents; /* of the shard */
	/* how far it is */
	uint64_t written_ns; /* CLOCK_REALTIME */
	unsigned int runs;
	bool finished; /* nothing remains */
	const struct interval
		*remaining; /* with a pass, the number of the first probe that remains, where it is not 0 */
	size_t nremaining;
	uint64_t probes_committed; /* by all runs; with probes that are spaced the first of each target */
	const struct exclusion *exclusions; /* asked for while it ran */
	size_t nexclusions;
	/* its results */
	const char *output_file, *output_module;
	uint64_t output_bytes; /* committed; of a row of files: in those listed */
	struct sink_position settled; /* before it no record is of a target that remains */
	uint64_t
		leased; /* no exponent from here on is leased before the next checkpoint; UINT64_MAX: any may be */
	const struct output_row *row; /* --rotate-size, --rotate-interval; or NULL: there is one file */
	/* all runs together, as far as they were counted */
	struct pipeline_stats totals;
	double send_seconds;

	void *memory; /* of one that was parsed: what the pointers above point to */
};

/* The text of the file, or NULL: out of memory. free() it. */
char *checkpoint_text(const struct checkpoint *);

/*
 * The reverse: 0, then checkpoint_free() it, or -EINVAL (foreign), -EPROTO (a newer format), -EBADMSG (damaged), -ENOMEM
 * with *e, which names the file.
 */
int checkpoint_parse(const char *name, const char *text, size_t size, struct checkpoint *, struct error *e);
void checkpoint_free(struct checkpoint *);

/*
 * Replaces the file in one step: the new one is on disk before it takes the name, and the old one is kept as
 * PATH.previous where the file system has hard links. 0 or negative errno with *e.
 */
int checkpoint_write(const char *path, const struct checkpoint *, struct error *e);

/* -ENOENT when there is none, and otherwise as checkpoint_parse(); *e says what can be done. */
int checkpoint_read(const char *path, struct checkpoint *, struct error *e);

/* totals.c: counters of a run are added to those of the runs before. */
void checkpoint_add(struct pipeline_stats *sum, const struct pipeline_stats *run);
struct json_object;
struct json_object *checkpoint_totals_json(const struct pipeline_stats *);
bool checkpoint_totals_parse(struct json_object *, struct pipeline_stats *);

/* row.c: "row" of "output" */
struct json_object *checkpoint_row_json(const struct output_row *);
/* NULL: it is none, or there is no memory. free() it; what it points to is in it. */
struct output_row *checkpoint_row_parse(struct json_object *);

#endif
