/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --fast-dryrun: the gen stages of a scan, and nothing behind them. Writes 6 bytes per target, in the
 * order of the walk with one gen: address, port, both big-endian.
 */
#ifndef STAGES_LISTING_H
#define STAGES_LISTING_H

#include <stdint.h>

#include "anyscan/error.h"
#include "stages/gen/domain.h"

struct listing_options {
	const struct domain *domain;
	uint64_t seed;
	uint32_t shard, shards;
	uint64_t max_targets; /* UINT64_MAX: all */
	uint32_t probes; /* per target */
	unsigned int gens; /* gen stages, each on a thread of its own */
	int fd; /* written in blocks by the calling thread */
};

/* Blocks until all is written; the negative errno of a failed write, the message in *e. *targets: how many were written. */
int listing_run(const struct listing_options *, uint64_t *targets, struct error *e);

#endif
