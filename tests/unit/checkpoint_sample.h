/* SPDX-License-Identifier: Apache-2.0 */
/* A checkpoint in which no two numbers are the same. */
#ifndef TESTS_CHECKPOINT_SAMPLE_H
#define TESTS_CHECKPOINT_SAMPLE_H

#include "stages/checkpoint/checkpoint.h"

static const char *const sample_argv[] = { "anyscan-pipe", "10.0.0.0/8", "-p", "80" };
static const struct checkpoint_option sample_options[] = { { "", "10.0.0.0/8" },
							   { "target-ports", "80" },
							   { "include-reserved", NULL } };
static const struct interval sample_remaining[] = { { 1001, 1005, 0 }, { 1006, (1ULL << 48) - 1, 0 } };

static const struct exclusion sample_exclusions[] = { { 0, 0, 1 },
						      { 0xcb007100, UINT32_MAX, 1700000000123456789 } };

static const uint64_t sample_appearing[] = { 21, 22 };
static const struct output_row_file sample_files[] = { { 23, 24 }, { 25, 0 } };
static const struct output_row sample_row = { .records = 26,
					      .successes = 27,
					      .last = 28,
					      .appearing = sample_appearing,
					      .nappearing = 2,
					      .file = sample_files,
					      .nfiles = 2 };

static inline struct checkpoint sample(void)
{
	struct checkpoint c = {
		.version = "0.1.0",
		.argv = sample_argv,
		.argc = 4,
		.options = sample_options,
		.noptions = 3,
		.digest = "0123456789abcdef",
		.targets = 16777216,
		.seed = UINT64_MAX - 3,
		.shard = 5,
		.shards = 6,
		.probes = 2,
		.exponents = { 1000, 1ULL << 48 },
		.written_ns = 1700000000123456789,
		.runs = 7,
		.remaining = sample_remaining,
		.nremaining = 2,
		.probes_committed = 8,
		.exclusions = sample_exclusions,
		.nexclusions = 2,
		.output_file = "/var/results/a \"b\"\n\\c",
		.output_module = "csv",
		.output_bytes = 9,
		.settled = { .bytes = 8, .records = 31, .successes = 32 },
		.leased = 33,
		.send_seconds = 10.25,
	};

	c.totals.sent = 11;
	c.totals.output.written = 12;
	c.totals.class[REPLY_RST] = 13;
	c.totals.rejects[REJECT_UNASKED] = 14;
	return c;
}

#endif
