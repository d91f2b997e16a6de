/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The token bucket of the whole scan: one virtual clock that says when the next probe may leave
 * (the generic cell rate algorithm, ITU-T I.371). tx threads lease departures from it, up to half a millisecond of
 * the rate or one block at a time: one compare-and-swap per lease. No thread count multiplies the rate.
 *
 * Departure k is due k/rate after the first. After a stall of any length at most POLICY_BURST_NS of the rate
 * may leave at once; what a longer stall cost is not made up for.
 * The clock runs in 2^-6 ns: 9 years before it wraps, 0.02% exact at 149 Mpps.
 */
#ifndef TX_BUCKET_H
#define TX_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "anyscan/block.h"

struct bucket {
	uint64_t next; /* departure of the next unleased probe, 2^-6 ns after origin; 0: of the first */
	uint64_t origin_ns; /* CLOCK_MONOTONIC at bucket_init(), minus the burst */
} __attribute__((aligned(2 * CACHE_LINE)));

void bucket_init(struct bucket *, uint64_t now_ns);

/*
 * Any tx thread: leases up to want departures (1..BLOCK_ITEMS) at `rate` probes/s (> 0). Returns how many
 * (>= 1), of which the first is due at *due_ns (may be past); 0: none within the window, try again at *due_ns.
 */
uint32_t bucket_lease(struct bucket *, double rate, uint64_t now_ns, uint32_t want, uint64_t *due_ns);

/* How late a lease may be used: later, with those that follow it, it would be more than POLICY_BURST_NS at once. */
uint64_t bucket_credit_ns(double rate);

#endif
