/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage gen: leases chunks of the shard's exponent interval, walks them, turns
 * each element into (address, port), and pushes target blocks round-robin over its edges.
 */
#ifndef GEN_GEN_H
#define GEN_GEN_H

#include "anyscan/policy.h"
#include "anyscan/stage.h"
#include "rings/edge.h"
#include "stages/gen/domain.h"
#include "stages/gen/ledger.h"
#include "stages/gen/walk.h"

struct gen_options {
	const struct domain *domain;
	const struct walk *walk;
	struct ledger *ledger;
	const struct policy *const *policy; /* stages/policy_rcu.h */
	uint32_t probes; /* per target (-P), >= 1: sent back to back */
	struct edge **out; /* of struct target_block; borrowed, outlives the stage */
	unsigned int outs;
};

struct stage *gen_create(unsigned int index, const struct gen_options *); /* NULL: out of memory */
void gen_destroy(struct stage *);

#endif
