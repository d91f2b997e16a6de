/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Wakers. Where a test waits without a deadline, a lost wake-up hangs it and
 * Criterion's timeout fails it; no test sleeps to let another thread "get there".
 */
#include <criterion/criterion.h>
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "anyscan/clock.h"
#include "rings/waker.h"

#define MS 1000000ULL

Test(waker, ticket_counts_notifies)
{
	struct waker w;

	cr_assert_eq(waker_init(&w, false), 0);
	cr_expect_eq(w.eventfd, -1);
	uint32_t ticket = waker_ticket(&w);
	cr_expect_eq(waker_ticket(&w), ticket);
	waker_notify(&w);
	waker_notify(&w);
	cr_expect_eq(waker_ticket(&w), ticket + 2);
	waker_fini(&w);
}

Test(waker, notify_before_wait_is_not_lost, .timeout = 10)
{
	struct waker w;
	struct pollfd fd;

	cr_assert_eq(waker_init(&w, true), 0);
	for (int i = 0; i < 1000; i++) {
		uint32_t ticket = waker_ticket(&w);
		waker_notify(&w);
		waker_wait(&w, ticket, UINT64_MAX);
		waker_poll(&w, ticket, UINT64_MAX, &fd, 1);
	}
	waker_fini(&w);
}

Test(waker, past_deadlines_return_at_once, .timeout = 10)
{
	static const uint64_t past[] = { 0, 1 };
	struct waker w;
	struct pollfd fd;

	cr_assert_eq(waker_init(&w, true), 0);
	for (int i = 0; i < 1000; i++) {
		waker_wait(&w, waker_ticket(&w), past[i % 2]);
		waker_poll(&w, waker_ticket(&w), past[i % 2], &fd, 1);
		waker_wait(&w, waker_ticket(&w), clock_mono_ns());
		waker_poll(&w, waker_ticket(&w), clock_mono_ns(), &fd, 1);
	}
	waker_fini(&w);
}

/* Never early, and not late by a step of ck_ec's back-off: 20 ms would become a second. */
Test(waker, deadlines_are_kept, .timeout = 30)
{
	static const uint64_t waits[] = { MS / 5, 3 * MS, 20 * MS, 1500 * MS };
	struct waker w;
	struct pollfd fd;

	cr_assert_eq(waker_init(&w, true), 0);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		uint64_t until = clock_mono_ns() + waits[i];
		waker_wait(&w, waker_ticket(&w), until);
		uint64_t woke = clock_mono_ns();
		cr_expect_geq(woke, until);
		cr_expect_lt(woke - until, 400 * MS, "wait of %zu us woke %zu us late",
			     (size_t)(waits[i] / 1000), (size_t)((woke - until) / 1000));

		until = clock_mono_ns() + waits[i];
		waker_poll(&w, waker_ticket(&w), until, &fd, 1);
		woke = clock_mono_ns();
		cr_expect_geq(woke + 50000, until, "ppoll may round to the timer's tick");
		cr_expect_lt(woke - until + 50000, 400 * MS);
	}
	waker_fini(&w);
}

Test(waker, poll_tells_which_fd, .timeout = 10)
{
	struct waker w;
	int event = eventfd(0, 0);
	struct pollfd fds[2] = { { 0 }, { .fd = event, .events = POLLIN } };
	const uint64_t one = 1;

	cr_assert_eq(waker_init(&w, true), 0);
	cr_assert_eq(write(event, &one, sizeof(one)), sizeof(one));
	waker_poll(&w, waker_ticket(&w), UINT64_MAX, fds, 2);
	cr_expect_eq(fds[0].fd, w.eventfd);
	cr_expect_eq(fds[0].revents, 0);
	cr_expect_eq(fds[1].revents, POLLIN);

	waker_poll(&w, waker_ticket(&w), 0, fds, 2);
	cr_expect_eq(fds[1].revents, POLLIN, "a past deadline still looks at the fds");

	waker_poll(&w, waker_ticket(&w) - 1, UINT64_MAX, fds, 2);
	cr_expect_eq(fds[1].revents, 0, "no stale answer when the ticket was old");
	close(event);
	waker_fini(&w);
}

static bool readable(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };

	return poll(&p, 1, 0) == 1;
}

Test(waker, armed_eventfd_tells_once)
{
	struct waker w;

	cr_assert_eq(waker_init(&w, true), 0);
	waker_notify(&w);
	cr_expect_not(readable(w.eventfd), "nobody asked");
	waker_arm(&w);
	cr_expect_not(readable(w.eventfd));
	waker_notify(&w);
	waker_notify(&w);
	cr_expect(readable(w.eventfd));
	waker_arm(&w);
	cr_expect_not(readable(w.eventfd), "two notifies are one event");
	waker_notify(&w);
	cr_expect(readable(w.eventfd), "armed again");
	waker_fini(&w);
}

/* Two threads throw a ball: each waits, without a deadline, for the other's notify. */
struct player {
	struct waker mine, *other;
	bool polls;
	unsigned int *ball; /* whose turn: even or odd */
	unsigned int parity, throws;
};

static void *play(void *arg)
{
	struct player *p = arg;
	struct pollfd fd;

	for (;;) {
		uint32_t ticket = waker_ticket(&p->mine);
		unsigned int ball = __atomic_load_n(p->ball, __ATOMIC_ACQUIRE);
		if (ball >= p->throws) {
			waker_notify(p->other);
			return NULL;
		}
		if (ball % 2 == p->parity) {
			__atomic_store_n(p->ball, ball + 1, __ATOMIC_RELEASE);
			waker_notify(p->other);
		} else if (p->polls) {
			waker_poll(&p->mine, ticket, UINT64_MAX, &fd, 1);
		} else {
			waker_wait(&p->mine, ticket, UINT64_MAX);
		}
	}
}

static void match(bool left_polls, bool right_polls)
{
	unsigned int ball = 0;
	struct player left = { .polls = left_polls, .ball = &ball, .parity = 0, .throws = 20000 };
	struct player right = { .polls = right_polls, .ball = &ball, .parity = 1, .throws = 20000 };
	pthread_t thread;

	cr_assert_eq(waker_init(&left.mine, true), 0);
	cr_assert_eq(waker_init(&right.mine, true), 0);
	left.other = &right.mine;
	right.other = &left.mine;
	cr_assert_eq(pthread_create(&thread, NULL, play, &right), 0);
	play(&left);
	pthread_join(thread, NULL);
	cr_expect_eq(ball, 20000);
	waker_fini(&left.mine);
	waker_fini(&right.mine);
}

Test(waker, no_wake_up_is_lost_waiting, .timeout = 60)
{
	match(false, false);
}

Test(waker, no_wake_up_is_lost_polling, .timeout = 60)
{
	match(true, true);
}

Test(waker, no_wake_up_is_lost_mixed, .timeout = 60)
{
	match(true, false);
}

/* Many notifiers, one owner that alternates between both ways to sleep. */
#define NOTIFIERS 4
#define NOTIFIES 5000

static void *notify(void *arg)
{
	struct waker *w = arg;

	for (int i = 0; i < NOTIFIES; i++)
		waker_notify(w);
	return NULL;
}

Test(waker, many_notifiers, .timeout = 60)
{
	struct waker w;
	struct pollfd fd;
	pthread_t thread[NOTIFIERS];
	uint32_t ticket;
	bool polls = false;

	cr_assert_eq(waker_init(&w, true), 0);
	for (int i = 0; i < NOTIFIERS; i++)
		cr_assert_eq(pthread_create(&thread[i], NULL, notify, &w), 0);
	while ((ticket = waker_ticket(&w)) != NOTIFIERS * NOTIFIES) {
		polls = !polls;
		if (polls)
			waker_poll(&w, ticket, UINT64_MAX, &fd, 1);
		else
			waker_wait(&w, ticket, UINT64_MAX);
	}
	for (int i = 0; i < NOTIFIERS; i++)
		pthread_join(thread[i], NULL);
	waker_fini(&w);
}
