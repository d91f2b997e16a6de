/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How stages read the policy and threads announce that they hold none: liburcu
 * QSBR, with the orders that ThreadSanitizer cannot see spelled out. `grace` is any address that all threads of
 * a pipeline share; it names the order that a grace period keeps.
 */
#ifndef STAGES_POLICY_RCU_H
#define STAGES_POLICY_RCU_H

#include <urcu-qsbr.h>

#include "anyscan/policy.h"
#include "rings/tsan.h"

/* Inside step(): valid until the step returns. One load. */
static inline const struct policy *policy_read(const struct policy *const *slot)
{
	const struct policy *p = rcu_dereference(*slot);

	tsan_acquire((void *)p);
	return p;
}

/* Writer: publishes next and returns the old one, which no step can read any more (NULL at first). */
static inline struct policy *policy_swap(struct policy **slot, struct policy *next, void *grace)
{
	struct policy *old;

	tsan_release(next);
	old = rcu_xchg_pointer(slot, next);
	if (old != NULL) {
		synchronize_rcu();
		tsan_acquire(grace);
	}
	return old;
}

/* Thread loop: between rounds, and around a sleep. */
static inline void policy_quiescent(void *grace)
{
	tsan_release(grace);
	rcu_quiescent_state();
}

static inline void policy_offline(void *grace)
{
	tsan_release(grace);
	rcu_thread_offline();
}

static inline void policy_online(void)
{
	rcu_thread_online();
}

#endif
