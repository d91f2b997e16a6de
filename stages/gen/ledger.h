/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The chunk ledger: what of the shard's interval is handed out, and what of that the
 * wire has taken. Gens lease chunks from one cursor: one atomic per chunk,
 * none per packet. A frame block never mixes chunks; tx adds the block's count to its chunk when
 * the wire accepted it. A chunk is settled when it is closed and accepted = emitted.
 *
 * Where the probes of a target are spaced, a chunk is leased once per pass, and each pass sends one probe: a chunk that is
 * settled waits in the hands of its gen, which takes it again before a fresh one when its time has come.
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
	uint64_t retired; /* probes of pass 0 of the chunks that had this slot before */
	uint32_t walked; /* exponents of it that were emitted; below length only when a stop cut it short */
	uint32_t pass; /* which probe of its targets: 0 but where they are spaced */
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
/* The same with passes that follow each other at a distance; parts of a later pass are due at later_due_ns. */
struct ledger_spacing {
	uint32_t passes; /* at least 1 */
	uint64_t spacing_ns;
	uint64_t later_due_ns; /* CLOCK_MONOTONIC */
};
struct ledger *ledger_create_spaced(const struct interval *part, size_t parts, unsigned int gens,
				    uint64_t max_targets, const struct ledger_spacing *);
void ledger_destroy(struct ledger *);

/*
 * gen `g`: leases the next chunk of about `length` exponents. NULL with *end = true: the interval is used
 * up; NULL with *end = false: all of this gen's chunks are still on their way (stall).
 */
struct chunk *ledger_lease(struct ledger *, unsigned int g, uint32_t length, bool *end);

/*
 * The same with passes: a chunk that is due before one of an earlier run, that before a fresh one, which is left out unless
 * `fresh`. NULL: *again_ns is when to ask again, 0 for soon: some of this gen's chunks are on their way; or UINT64_MAX:
 * never, this gen is through with all passes. A gen keeps up to WAITING_MAX chunks (stages/gen/waiting.h), and
 * leases no fresh one above that. CLOCK_MONOTONIC.
 */
struct chunk *ledger_lease_spaced(struct ledger *, unsigned int g, uint32_t length, bool fresh,
				  uint64_t now_ns, uint64_t *again_ns);
/* So many wait that longer chunks are better. */
bool ledger_crowded(const struct ledger *, unsigned int g);

/* gen: all of the chunk's probes (`emitted` of them) are pushed; or the rest is dropped at a stop: then walked
 * < length exponents were walked. */
void ledger_close(struct ledger *, struct chunk *, uint32_t walked, uint64_t emitted);

/* gen, when max_targets is set: takes up to want targets from the budget; 0 = spent. */
uint32_t ledger_budget(struct ledger *, uint32_t want);
bool ledger_limited(const struct ledger *);

/* tx: the wire took n probes of the chunk (or build found that they cannot be sent). Any thread. */
void chunk_accept(struct chunk *, uint32_t n);

/* Any thread: exponents that are leased so far for their first probe, and how many there are. */
uint64_t ledger_leased(const struct ledger *);
uint64_t ledger_length(const struct ledger *);
/* The exponent that will be leased when `ahead` more are, 0: next; UINT64_MAX: there are no more. Any thread. */
uint64_t ledger_exponent(const struct ledger *, uint64_t ahead);
unsigned int ledger_gens(const struct ledger *);
/* When all stages are quiet: true if every chunk leased is closed and accepted == emitted. */
bool ledger_settled(const struct ledger *);

/*
 * What is not settled now, for a checkpoint: any thread, while gens lease and txs accept. Fills part[] with
 * disjoint intervals in order, at most ledger_parts_max(), and *probes with how many of pass 0 were emitted and
 * accepted outside of them. An interval of a later pass has had its probes of those before. Returns how many parts, or -EAGAIN: a gen leases just now; ask again.
 */
int ledger_remaining(const struct ledger *, struct interval *part, uint64_t *probes);
size_t ledger_parts_max(const struct ledger *);

#endif
