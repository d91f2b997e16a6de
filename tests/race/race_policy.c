/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The hand-over of a policy object (stages/policy_rcu.h): a writer swaps it and
 * has the old one freed while readers use what they loaded until their next
 * quiescent state, now and then offline as a sleeping stage is. Every policy
 * satisfies edge_window == 2 * block_fill. With --broken the writer poisons and
 * frees without the grace period, and that must show, without ThreadSanitizer too.
 */
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stages/policy_rcu.h"

#ifdef __SANITIZE_THREAD__
#define SWAPS 20000
#else
#define SWAPS 200000
#endif
#define READERS 3
#define POISON 0xdeadU

struct shared {
	struct policy *current;
	bool done;
	uint64_t loops, errors; /* sums of all readers, added up as they end */
	int grace; /* names the order that a grace period keeps; ThreadSanitizer only */
};

static void *reader(void *arg)
{
	struct shared *s = arg;
	uint64_t loops = 0, errors = 0;

	rcu_register_thread();
	while (!__atomic_load_n(&s->done, __ATOMIC_RELAXED)) {
		const struct policy *p = policy_read((const struct policy *const *)&s->current);
		for (int i = 0; i < 4; i++)
			errors += p->edge_window != 2 * p->block_fill;
		if (++loops % 64 == 0) {
			policy_offline(&s->grace);
			sched_yield();
			policy_online();
		} else {
			policy_quiescent(&s->grace);
		}
	}
	rcu_unregister_thread();
	__atomic_add_fetch(&s->loops, loops, __ATOMIC_RELAXED);
	__atomic_add_fetch(&s->errors, errors, __ATOMIC_RELAXED);
	return NULL;
}

static struct policy_version *policy_new(uint32_t fill)
{
	struct policy_version *v = malloc(sizeof(*v));

	if (v == NULL)
		exit(1);
	*v = (struct policy_version){ .policy = {
					      .rate = fill, .block_fill = fill, .edge_window = 2 * fill } };
	return v;
}

static void poison(struct policy *p)
{
	volatile struct policy *poisoned = p; /* else the compiler drops stores just before a free */

	poisoned->block_fill = POISON;
	poisoned->edge_window = POISON;
}

/* policy_swap() without its grace period. */
static void swap_at_once(struct policy **slot, struct policy_version *next)
{
	struct policy *old;

	tsan_release(next);
	old = rcu_xchg_pointer(slot, &next->policy);
	poison(old);
	free(old);
}

int main(int argc, char **argv)
{
	bool broken = argc > 1 && strcmp(argv[1], "--broken") == 0;
	struct shared s = { .current = &policy_new(1)->policy };
	struct policy_writer writer = { .grace = &s.grace };
	pthread_t thread[READERS];

	for (int i = 0; i < READERS; i++)
		if (pthread_create(&thread[i], NULL, reader, &s) != 0)
			return 1;
	for (uint32_t i = 0; i < SWAPS; i++) {
		struct policy_version *next = policy_new(1 + i % 128);

		if (broken)
			swap_at_once(&s.current, next);
		else
			policy_swap(&writer, &s.current, next);
		if (i % 1000 == 999) /* not ahead without end */
			policy_wait(&writer);
	}
	__atomic_store_n(&s.done, true, __ATOMIC_RELAXED);
	for (int i = 0; i < READERS; i++)
		pthread_join(thread[i], NULL);
	policy_wait(&writer);
	free(s.current);
	printf("%d swaps, %llu reads of %d threads, %llu errors\n", SWAPS, (unsigned long long)s.loops,
	       READERS, (unsigned long long)s.errors);
	return s.errors != 0 || s.loops == 0;
}
