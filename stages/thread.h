/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A thread is a list of stage steps. It calls them in turn, announces an RCU
 * quiescent state once per round, and when no step could do anything it waits
 * in one place: spin a little, then sleep until its waker is notified, a
 * step's deadline passes or a queue's fd is readable.
 */
#ifndef STAGES_THREAD_H
#define STAGES_THREAD_H

#include <pthread.h>
#include <stdbool.h>

#include "anyscan/error.h"
#include "anyscan/stage.h"
#include "rings/lines.h"
#include "rings/notices.h"
#include "rings/waker.h"

#define THREAD_STEPS_MAX 8

struct thread {
	struct stage *step[THREAD_STEPS_MAX];
	unsigned int steps;
	int cpu; /* -1: not pinned */
	unsigned int spin; /* rounds without work before it sleeps */
	uint64_t
		nap_ns; /* after work it sleeps that long before it can be woken: its givers pay for a wake-up less often */
	struct notices notices; /* of its own, where its edges keep them */
	struct waker waker; /* notified by edges whose other end gives this thread work */
	struct waker *done; /* notified when a stage of it is done */
	const bool *abort; /* true: end after this round, whatever the stages wait for */
	pthread_t id;
	bool started;
	int failed; /* negative errno of an enter(); its stages are done then */
	counter rounds, sleeps, naps;
	uint8_t apart[LINES_APART]; /* from the next one */
};

/* Set-up thread. waker_init() has been called with fds as needed. 0 or negative errno. */
int thread_start(struct thread *, struct error *);
void thread_join(struct thread *);

#endif
