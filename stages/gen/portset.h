/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ports of a domain: index = rank * ports + position of the port, split
 * without a division, and the way back. Const after portset_init().
 */
#ifndef GEN_PORTSET_H
#define GEN_PORTSET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stages/gen/targets.h"

#define PORTSET_WORDS 1024 /* 65536 bits */

struct portset {
	uint32_t count; /* 1..65536 */
	uint64_t reciprocal; /* ceil(2^64 / count); unused for one port */
	uint16_t first;
	bool contiguous; /* port i is first + i */
	uint16_t *port; /* sorted */
	uint64_t *set; /* bit p: port p is in */
	uint16_t *below; /* ports below 64 * i */
	size_t memory; /* bytes held */
};

/* ports: sorted, distinct, at least one. 0 or -ENOMEM. */
int portset_init(struct portset *, const struct ports *ports);
void portset_fini(struct portset *);

/* index[i] < 2^48 for i < n. Hot. */
void portset_split(const struct portset *, const uint64_t *index, uint32_t *rank, uint16_t *port,
		   unsigned int n);

/* True and *position when the port is in the set. */
bool portset_find(const struct portset *, uint16_t port, uint32_t *position);

#endif
