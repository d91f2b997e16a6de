/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters that one thread writes and any thread may read: plain stores that
 * cannot tear, no locked instruction.
 */
#ifndef ANYSCAN_COUNTERS_H
#define ANYSCAN_COUNTERS_H

#include <stdint.h>

typedef uint64_t counter; /* single writer; use counter_add() to write, counter_read() elsewhere */

static inline void counter_add(counter *c, uint64_t n)
{
	__atomic_store_n(c, *c + n, __ATOMIC_RELAXED);
}

static inline uint64_t counter_read(const counter *c)
{
	return __atomic_load_n(c, __ATOMIC_RELAXED);
}

/* A named reading, for metadata and the status line. */
enum reading_kind {
	READING_COUNT, /* neutral */
	READING_DROP, /* packets lost outside the process: shown under drops */
	READING_REJECT, /* frames that a filter before rx rejected: READING_REJECT_PREFIX and a name of reject_names[] */
};

#define READING_SEND_LOST "send_lost" /* of kind READING_DROP: frames that no further attempt can send */
#define READING_REJECT_PREFIX "filter_rejected_"

struct reading {
	char name[48];
	enum reading_kind kind;
	uint64_t value;
};

#endif
