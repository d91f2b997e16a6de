/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage gen: leases chunks of the shard's exponent interval, walks them, turns
 * each element into (address, port), and pushes target blocks round-robin over its edges.
 *
 * With spacing the ledger hands out each chunk once per probe, and a later pass leaves out who has been found.
 */
#ifndef GEN_GEN_H
#define GEN_GEN_H

#include "anyscan/counters.h"
#include "anyscan/policy.h"
#include "anyscan/stage.h"
#include "rings/edge.h"
#include "stages/classify/dedup.h"
#include "stages/gen/domain.h"
#include "stages/gen/ledger.h"
#include "stages/gen/walk.h"

struct gen_options {
	const struct domain *domain;
	const struct walk *walk;
	struct ledger *ledger;
	const struct policy *const *policy; /* stages/policy_rcu.h */
	uint32_t probes; /* per target (-P), >= 1: sent back to back, or */
	uint64_t spacing_ns; /* above 0: that long after the one before; the ledger has as many passes */
	const struct dedup
		*found; /* with spacing: targets in it get no further probe; NULL: all get theirs */
	uint64_t (*clock)(void); /* CLOCK_MONOTONIC, in ns; NULL: clock_mono_ns() */
	struct edge **out; /* of struct target_block; borrowed, outlives the stage */
	unsigned int outs;
};

struct gen_counters { /* one writer */
	counter spared; /* probes that were left out, as their targets had been found */
	counter waits; /* 1: all it has left to send waits for its time, else 0 */
};

struct stage *gen_create(unsigned int index, const struct gen_options *); /* NULL: out of memory */
void gen_destroy(struct stage *);
const struct gen_counters *gen_counters(const struct stage *);

#endif
