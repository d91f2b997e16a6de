/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is left of a shard: half-open intervals of exponents, in order, none empty, no two of the same pass that touch.
 * None of different passes overlap.
 */
#ifndef GEN_INTERVALS_H
#define GEN_INTERVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stages/gen/walk.h"

/* Brings any intervals into that form, in place. Returns how many there are then. */
size_t intervals_merge(struct interval *, size_t n);

/* True when they have it and lie within `all`. */
bool intervals_valid(const struct interval *, size_t n, struct interval all);

uint64_t intervals_length(const struct interval *, size_t n);

#endif
