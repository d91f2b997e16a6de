/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was named to be scanned, in three kinds: ranges and single addresses, which get every port of the scan, and pairs,
 * which have their own. Single ones are kept apart as lists have a hundred million of them: 4 bytes each, and
 * nothing below makes a copy.
 */
#ifndef GEN_TARGET_SET_H
#define GEN_TARGET_SET_H

#include <stdbool.h>
#include <stdint.h>

#include "anyscan/error.h"
#include "stages/gen/addresses.h"
#include "stages/gen/pairs.h"
#include "stages/gen/ranges.h"

/* Normalised = each kind is, no address is in a range. Zero-initialised = empty. */
struct target_set {
	struct ranges ranges;
	struct addresses addresses;
	struct pairs pairs;
};

/* One target per line, as targets_load(); paired: a.b.c.d:port too. On error the set holds what it held. */
int target_set_load(const char *path, bool paired, struct target_set *, struct error *e);
void target_set_normalise(struct target_set *);
bool target_set_empty(const struct target_set *);
/* Of normalised sets. What both a pair and ports name is no pair any more. */
void target_set_subtract_ports(struct target_set *, const struct ports *);
uint64_t target_set_ported(const struct target_set *); /* addresses that get every port */
uint64_t target_set_addresses(const struct target_set *); /* those, and those of pairs */
uint32_t target_set_first(const struct target_set *); /* the lowest address; not of an empty one */
/* Takes a normalised set of addresses from it, or keeps only it. 0 or -ENOMEM. */
int target_set_subtract(struct target_set *, const struct ranges *);
int target_set_intersect(struct target_set *, const struct ranges *);
void target_set_free(struct target_set *);

#endif
