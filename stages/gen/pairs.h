/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sets of (address, port) as sorted, distinct 48-bit words: what a list names that no ranges x ports is. Host byte
 * order. Set-up only: nothing here runs per packet.
 */
#ifndef GEN_PAIRS_H
#define GEN_PAIRS_H

#include <stddef.h>
#include <stdint.h>

#include "stages/gen/addresses.h"
#include "stages/gen/ranges.h"

struct ports; /* stages/gen/targets.h */

/* Normalised = ascending, distinct. Zero-initialised = empty. Free with pairs_free(). */
struct pairs {
	uint64_t *pair; /* address << 16 | port */
	size_t count, room;
};

void pairs_expect(struct pairs *, size_t n); /* as addresses_expect() */
int pairs_add(struct pairs *, uint32_t addr, uint16_t port); /* appends; -ENOMEM */
void pairs_normalise(struct pairs *);
/* Of normalised pairs, those whose address is in a normalised set; those whose address is not. */
void pairs_within(struct pairs *, const struct ranges *);
void pairs_without(struct pairs *, const struct ranges *);
/* Less those that (ranges and addresses) x ports hold too. ports: ascending. */
void pairs_subtract(struct pairs *, const struct ranges *, const struct addresses *, const struct ports *);
size_t pairs_addresses(const struct pairs *); /* how many they have, when normalised */
void pairs_free(struct pairs *);

#endif
