/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whom a thread has given work and not told yet. Where threads share a CPU, one that is woken at once runs at once: it
 * takes the one block that is there, sleeps again, and each block costs two turns of the CPU. Told together, when the
 * giver has nothing else to do, they find an edge that is full.
 *
 * Owner: the thread that gives. It tells before it waits for work, for its pace or for an end. What sleeps inside a step,
 * as a write to a pipe may, does so untold.
 */
#ifndef RINGS_NOTICES_H
#define RINGS_NOTICES_H

#include "rings/waker.h"

#define NOTICES_MAX 16 /* threads; who has more to tell tells the rest at once */

struct notices {
	unsigned int n;
	struct waker *due[NOTICES_MAX];
};

/* later NULL: at once. */
void notices_add(struct notices *later, struct waker *);
void notices_tell(struct notices *);

#endif
