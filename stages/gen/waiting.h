/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chunks whose targets get another probe, in the order in which they become due: each waits as long as the others, so
 * that is the order in which they came. One gen's; it alone writes, and who wants to read does so between two looks
 * at a number that changes (ledger_layout.h): hence the release and acquire.
 */
#ifndef GEN_WAITING_H
#define GEN_WAITING_H

#include <stdbool.h>
#include <stdint.h>

#include "stages/gen/walk.h"

#define WAITING_MAX 16384 /* 512 KiB a gen, resident as far as they are used; a power of two */

struct waiting_chunk {
	struct interval at; /* pass: the one it waits for */
	uint64_t due_ns;
};

struct waiting {
	uint64_t head, tail; /* taken, put so far */
	struct waiting_chunk chunk[WAITING_MAX];
};

static inline uint64_t waiting_count(const struct waiting *w)
{
	return w->tail - w->head;
}

/* The first to become due; there is one. */
static inline const struct waiting_chunk *waiting_first(const struct waiting *w)
{
	return &w->chunk[w->head % WAITING_MAX];
}

/* There is room. */
static inline void waiting_put(struct waiting *w, struct interval at, uint64_t due_ns)
{
	struct waiting_chunk *c = &w->chunk[w->tail % WAITING_MAX];

	__atomic_store_n(&c->at.first, at.first, __ATOMIC_RELEASE);
	__atomic_store_n(&c->at.end, at.end, __ATOMIC_RELEASE);
	__atomic_store_n(&c->at.pass, at.pass, __ATOMIC_RELEASE);
	c->due_ns = due_ns;
	__atomic_store_n(&w->tail, w->tail + 1, __ATOMIC_RELEASE);
}

static inline struct interval waiting_take(struct waiting *w)
{
	const struct interval at = waiting_first(w)->at;

	__atomic_store_n(&w->head, w->head + 1, __ATOMIC_RELEASE);
	return at;
}

#endif
