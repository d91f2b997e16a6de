/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Stage build: turns target blocks into frame blocks in the memory of a tx queue.
 *
 * A builder has one or more input edges (gens) and one or more output edges
 * (tx queues, or parts of one). It takes target blocks round-robin from its inputs and spreads them
 * over its outputs, whichever has blank frames.
 */
#ifndef BUILD_BUILD_H
#define BUILD_BUILD_H

#include "anyscan/policy.h"
#include "anyscan/probe.h"
#include "anyscan/stage.h"
#include "rings/edge.h"

struct neighbours; /* io/netlink/neighbours.h: MACs of on-link targets */

struct build_output {
	struct edge *edge; /* of struct frame_block */
	const struct probe_template *template; /* of the queue's port */
	const struct neighbours *neighbours; /* NULL: everything goes to the template's gateway */
};

struct build_options {
	const struct probe_module *module;
	const struct policy *const *policy;
	struct edge **in; /* of struct target_block */
	unsigned int ins;
	const struct build_output *out;
	unsigned int outs;
};

struct stage *build_create(unsigned int index, const struct build_options *);
void build_destroy(struct stage *);
/* Any thread: on-link targets that no neighbour answered for; their probes were not sent. */
uint64_t build_unresolved(const struct stage *);

#endif
