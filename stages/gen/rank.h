/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A set of addresses as a rank structure: rank -> address and back. The rank of an
 * address is how many addresses of the set are below it. Const after rank_init().
 */
#ifndef GEN_RANK_H
#define GEN_RANK_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stages/gen/addresses.h"
#include "stages/gen/ranges.h"

/* One range of the set: ranks up to next, exclusive, have address = rank + delta (mod 2^32). */
struct piece {
	uint32_t next, delta;
};

struct rank;
typedef void rank_lookup_fn(const struct rank *, const uint32_t *rank, uint32_t *addr, unsigned int n);

struct rank {
	size_t count; /* ranges */
	uint64_t total; /* addresses, 1..2^32 */
	struct piece *piece;
	uint32_t *bucket; /* bucket[r >> shift]: the piece of the bucket's first rank */
	struct piece *first; /* first[b] = piece[bucket[b]]: the answer in one access, for most ranks */
	unsigned int shift;
	rank_lookup_fn *lookup; /* the best form for this CPU; single() for a set of one range */
	struct range *range; /* the set itself, for the inverse */
	/* a set of scattered addresses, for which none of the five above is there: addr[rank]. NULL: ranges */
	uint32_t *addr;
	uint32_t *top; /* top[addr >> 16]: first range, or address, that ends at or above addr & 0xffff0000 */
	size_t memory; /* bytes held */
};

static_assert(sizeof(struct piece) == 8, "one gather brings both");

/* set: normalised and not empty. 0 or -ENOMEM. */
int rank_init(struct rank *, const struct ranges *set);
/* The same for a normalised set of addresses, 4 bytes each. Takes their memory over: they are none then. 0 or -ENOMEM. */
int rank_init_flat(struct rank *, struct addresses *set);
void rank_fini(struct rank *);

/* What a set of so many ranges takes at least. Their addresses by themselves may take less. */
#define RANK_RANGE_BYTES 40
#define RANK_ADDRESS_BYTES 4

/* The ranges of the set, in order: *at is 0 at the start, and is moved on. False: there are no more. */
bool rank_next_range(const struct rank *, size_t *at, struct range *);

/* rank[i] < total for i < n <= BLOCK_ITEMS. Hot. */
static inline void rank_lookup(const struct rank *r, const uint32_t *rank, uint32_t *addr, unsigned int n)
{
	r->lookup(r, rank, addr, n);
}

struct rank_form { /* stages/forms.h; for sets of two ranges or more that are not flat */
	const char *name;
	bool (*supported)(void);
	rank_lookup_fn *fn;
};
extern const struct rank_form rank_forms[]; /* ends with name NULL */

/* Set-up: takes the form of that name where it applies, for tests and benchmarks. False: there is none that runs here. */
bool rank_use_form(struct rank *, const char *name);

/* True and *rank when addr is in the set. */
bool rank_find(const struct rank *, uint32_t addr, uint32_t *rank);

#endif
