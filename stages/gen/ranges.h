/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of IPv4 addresses as sorted, disjoint, non-adjacent closed ranges. Host
 * byte order. Set-up only: nothing here runs per packet.
 */
#ifndef GEN_RANGES_H
#define GEN_RANGES_H

#include <stddef.h>
#include <stdint.h>

struct range {
	uint32_t first, last; /* inclusive */
};

/* Normalised = sorted, disjoint, non-adjacent. Zero-initialised = empty. Free with ranges_free(). */
struct ranges {
	struct range *range;
	size_t count, room;
};

int ranges_add(struct ranges *, uint32_t first, uint32_t last); /* appends; -ENOMEM */
void ranges_normalise(struct ranges *); /* sorts, merges overlaps and neighbours */
/* a := a minus b / a intersected with b; both normalised, a stays so. 0 or -ENOMEM. */
int ranges_subtract(struct ranges *a, const struct ranges *b);
int ranges_intersect(struct ranges *a, const struct ranges *b);
uint64_t ranges_total(const struct ranges *); /* addresses in a normalised set, 0..2^32 */
void ranges_free(struct ranges *);

#endif
