/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chunk ledger: what of the shard's interval is handed out, and what of that the
 * wire has taken. Gens lease chunks from one cursor: one atomic per chunk,
 * none per packet. A frame block never mixes chunks; tx adds the block's count to its chunk when
 * the wire accepted it. A chunk is settled when it is closed and accepted = emitted.
 */
#ifndef GEN_LEDGER_H
#define GEN_LEDGER_H

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/block.h"
#include "stages/gen/walk.h"

#define CHUNK_MIN 128
#define CHUNK_MAX (1u << 20)
#define CHUNKS_OPEN 64 /* per gen */

enum chunk_state {
	CHUNK_FREE, /* gen may lease into it */
	CHUNK_OPEN, /* gen emits */
	CHUNK_CLOSED, /* gen is through; settled once accepted == emitted */
	CHUNK_LEASING, /* gen takes it: nothing in it holds until it is OPEN */
};

struct chunk {
	/* gen writes; others read once closed */
	uint64_t first; /* exponent */
	uint32_t length; /* exponents */
	uint32_t state; /* enum chunk_state, release/acquire */
	uint64_t emitted; /* probes; final once closed */
	uint64_t retired; /* probes of the chunks that had this slot before */
	uint32_t walked; /* exponents of it that were emitted; below length only when a stop cut it short */
	/* tx threads add */
	uint64_t accepted __attribute__((aligned(CACHE_LINE)));
} __attribute__((aligned(CACHE_LINE)));

static_assert(offsetof(struct chunk, accepted) == CACHE_LINE, "tx threads add beside what gen writes");
static_assert(sizeof(struct chunk) == 2 * CACHE_LINE, "and beside the next chunk");

struct ledger;

/* gens: number of gen stages. NULL: out of memory. */
struct ledger *ledger_create(struct interval, unsigned int gens, uint64_t max_targets /* UINT64_MAX = all */);
/* The same over what is left of an interval: parts in order that do not touch (stages/gen/intervals.h). Copied. */
struct ledger *ledger_create_over(const struct interval *part, size_t parts, unsigned int gens,
				  uint64_t max_targets);
void ledger_destroy(struct ledger *);

/*
 * gen `g`: leases the next chunk of about `length` exponents. NULL with *end = true: the interval is used
 * up; NULL with *end = false: all of this gen's chunks are still on their way (stall).
 */
struct chunk *ledger_lease(struct ledger *, unsigned int g, uint32_t length, bool *end);

/* gen: all of the chunk's probes (`emitted` of them) are pushed; or the rest is dropped at a stop: then walked
 * < length exponents were walked. */
void ledger_close(struct ledger *, struct chunk *, uint32_t walked, uint64_t emitted);

/* gen, when max_targets is set: takes up to want targets from the budget; 0 = spent. */
uint32_t ledger_budget(struct ledger *, uint32_t want);
bool ledger_limited(const struct ledger *);

/* tx: the wire took n probes of the chunk (or build found that they cannot be sent). Any thread. */
void chunk_accept(struct chunk *, uint32_t n);

/* Any thread: exponents that are leased so far, and how many there are. */
uint64_t ledger_leased(const struct ledger *);
uint64_t ledger_length(const struct ledger *);
/* The exponent that will be leased when `ahead` more are, 0: next; UINT64_MAX: there are no more. Any thread. */
uint64_t ledger_exponent(const struct ledger *, uint64_t ahead);
unsigned int ledger_gens(const struct ledger *);
/* When all stages are quiet: true if every chunk leased is closed and accepted == emitted. */
bool ledger_settled(const struct ledger *);

/*
 * What is not settled now, for a checkpoint: any thread, while gens lease and txs accept. Fills part[] with
 * disjoint intervals in order, at most ledger_parts_max(), and *probes with how many were emitted and
 * accepted outside of them. Returns how many parts, or -EAGAIN: a gen leases just now; ask again.
 */
int ledger_remaining(const struct ledger *, struct interval *part, uint64_t *probes);
size_t ledger_parts_max(const struct ledger *);

#endif
