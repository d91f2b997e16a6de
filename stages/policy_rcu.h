/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How stages read the policy and threads announce that they hold none: liburcu
 * QSBR, with the orders that ThreadSanitizer cannot see spelled out. `grace` is any address that all threads of
 * a pipeline share; it names the order that a grace period keeps.
 */
#ifndef STAGES_POLICY_RCU_H
#define STAGES_POLICY_RCU_H

#include <stdlib.h>
#include <urcu-qsbr.h>

#include "anyscan/policy.h"
#include "rings/tsan.h"
#include "stages/gen/ranges.h"

/* Inside step(): valid until the step returns. One load. */
static inline const struct policy *policy_read(const struct policy *const *slot)
{
	const struct policy *p = rcu_dereference(*slot);

	tsan_acquire((void *)p);
	return p;
}

/* What a writer allocates: a policy, and what it takes to free it later. */
struct policy_version {
	struct policy policy; /* first: what the slot points at */
	struct rcu_head rcu;
	struct policy_writer *writer;
	struct range exclusion[]; /* policy.exclusion */
};

struct policy_writer {
	void *grace;
};

/* On liburcu's thread: nobody can read the version any more. */
static inline void policy_version_free(struct rcu_head *head)
{
	struct policy_version *old = caa_container_of(head, struct policy_version, rcu);
	struct policy_writer *w;

	tsan_acquire(old);
	w = old->writer;
	tsan_acquire(w->grace);
	free(old);
	tsan_release(w);
}

/*
 * Writer: publishes next and has the old one freed, on a thread of liburcu's, once no step can read it any more.
 * Does not wait for that: a step may hang in a write() that nobody reads, and the writer is who takes the signal
 * to end it. False: there was no old one. The writer is no registered reader.
 */
static inline bool policy_swap(struct policy_writer *w, struct policy **slot, struct policy_version *next)
{
	struct policy_version *old;

	tsan_release(next);
	old = (struct policy_version *)rcu_xchg_pointer(slot, &next->policy);
	if (old == NULL)
		return false;
	old->writer = w;
	tsan_release(old);
	rcu_register_thread(); /* call_rcu() asks for it; but a writer that stayed a reader would hold up its own periods */
	call_rcu(&old->rcu, policy_version_free);
	rcu_unregister_thread();
	return true;
}

/* Writer: returns when no old version is left. The readers must have gone, or go on announcing quiescent states. */
static inline void policy_wait(struct policy_writer *w)
{
	rcu_barrier();
	tsan_acquire(w);
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
