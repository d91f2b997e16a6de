/* SPDX-License-Identifier: Apache-2.0 */
/* Writes the checkpoint of a running scan. Set-up thread only; the stages do not know of it. */
#ifndef ANYSCAN_PIPE_CHECKPOINTING_H
#define ANYSCAN_PIPE_CHECKPOINTING_H

#include "stages/checkpoint/commit.h"
#include "stages/checkpoint/settled.h"
#include "tools/anyscan-pipe/scan.h"

struct checkpointing {
	const struct scan *scan; /* NULL: no checkpoints are asked for */
	struct pipeline *pipeline;
	struct pipeline_stats now; /* as of the last look */
	struct commit commit;
	struct interval *part; /* room for pipeline_remaining() */
	uint64_t output_committed; /* bytes */
	uint64_t next_ns; /* the next interval ends */
	uint64_t flushing_ns; /* since when arrived records are awaited in the output; 0: they are not */
	struct settled settled;
	uint64_t leased_max; /* no exponent from here on is leased, so the checkpoint says */
	uint64_t ahead; /* exponents that one gives the next interval */
	uint64_t progress; /* pipeline_stats.progress when it was written; 0: not known yet */
	int unnamed; /* a file of it that is complete cannot take its name: negative errno, or 0 */
	int output_error; /* negative errno: the disk has not kept what was written to the output; or 0 */
	int error; /* the first of writing, negative errno, or 0 */
};

/* Before the first probe: writes the first one. */
enum exit_code checkpointing_begin(struct checkpointing *, const struct scan *, struct pipeline *,
				   struct error *);
/* For every turn of the loop. Returns when the next is due, CLOCK_MONOTONIC ns. */
uint64_t checkpointing_step(struct checkpointing *);
/* Writes what may be said now; an interval ends with it. 0 or negative errno. */
int checkpointing_now(struct checkpointing *, struct error *);
/* When the pipeline is done: the last one. Says how to go on. failed: what has arrived may not be in the output. */
enum exit_code checkpointing_end(struct checkpointing *, bool failed, enum exit_code);
/* How to go on from the last one, for a scan that ends without another. */
void checkpointing_hint(const struct checkpointing *, enum exit_code);
void checkpointing_free(struct checkpointing *);

#endif
