/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/thread.h"

#include <ck_pr.h>
#include <errno.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <time.h>

#include "anyscan/clock.h"
#include "stages/policy_rcu.h"

/*
 * In which others hear of no work that there is for them. gen=1,tx=2 into null, M probes/s on one CPU and on two: 42 and 99
 * at 1, 68 and 123 at 2, 107 and 109 at 4, 130 and 57 at 8.
 */
#define ROUNDS_UNTOLD 4

/* What one round of steps found. */
struct round {
	size_t work;
	unsigned int live; /* stages not done */
	uint64_t wake_at;
	unsigned int fds;
};

static void thread_finish(struct thread *t, struct stage *s)
{
	s->done = true;
	__atomic_store_n(&s->finished, true, __ATOMIC_RELEASE);
	waker_notify(t->done);
}

static void finish_all(struct thread *t)
{
	for (unsigned int i = 0; i < t->steps; i++)
		thread_finish(t, t->step[i]);
}

static struct round thread_round(struct thread *t, struct pollfd *fds)
{
	struct round round = { .wake_at = WAKE_NEVER, .fds = 1 };

	for (unsigned int i = 0; i < t->steps; i++) {
		struct stage *s = t->step[i];
		uint64_t begin;
		size_t work;

		if (s->done)
			continue;
		begin = cycles();
		work = s->ops->step(s);
		if (work > 0) {
			counter_add(&s->counters.busy_cycles, cycles() - begin);
			counter_add(&s->counters.steps_worked, 1);
			round.work += work;
		} else {
			counter_add(&s->counters.steps_idle, 1);
			if (s->wake_at < round.wake_at)
				round.wake_at = s->wake_at;
			if (s->fd >= 0)
				fds[round.fds++] = (struct pollfd){ .fd = s->fd, .events = POLLIN };
		}
		if (s->done)
			thread_finish(t, s);
		else
			round.live++;
	}
	return round;
}

/* The one place where a stage thread sleeps. Offline for RCU, so that a policy swap never waits for a sleeper. */
static void stage_wait(struct thread *t, uint32_t ticket, uint64_t until_ns, struct pollfd *fds,
		       unsigned int nfds)
{
	counter_add(&t->sleeps, 1);
	policy_offline((void *)t->abort);
	if (nfds > 1)
		waker_poll(&t->waker, ticket, until_ns, fds, nfds);
	else
		waker_wait(&t->waker, ticket, until_ns);
	policy_online();
}

/* What comes meanwhile is found at its end. */
static void stage_nap(struct thread *t)
{
	const struct timespec nap = { .tv_nsec = (long)t->nap_ns };

	counter_add(&t->naps, 1);
	policy_offline((void *)t->abort);
	nanosleep(&nap, NULL);
	policy_online();
}

static void thread_loop(struct thread *t)
{
	struct pollfd fds[THREAD_STEPS_MAX + 1];
	unsigned int idle = 0;
	unsigned int untold = 0;
	bool rested = true;

	for (;;) {
		/* Taken before the steps look for work: a notify after this look ends the wait below at once. */
		uint32_t ticket = waker_ticket(&t->waker);
		struct round round = thread_round(t, fds);

		counter_add(&t->rounds, 1);
		policy_quiescent((void *)t->abort);
		if (round.work == 0 || round.live == 0 || ++untold == ROUNDS_UNTOLD) {
			notices_tell(&t->notices);
			untold = 0;
		}
		if (round.live == 0)
			return;
		if (__atomic_load_n(t->abort, __ATOMIC_RELAXED)) {
			notices_tell(&t->notices);
			finish_all(t);
			return;
		}
		if (round.work > 0) {
			idle = 0;
			rested = t->nap_ns == 0;
		} else if (!rested) {
			stage_nap(t);
			rested = true;
		} else if (idle < t->spin) {
			idle++;
			ck_pr_stall();
		} else {
			stage_wait(t, ticket, round.wake_at, fds, round.fds);
			idle = 0;
		}
	}
}

static void thread_fail(struct thread *t, int error)
{
	__atomic_store_n(&t->failed, error, __ATOMIC_RELEASE);
	finish_all(t);
}

/* Its own name: another thread's would be written to a file of /proc, and files may be closed to us by now. */
static void set_name(const struct thread *t)
{
	char name[16];

	snprintf(name, sizeof(name), "%.10s%u", t->step[0]->ops->name, t->step[0]->index);
	prctl(PR_SET_NAME, name);
}

static void *thread_main(void *arg)
{
	struct thread *t = arg;
	unsigned int entered = 0;
	int r = 0;

	/* The default slack of 50 us would be the pace's error at every sleep. */
	prctl(PR_SET_TIMERSLACK, 1000UL);
	set_name(t);
	rcu_register_thread();
	for (; entered < t->steps; entered++) {
		struct stage *s = t->step[entered];

		r = s->ops->enter != NULL ? s->ops->enter(s) : 0;
		if (r < 0)
			break;
	}
	if (r < 0)
		thread_fail(t, r);
	else
		thread_loop(t);
	while (entered-- > 0) {
		if (t->step[entered]->ops->leave != NULL)
			t->step[entered]->ops->leave(t->step[entered]);
	}
	rcu_unregister_thread();
	return NULL;
}

int thread_start(struct thread *t, struct error *e)
{
	pthread_attr_t attr;
	cpu_set_t set;
	int r;

	pthread_attr_init(&attr);
	if (t->cpu >= 0) {
		CPU_ZERO(&set);
		CPU_SET(t->cpu, &set);
		pthread_attr_setaffinity_np(&attr, sizeof(set), &set);
	}
	r = pthread_create(&t->id, &attr, thread_main, t);
	pthread_attr_destroy(&attr);
	if (r != 0)
		return error_set(e, -r, "cannot start the %s thread on CPU %d: %s", t->step[0]->ops->name,
				 t->cpu, strerror(r));
	t->started = true;
	return 0;
}

void thread_join(struct thread *t)
{
	if (t->started)
		pthread_join(t->id, NULL);
	t->started = false;
}
