/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The token bucket of the whole scan: one virtual clock that says when the next probe may leave
 * (the generic cell rate algorithm, ITU-T I.371). tx threads lease departures from it, up to half a millisecond of
 * the rate or one block at a time: one compare-and-swap per lease. No thread count multiplies the rate.
 *
 * Departure k is due k/rate after the first, and never leaves more than half a millisecond before that. After a stall
 * at most POLICY_BURST_NS of the rate leaves at once. What the stall cost beyond that is a debt, up to BUCKET_DEBT_NS,
 * which later leases pay back with a clock that runs faster by 1/127. Any span of time T so holds at most
 * rate * (T * 128/127 + POLICY_BURST_NS) + 1 probes; below 500/s, where a late probe may leave until half way to the
 * next one, half an interval stands for the burst. What is over BUCKET_DEBT_NS is not made up for.
 * The debt is time: when the rate changes, it is as much time of the new one.
 *
 * A debt costs the lease two more compare-and-swaps at most; none while there is no debt.
 * The clock runs in 2^-6 ns: 9 years before it wraps, 0.02% exact at 149 Mpps.
 */
#ifndef TX_BUCKET_H
#define TX_BUCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "anyscan/block.h"

/* A stopped process or a wire that does not take the rate leaves at most this behind; it takes 13 s to pay back. */
#define BUCKET_DEBT_NS 100000000ULL
#define BUCKET_PAYBACK_SHIFT 7 /* of a departure's interval, 1/128 is saved while there is a debt */

struct bucket {
	uint64_t next; /* departure of the next unleased probe, 2^-6 ns after origin; 0: of the first */
	uint64_t debt; /* what stalls have cost and is not paid back, 2^-6 ns */
	uint64_t origin_ns; /* CLOCK_MONOTONIC at bucket_init(), minus the burst */
} __attribute__((aligned(2 * CACHE_LINE)));

void bucket_init(struct bucket *, uint64_t now_ns);

/*
 * Any tx thread: leases up to want departures (1..BLOCK_ITEMS) at `rate` probes/s (> 0). Returns how many
 * (>= 1), of which the first is due at *due_ns (may be past); 0: none within the window, try again at *due_ns.
 */
uint32_t bucket_lease(struct bucket *, double rate, uint64_t now_ns, uint32_t want, uint64_t *due_ns);

/* Any tx thread: n departures that it leased at `rate` were not used; they become debt. */
void bucket_forfeit(struct bucket *, double rate, uint32_t n);

/*
 * Set-up thread: the time until now counts for nothing, as after a pause: neither a burst nor a debt comes of it. For
 * a clock that nobody leases from meanwhile, or the few of them are lost.
 */
void bucket_restart(struct bucket *, uint64_t now_ns);

/* How late a lease may be used: later, with those that follow it, it would be more than POLICY_BURST_NS at once. */
uint64_t bucket_credit_ns(double rate);

#endif
