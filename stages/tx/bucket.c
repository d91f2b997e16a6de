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
#define DEBT_TICKS_MAX (BUCKET_DEBT_NS * TICKS_PER_NS)
#define NOT_STARTED 0

void bucket_init(struct bucket *b, uint64_t now_ns)
{
	/* The clock starts one burst in the past, so that now - burst never underflows. */
	b->origin_ns = now_ns - POLICY_BURST_NS;
	b->next = NOT_STARTED;
	b->debt = 0;
}

/* Of a lease, when no block cuts it short. */
static uint32_t lease_most(double rate)
{
	const double quantum = rate * ((double)LEASE_NS / (double)NS_PER_S);

	return quantum < 1 ? 1 : quantum < BLOCK_ITEMS ? (uint32_t)quantum : BLOCK_ITEMS;
}

/* A debt may be paid back in the same span of time: less by as much, so that the burst is the same. */
uint64_t bucket_credit_ns(double rate)
{
	const uint64_t credit =
		POLICY_BURST_NS - (uint64_t)((double)(lease_most(rate) - 1) * ((double)NS_PER_S / rate));

	return credit - (credit >> BUCKET_PAYBACK_SHIFT);
}

/* Of the clock, for n departures. */
static uint64_t ticks(double rate, uint32_t n)
{
	const double t = n * ((double)NS_PER_S * TICKS_PER_NS / rate);

	return (uint64_t)(t < LEASE_TICKS_MAX ? t : LEASE_TICKS_MAX);
}

static void owe(struct bucket *b, uint64_t cost)
{
	uint64_t debt = __atomic_load_n(&b->debt, __ATOMIC_RELAXED), sum;

	do {
		sum = cost < DEBT_TICKS_MAX - debt ? debt + cost : DEBT_TICKS_MAX;
	} while (sum != debt && !__atomic_compare_exchange_n(&b->debt, &debt, sum, true, __ATOMIC_RELAXED,
							     __ATOMIC_RELAXED));
}

/* What of the debt the next `step` of the clock pays back; that much is the caller's to shorten it by. */
static uint64_t pay(struct bucket *b, uint64_t step)
{
	const uint64_t most = step >> BUCKET_PAYBACK_SHIFT;
	uint64_t debt = __atomic_load_n(&b->debt, __ATOMIC_RELAXED), part;

	do {
		part = debt < most ? debt : most;
	} while (part > 0 && !__atomic_compare_exchange_n(&b->debt, &debt, debt - part, true,
							  __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return part;
}

uint32_t bucket_lease(struct bucket *b, double rate, uint64_t now_ns, uint32_t want, uint64_t *due_ns)
{
	const uint32_t most = lease_most(rate), n = want < most ? want : most;
	const uint64_t now = (now_ns - b->origin_ns) * TICKS_PER_NS;
	const uint64_t earliest = now - bucket_credit_ns(rate) * TICKS_PER_NS;
	const uint64_t latest = now + POLICY_WINDOW_NS * TICKS_PER_NS;
	const uint64_t step = ticks(rate, n);
	uint64_t next = __atomic_load_n(&b->next, __ATOMIC_RELAXED), start, paid = 0;

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
			owe(b, paid);
			return 0;
		}
		if (paid == 0)
			paid = pay(b, step);
	} while (!__atomic_compare_exchange_n(&b->next, &next, start + step - paid, true, __ATOMIC_RELAXED,
					      __ATOMIC_RELAXED));
	if (next != NOT_STARTED && next < earliest)
		owe(b, earliest - next);
	return n;
}

void bucket_restart(struct bucket *b, uint64_t now_ns)
{
	const uint64_t now = (now_ns - b->origin_ns) * TICKS_PER_NS;
	uint64_t next = __atomic_load_n(&b->next, __ATOMIC_RELAXED);

	while (next != NOT_STARTED && next < now &&
	       !__atomic_compare_exchange_n(&b->next, &next, now, true, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
		;
}

void bucket_forfeit(struct bucket *b, double rate, uint32_t n)
{
	owe(b, ticks(rate, n));
}
