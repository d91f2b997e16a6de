/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that rests after work takes all that comes meanwhile, and ends. */
#include <criterion/criterion.h>
#include <sched.h>

#include "stages/thread.h"

#define GIFTS 2000

struct taker {
	struct stage stage;
	unsigned int given, taken; /* given: by the test */
};

static struct taker taker;
static struct thread thread;
static struct waker done;
static const bool no_abort;

static size_t take(struct stage *s)
{
	struct taker *t = (struct taker *)s;
	const unsigned int new = __atomic_load_n(&t->given, __ATOMIC_ACQUIRE) - t->taken;

	s->wake_at = WAKE_NEVER;
	t->taken += new;
	s->done = t->taken == GIFTS;
	return new;
}

static const struct stage_ops taker_ops = { .name = "taker", .step = take };

static void give_all(uint64_t nap_ns)
{
	struct error error;

	taker = (struct taker){ .stage = { .ops = &taker_ops, .fd = -1 } };
	thread = (struct thread){ .step = { &taker.stage },
				  .steps = 1,
				  .cpu = -1,
				  .nap_ns = nap_ns,
				  .done = &done,
				  .abort = &no_abort };
	cr_assert_eq(waker_init(&done, false), 0);
	cr_assert_eq(waker_init(&thread.waker, false), 0);
	cr_assert_eq(thread_start(&thread, &error), 0, "%s", error.text);
	for (unsigned int i = 0; i < GIFTS; i++) {
		__atomic_store_n(&taker.given, i + 1, __ATOMIC_RELEASE);
		waker_notify(&thread.waker);
		/* the first is taken alone, so that there is a rest before the end */
		while (i == 0 && counter_read(&taker.stage.counters.steps_worked) == 0)
			sched_yield();
		while (i == 0 && nap_ns > 0 && counter_read(&thread.naps) == 0)
			sched_yield();
	}
	thread_join(&thread);
	waker_fini(&thread.waker);
	cr_assert_eq(taker.taken, GIFTS);
}

Test(thread, what_comes_during_a_rest_is_taken, .timeout = 30)
{
	give_all(1000000);
	cr_assert_geq(counter_read(&thread.naps), 1);
}

Test(thread, without_a_rest_it_is_woken_at_once, .timeout = 30)
{
	give_all(0);
	cr_assert_eq(counter_read(&thread.naps), 0);
}
