/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of (address, port) as a rank structure: position -> pair and back, 8 bytes a pair. Const after
 * pair_rank_init().
 */
#ifndef GEN_PAIR_RANK_H
#define GEN_PAIR_RANK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stages/gen/pairs.h"

struct pair_rank {
	size_t count; /* below 2^32 */
	uint64_t *pair; /* address << 16 | port, ascending */
	uint32_t *top; /* top[addr >> 16]: first pair at or above addr & 0xffff0000 */
	size_t memory; /* bytes held */
};

/* pairs: normalised; none: holds nothing. Takes their memory over: they are empty then. 0 or -ENOMEM. */
int pair_rank_init(struct pair_rank *, struct pairs *pairs);
void pair_rank_fini(struct pair_rank *);

/* True and *position when the pair is in the set. */
bool pair_rank_find(const struct pair_rank *, uint32_t addr, uint16_t port, uint32_t *position);

#endif
