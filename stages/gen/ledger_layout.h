/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The inside of struct ledger, shared by ledger.c (gens), ledger_passes.c (gens, where probes are spaced) and
 * ledger_remaining.c (who asks what is left).
 *
 * Chunks live in slots of their gen, so that leasing one shares nothing with other gens but the
 * cursor. Who touches a chunk when:
 *
 * | state   | gen                         | tx threads          | others                     |
 * |---------|-----------------------------|---------------------|----------------------------|
 * | FREE    | lease -> LEASING            | -                   | retired may be read        |
 * | LEASING | moves the cursor, -> OPEN   | -                   | -                          |
 * | OPEN    | emits, close -> CLOSED      | add to accepted     | first, length may be read  |
 * | CLOSED  | lease -> LEASING if settled | add until = emitted | everything may be read     |
 *
 * A slot whose chunk was cut short (walked < length) is not used again: it says what remains.
 *
 * The cursor counts exponents along the parts, one behind the other; a chunk lies within one part. A slot is LEASING
 * before the cursor moves, so that who reads the cursor, then all slots, then the same cursor again, and met no LEASING,
 * has seen every chunk below it. Nothing of this is per packet, or per block: a lease is some thousand probes.
 *
 * Where probes are spaced a settled chunk leaves its slot for the gen's `waiting` and comes back from there, and no
 * cursor moves: `changes` is odd meanwhile, and another number afterwards. All stores between are of release, all loads
 * of who asks of acquire: it either sees nothing of them, or that the number has changed.
 */
#ifndef GEN_LEDGER_LAYOUT_H
#define GEN_LEDGER_LAYOUT_H

#include "rings/lines.h"
#include "stages/gen/ledger.h"
#include "stages/gen/waiting.h"

struct slots { /* one gen's; no two gens share a line */
	struct chunk chunk[CHUNKS_OPEN];
	unsigned int next; /* where the search for a slot starts: the oldest */
	uint32_t changes;
	struct waiting *waiting; /* NULL: no passes */
	uint8_t apart[LINES_APART];
} __attribute__((aligned(CACHE_LINE)));

struct part {
	struct interval at;
	uint64_t before; /* exponents in the parts before it */
};

struct track { /* parts that gens lease from one after the other */
	struct part *part;
	size_t parts;
	uint64_t length; /* of all parts */
	/* exponents leased */
	uint64_t cursor __attribute__((aligned(CACHE_LINE)));
};

struct ledger {
	struct track fresh; /* what has had no probe yet */
	struct track later; /* what had some in an earlier run, and is due at later_due_ns */
	uint64_t later_due_ns, spacing_ns;
	uint32_t passes;
	unsigned int gens;
	bool limited;
	/* targets left, when limited */
	uint64_t budget __attribute__((aligned(CACHE_LINE)));
	uint8_t apart[LINES_APART];
	struct slots slots[];
};

static_assert(offsetof(struct track, cursor) == CACHE_LINE && sizeof(struct track) == 2 * CACHE_LINE,
	      "every gen adds to it; the lines beside it are read only");
static_assert(offsetof(struct ledger, budget) % CACHE_LINE == 0, "as to this one, more often");
static_assert(offsetof(struct ledger, slots) >= offsetof(struct ledger, budget) + LINES_APART &&
		      sizeof(struct slots) % CACHE_LINE == 0,
	      "the chunks of a gen lie apart from another's");

/* ledger.c, for gens. */

/* Everything emitted was accepted. Acquire on both: what tx did with the chunk is over when this is true. */
static inline bool chunk_settled(const struct chunk *c)
{
	return __atomic_load_n(&c->state, __ATOMIC_ACQUIRE) == CHUNK_CLOSED &&
	       __atomic_load_n(&c->accepted, __ATOMIC_ACQUIRE) ==
		       __atomic_load_n(&c->emitted, __ATOMIC_RELAXED);
}

/* A slot that may be leased into, or NULL. */
struct chunk *slots_find(struct slots *, uint32_t passes);
/* The next `length` exponents of the track, or fewer, into the slot. False: it is used up, and the slot is free. */
bool track_lease(struct track *, uint64_t length, struct chunk *slot);
/* What was in the slot is over; it counts among its retired. */
void chunk_retire(struct chunk *slot);
/* Into a slot that was retired. */
void chunk_open(struct chunk *slot, struct interval);

#endif
