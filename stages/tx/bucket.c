/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/tx/bucket.h"

#include "anyscan/clock.h"
#include "anyscan/policy.h"

#define TICKS_PER_NS 64
#define LEASE_TICKS_MAX 0x1p62 /* 834 days; below 10^-8 probes/s a longer one would not fit the clock */
/*
 * The frames of a lease leave together, so the last of them leave early; what is left of the largest burst
 * is credit for having slept too long. A shorter lease would leave more: a quarter of the burst costs 45% more
 * CPU at 24k probes/s.
 */
#define LEASE_NS (POLICY_BURST_NS >> 1)
#define NOT_STARTED 0

void bucket_init(struct bucket *b, uint64_t now_ns)
{
	/* The clock starts one burst in the past, so that now - burst never underflows. */
	b->origin_ns = now_ns - POLICY_BURST_NS;
	b->next = NOT_STARTED;
}

/* Of a lease, when no block cuts it short. */
static uint32_t lease_most(double rate)
{
	const double quantum = rate * ((double)LEASE_NS / (double)NS_PER_S);

	return quantum < 1 ? 1 : quantum < BLOCK_ITEMS ? (uint32_t)quantum : BLOCK_ITEMS;
}

uint64_t bucket_credit_ns(double rate)
{
	return POLICY_BURST_NS - (uint64_t)((double)(lease_most(rate) - 1) * ((double)NS_PER_S / rate));
}

uint32_t bucket_lease(struct bucket *b, double rate, uint64_t now_ns, uint32_t want, uint64_t *due_ns)
{
	const double ticks = (double)NS_PER_S * TICKS_PER_NS / rate;
	const uint32_t most = lease_most(rate);
	const uint64_t now = (now_ns - b->origin_ns) * TICKS_PER_NS;
	const uint64_t earliest = now - bucket_credit_ns(rate) * TICKS_PER_NS;
	const uint64_t latest = now + POLICY_WINDOW_NS * TICKS_PER_NS;
	uint64_t next, start, step;

	if (most < want)
		want = most;
	step = (uint64_t)(want * ticks < LEASE_TICKS_MAX ? want * ticks : LEASE_TICKS_MAX);
	next = __atomic_load_n(&b->next, __ATOMIC_RELAXED);
	do {
		/* The first of all is on time by definition: with credit, those after it would come early. */
		start = next == NOT_STARTED ? now : next > earliest ? next : earliest;
		*due_ns = b->origin_ns + start / TICKS_PER_NS;
		/*
		 * Not leased far ahead: a lease outlives a change of the rate. What is due later
		 * than the window is asked for again when it comes into it.
		 */
		if (start > latest) {
			*due_ns -= POLICY_WINDOW_NS;
			return 0;
		}
	} while (!__atomic_compare_exchange_n(&b->next, &next, start + step, true, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	return want;
}
