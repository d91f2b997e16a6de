/* SPDX-License-Identifier: Apache-2.0 */
/* Departures that one tx queue has leased of the scan's bucket: its probes and its answers use the same ones. */
#ifndef TX_LEASE_H
#define TX_LEASE_H

#include <stdint.h>

#include "stages/tx/bucket.h"

struct lease {
	uint32_t left;
	uint64_t due_ns; /* of the first of them; when none is left, when to ask again */
	double rate; /* at which they were leased */
};

/* How many of `want` frames (1..BLOCK_ITEMS) may leave now, at `rate` (> 0); 0: look again at due_ns. */
uint32_t lease_take(struct lease *, struct bucket *, double rate, uint64_t now_ns, uint32_t want);

/* So many have left. */
static inline void lease_use(struct lease *l, uint32_t n)
{
	l->left -= l->left < n ? l->left : n;
}

#endif
