/* SPDX-License-Identifier: Apache-2.0 */
/*
 * No wake-up is lost because each side writes before it reads:
 *
 *     owner:    polling = true; full fence; read events; poll()
 *     notifier: events += 1 (locked); read polling; write(eventfd)
 *
 * Whichever comes second sees the other's write. The futex side needs no flag
 * of ours: ck_ec keeps a "someone sleeps" bit in the counter itself.
 */
#include "rings/waker.h"

#include <ck_pr.h>
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "anyscan/clock.h"

static int ec_gettime(const struct ck_ec_ops *ops, struct timespec *now)
{
	(void)ops;
	return clock_gettime(CLOCK_MONOTONIC, now);
}

/* WAIT_BITSET because its timeout is absolute, like ck_ec's: plain FUTEX_WAIT takes a relative one. */
static void ec_wait32(const struct ck_ec_wait_state *state, const uint32_t *address, uint32_t expected,
		      const struct timespec *deadline)
{
	(void)state;
	syscall(SYS_futex, address, FUTEX_WAIT_BITSET_PRIVATE, expected, deadline, NULL,
		FUTEX_BITSET_MATCH_ANY);
}

static void ec_wake32(const struct ck_ec_ops *ops, const uint32_t *address)
{
	(void)ops;
	syscall(SYS_futex, address, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

/*
 * Several threads notify, so the increment is locked and the sleep bit cannot
 * be overwritten: ck_ec's back-off, which guards the unlocked increment, would
 * only wake us for nothing. One iteration: the caller has spun already.
 */
static const struct ck_ec_ops ec_ops = {
	.gettime = ec_gettime,
	.wait32 = ec_wait32,
	.wake32 = ec_wake32,
	.busy_loop_iter = 1,
	.initial_wait_ns = NS_PER_S,
};

static const struct ck_ec_mode ec_mode = { .ops = &ec_ops, .single_producer = false };

int waker_init(struct waker *w, bool with_fds)
{
	ck_ec32_init(&w->events, 0);
	w->polling = false;
	w->eventfd = -1;
	if (!with_fds)
		return 0;
	w->eventfd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	return w->eventfd < 0 ? -errno : 0;
}

void waker_fini(struct waker *w)
{
	if (w->eventfd >= 0)
		close(w->eventfd);
	w->eventfd = -1;
}

void waker_notify(struct waker *w)
{
	static const uint64_t one = 1;

	ck_ec32_inc(&w->events, &ec_mode);
	ck_pr_fence_atomic_load(); /* free on x86: the locked increment is the fence */
	/* The exchange, so that of many notifiers only the first pays for the system call. */
	if (__builtin_expect(__atomic_load_n(&w->polling, __ATOMIC_RELAXED), 0) &&
	    __atomic_exchange_n(&w->polling, false, __ATOMIC_SEQ_CST)) {
		ssize_t n = write(w->eventfd, &one, sizeof(one));
		(void)n; /* it fails only when the count is at its limit, and then the fd is readable */
	}
}

uint32_t waker_ticket(const struct waker *w)
{
	return ck_ec32_value(&w->events);
}

static struct timespec timespec_of(uint64_t ns)
{
	return (struct timespec){ .tv_sec = (time_t)(ns / NS_PER_S), .tv_nsec = (long)(ns % NS_PER_S) };
}

/* ck_ec proposes a step of its back-off; sleep until the caller's deadline instead, in one system call. */
static int until_deadline(const struct ck_ec_wait_state *state, struct timespec *step)
{
	*step = *(const struct timespec *)state->data;
	return 0;
}

void waker_wait(struct waker *w, uint32_t ticket, uint64_t until_ns)
{
	struct timespec deadline;

	if (until_ns == UINT64_MAX) {
		ck_ec32_wait(&w->events, &ec_mode, ticket, NULL);
		return;
	}
	deadline = timespec_of(until_ns);
	ck_ec32_wait_pred(&w->events, &ec_mode, ticket, until_deadline, &deadline, &deadline);
}

static void reset_eventfd(struct waker *w)
{
	uint64_t count;
	ssize_t got = read(w->eventfd, &count, sizeof(count));

	(void)got; /* nonblocking: only resets the count */
}

void waker_poll(struct waker *w, uint32_t ticket, uint64_t until_ns, struct pollfd *fds, unsigned int n)
{
	struct timespec left;

	fds[0] = (struct pollfd){ .fd = w->eventfd, .events = POLLIN };
	for (unsigned int i = 0; i < n; i++)
		fds[i].revents = 0;

	__atomic_store_n(&w->polling, true, __ATOMIC_RELAXED);
	ck_pr_fence_memory();
	if (waker_ticket(w) == ticket) {
		if (until_ns != UINT64_MAX) {
			uint64_t now = clock_mono_ns();
			left = timespec_of(until_ns > now ? until_ns - now : 0);
		}
		/* A signal ends the sleep early, as any spurious wake-up: the owner looks for work and comes back. */
		if (ppoll(fds, n, until_ns == UINT64_MAX ? NULL : &left, NULL) < 0)
			for (unsigned int i = 0; i < n; i++)
				fds[i].revents = 0;
	}
	__atomic_store_n(&w->polling, false, __ATOMIC_RELAXED);

	if (fds[0].revents & POLLIN)
		reset_eventfd(w);
}

void waker_arm(struct waker *w)
{
	reset_eventfd(w);
	__atomic_store_n(&w->polling, true, __ATOMIC_RELAXED);
	ck_pr_fence_memory();
}
