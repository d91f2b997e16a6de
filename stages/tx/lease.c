/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/tx/lease.h"

#include "anyscan/clock.h"

/*
 * A departure that was not used in time is forfeited: else every queue would bring one lease out of a stall, and
 * their sum is no small burst. The bucket makes up for it as for one that nobody had leased. At low rates it may be
 * used until half way to the next one: the schedule is kept, and no two probes leave at once.
 */
static void forfeit(struct lease *l, struct bucket *b, double rate, uint64_t now)
{
	const double half_way = (double)NS_PER_S / rate / 2, credit = (double)bucket_credit_ns(rate);

	if (l->left > 0 && now > l->due_ns &&
	    (double)(now - l->due_ns) > (half_way > credit ? half_way : credit)) {
		bucket_forfeit(b, l->rate, l->left);
		l->left = 0;
	}
}

uint32_t lease_take(struct lease *l, struct bucket *b, double rate, uint64_t now, uint32_t want)
{
	forfeit(l, b, rate, now);
	if (l->left == 0) {
		l->left = bucket_lease(b, rate, now, want, &l->due_ns);
		l->rate = rate;
	}
	if (l->left == 0 || l->due_ns > now)
		return 0;
	return l->left < want ? l->left : want;
}
