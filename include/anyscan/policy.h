/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What may change while a scan runs, as one small object swapped under liburcu
 * QSBR. Readers are stage threads inside step(): they pay one load. The writer
 * is the set-up thread. Configuration proper is const after parsing.
 *
 * In flight is bounded in time: between gen and the wire lie at most about
 * POLICY_WINDOW_NS of the current rate, so stop and rate changes take effect at
 * once at 50 pps as at 50 Mpps. block_fill and edge_window follow from the rate.
 */
#ifndef ANYSCAN_POLICY_H
#define ANYSCAN_POLICY_H

#include <stdbool.h>
#include <stdint.h>

#define POLICY_WINDOW_NS 20000000ULL /* 20 ms */
#define POLICY_BURST_NS 1000000ULL /* 1 ms: no larger burst after a stall */
#define RATE_MAX 0.0 /* policy.rate: no limit */

struct range; /* stages/gen/ranges.h */

struct policy {
	double rate; /* probes per second, all queues together; RATE_MAX = as fast as the wire takes them */
	bool stop; /* gen ends; what is in flight is still sent */
	bool paused; /* no probe is sent; those in flight stay where they are. With stop they are given up */
	uint32_t block_fill; /* targets that gen puts into a block, 1..BLOCK_ITEMS */
	uint32_t edge_window; /* blocks that may lie on one edge at once */
	uint32_t epoch; /* each policy that is published has the next one, from 1 on */
	uint32_t exclusions; /* how many ranges `exclusion` has */
	const struct range
		*exclusion; /* sorted, disjoint: no probe goes there any more. Lives as long as the policy */
};

#endif
