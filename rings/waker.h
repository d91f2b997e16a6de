/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a thread sleeps until another gives it work: an event count (ck_ec) and,
 * for threads that also wait for a queue's fd, an eventfd.
 *
 * One waker per thread. Any thread may notify; only the owner waits. The owner
 * takes a ticket before it looks for work and waits with that ticket, so a
 * notify between look and wait is never lost.
 */
#ifndef RINGS_WAKER_H
#define RINGS_WAKER_H

#include <assert.h>
#include <ck_ec.h>
#include <stdbool.h>
#include <stdint.h>

#include "anyscan/block.h"

struct waker {
	struct ck_ec32 events;
	bool polling; /* the owner is, or is about to be, in poll() */
	int eventfd; /* -1 unless the owner waits for fds */
} __attribute__((aligned(CACHE_LINE)));

static_assert(sizeof(struct waker) == CACHE_LINE, "notifiers of one thread do not disturb another's waker");

struct pollfd;

/* with_fds: the owner will use waker_poll(). 0 or negative errno. */
int waker_init(struct waker *, bool with_fds);
void waker_fini(struct waker *);

/* Any thread: the owner has something to look at. One locked increment, a system call only if it sleeps. */
void waker_notify(struct waker *);

/* Owner: before looking for work. */
uint32_t waker_ticket(const struct waker *);

/* Owner: sleeps until a notify after the ticket, or until_ns (CLOCK_MONOTONIC; UINT64_MAX = no limit). */
void waker_wait(struct waker *, uint32_t ticket, uint64_t until_ns);

/* The same, and until one of fds is readable. fds[0] is overwritten with the eventfd; n counts it. */
void waker_poll(struct waker *, uint32_t ticket, uint64_t until_ns, struct pollfd *fds, unsigned int n);

/*
 * For an owner whose eventfd is in a poll set of its own loop: clears the eventfd and
 * asks the next notify to write it. Call it before looking for work.
 */
void waker_arm(struct waker *);

#endif
