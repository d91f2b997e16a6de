/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of single IPv4 addresses, 4 bytes each: lists of a hundred million of them, which as ranges would take twice
 * that and as a rank structure of ranges ten times. Host byte order. Set-up only.
 */
#ifndef GEN_ADDRESSES_H
#define GEN_ADDRESSES_H

#include <stddef.h>
#include <stdint.h>

#include "stages/gen/ranges.h"

/* Normalised = ascending, distinct. Zero-initialised = empty. Free with addresses_free(). */
struct addresses {
	uint32_t *addr;
	size_t count, room;
};

/*
 * n more are to come, at most: takes address space for them now, which has no page before one is there. To grow by doubling
 * would for a moment take three times the memory. A hint: what cannot be had is not.
 */
void addresses_expect(struct addresses *, size_t n);
int addresses_add(struct addresses *, uint32_t addr); /* appends; -ENOMEM */
void addresses_normalise(struct addresses *);
/* Of normalised addresses, those that are in a normalised set; those that are not. */
void addresses_within(struct addresses *, const struct ranges *);
void addresses_without(struct addresses *, const struct ranges *);
/* Into one list: all of the ranges too, none of which is in it. -ENOMEM leaves it as it was. */
int addresses_merge(struct addresses *, const struct ranges *);
size_t
addresses_runs(const struct addresses *); /* of neighbours: the ranges that they make, when normalised */
void addresses_free(struct addresses *);

#endif
