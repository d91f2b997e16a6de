/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of addresses as a rank structure: rank -> address and back. The rank of an
 * address is how many addresses of the set are below it. Const after rank_init().
 */
#ifndef GEN_RANK_H
#define GEN_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stages/gen/ranges.h"

/* One range of the set: ranks up to next, exclusive, have address = rank + delta (mod 2^32). */
struct piece {
	uint32_t next, delta;
};

struct rank {
	size_t count;
	uint64_t total; /* addresses, 1..2^32 */
	struct piece *piece;
	uint32_t *bucket; /* bucket[r >> shift]: the piece of the bucket's first rank */
	unsigned int shift;
	struct range *range; /* the set itself, for the inverse */
	uint32_t *top; /* top[addr >> 16]: first range that ends at or above addr & 0xffff0000 */
	size_t memory; /* bytes held */
};

/* set: normalised and not empty. 0 or -ENOMEM. */
int rank_init(struct rank *, const struct ranges *set);
void rank_fini(struct rank *);

/* rank[i] < total for i < n <= BLOCK_ITEMS. Hot. */
void rank_lookup(const struct rank *, const uint32_t *rank, uint32_t *addr, unsigned int n);

/* True and *rank when addr is in the set. */
bool rank_find(const struct rank *, uint32_t addr, uint32_t *rank);

#endif
