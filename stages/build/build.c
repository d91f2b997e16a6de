/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A builder holds at most one target block, some of whose targets are taken,
 * and one blank frame block. Both stay in its hands across steps, so a full or
 * an empty edge loses nothing. A frame block takes targets of one target block
 * only: that keeps it within one chunk of the ledger.
 */
#include "stages/build/build.h"

#include <stdlib.h>
#include <string.h>

#include "io/netlink/neighbours.h"
#include "rings/lines.h"
#include "stages/gen/ledger.h"
#include "stages/policy_rcu.h"

#define STEP_BLOCKS 4 /* per step, so that a fused tx finds the frames in cache */

struct build {
	struct stage stage;
	const struct probe_module *module;
	const struct policy *const *policy;
	struct edge **in;
	struct build_output *out;
	unsigned int ins, outs;
	unsigned int next_in, next_out; /* whose turn it is */
	unsigned int in_ended, out_ended;

	struct target_block *targets; /* NULL: none; [taken, count) still to compose */
	struct edge *targets_from;
	unsigned int taken;

	struct frame_block *frames; /* NULL: none; blank */
	const struct build_output *frames_to;

	counter unresolved __attribute__((aligned(CACHE_LINE)));
} __attribute__((aligned(2 * CACHE_LINE))); /* x86 fetches lines in pairs: rings/edge_layout.h */

static_assert(offsetof(struct build, stage) == 0, "a stage is its own first member");
static_assert(offsetof(struct build, module) == sizeof(struct stage), "others read the stage's lines");
static_assert(offsetof(struct build, unresolved) % CACHE_LINE == 0, "and this one");

static unsigned int next(unsigned int i, unsigned int n)
{
	return i + 1 < n ? i + 1 : 0;
}

static void recycle_targets(struct build *b)
{
	b->in_ended += (b->targets->hdr.flags & BLOCK_END) != 0;
	edge_recycle(b->targets_from, &b->targets->hdr);
	b->targets = NULL;
}

/* False: no input has a target. Blocks that carry none, as END marks do, go back at once. */
static bool take_targets(struct build *b)
{
	unsigned int empty = 0; /* inputs in a row */

	while (b->targets == NULL && empty < b->ins) {
		b->targets_from = b->in[b->next_in];
		b->targets = (struct target_block *)edge_pop(b->targets_from);
		b->taken = 0;
		b->next_in = next(b->next_in, b->ins);
		if (b->targets == NULL)
			empty++;
		else if (b->targets->hdr.count == 0)
			recycle_targets(b);
	}
	return b->targets != NULL;
}

/* False: every output is full. */
static bool take_frames(struct build *b, uint32_t window)
{
	for (unsigned int i = 0; b->frames == NULL && i < b->outs; i++) {
		b->frames_to = &b->out[b->next_out];
		b->frames = (struct frame_block *)edge_claim(b->frames_to->edge, window);
		b->next_out = next(b->next_out, b->outs);
	}
	return b->frames != NULL;
}

/* On-link targets get their own MAC. A probe to nobody leaves the block: its frame stays, as a blank one. */
static unsigned int address_frames(struct frame_block *f, const struct neighbours *neighbours,
				   const uint32_t *daddr, unsigned int n)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < n; i++) {
		uint8_t *frame = f->frame[i], mac[6];
		enum neighbour who = neighbours_find(neighbours, daddr[i], mac);

		if (who == NEIGHBOUR_MISSING)
			continue;
		if (who == NEIGHBOUR_FOUND)
			memcpy(frame, mac, sizeof(mac)); /* the destination leads an Ethernet header */
		f->frame[i] = f->frame[kept];
		f->frame[kept] = frame;
		f->len[kept++] = f->len[i];
	}
	return kept;
}

/* Targets in hand into frames in hand. Returns how many targets are through. */
static unsigned int compose(struct build *b)
{
	struct target_block *t = b->targets;
	struct frame_block *f = b->frames;
	const unsigned int left = t->hdr.count - b->taken, n = left < f->frames ? left : f->frames;
	unsigned int kept = n;

	b->module->compose(b->frames_to->template, t, b->taken, n, f->frame, f->len);
	if (b->frames_to->neighbours != NULL)
		kept = address_frames(f, b->frames_to->neighbours, t->daddr + b->taken, n);
	if (kept < n) {
		counter_add(&b->unresolved, n - kept);
		if (t->hdr.chunk != NULL)
			chunk_accept(t->hdr.chunk, n - kept);
	}
	if (kept > 0) {
		f->hdr.count = kept;
		f->hdr.flags = 0;
		f->hdr.chunk = t->hdr.chunk;
		edge_push(b->frames_to->edge, &f->hdr);
		b->frames = NULL;
	}
	b->taken += n;
	if (b->taken == t->hdr.count)
		recycle_targets(b);
	return n;
}

/* The blank block in hand becomes the END of its own edge. No window: an END carries no probe. */
static struct frame_block *take_end(struct build *b, const struct build_output *to)
{
	struct frame_block *f = b->frames;

	if (f == NULL || b->frames_to != to)
		return (struct frame_block *)edge_claim(to->edge, 0);
	b->frames = NULL;
	return f;
}

/* Returns how many outputs got their END. */
static unsigned int push_ends(struct build *b)
{
	const unsigned int before = b->out_ended;

	for (; b->out_ended < b->outs; b->out_ended++) {
		const struct build_output *to = &b->out[b->out_ended];
		struct frame_block *f = take_end(b, to);

		if (f == NULL)
			break;
		f->hdr.count = 0;
		f->hdr.flags = BLOCK_END;
		f->hdr.chunk = NULL;
		edge_push(to->edge, &f->hdr);
	}
	b->stage.done = b->out_ended == b->outs;
	return b->out_ended - before;
}

static size_t build_step(struct stage *stage)
{
	struct build *b = (struct build *)stage;
	const struct policy *policy = policy_read(b->policy);
	struct stage_counters *c = &stage->counters;
	counter *idle = &c->stalled_out;
	size_t items = 0, ends = 0;

	for (unsigned int i = 0; i < STEP_BLOCKS; i++) {
		if (b->targets == NULL && !take_targets(b)) {
			idle = &c->starved_in;
			break;
		}
		if (!take_frames(b, policy->edge_window))
			break;
		items += compose(b);
	}
	if (b->in_ended == b->ins) { /* then no target is in hand either */
		ends = push_ends(b);
		idle = &c->stalled_out;
	}
	counter_add(&c->items, items);
	stage->wake_at = WAKE_NEVER; /* a push to an input and a recycle of an output wake this thread */
	if (items + ends == 0)
		counter_add(idle, 1);
	return items + ends;
}

static const struct stage_ops build_ops = {
	.name = "build",
	.step = build_step,
};

struct stage *build_create(unsigned int index, const struct build_options *o)
{
	struct build *b = lines_alloc(sizeof(*b));

	if (b == NULL)
		return NULL;
	*b = (struct build){
		.stage = { .ops = &build_ops, .index = index, .wake_at = WAKE_NEVER, .fd = -1 },
		.module = o->module,
		.policy = o->policy,
		.in = calloc(o->ins, sizeof(*b->in)),
		.out = calloc(o->outs, sizeof(*b->out)),
		.ins = o->ins,
		.outs = o->outs,
	};
	if (b->in == NULL || b->out == NULL) {
		build_destroy(&b->stage);
		return NULL;
	}
	memcpy(b->in, o->in, o->ins * sizeof(*b->in));
	memcpy(b->out, o->out, o->outs * sizeof(*b->out));
	return &b->stage;
}

void build_destroy(struct stage *stage)
{
	struct build *b = (struct build *)stage;

	if (b == NULL)
		return;
	free(b->out);
	free(b->in);
	free(b);
}

uint64_t build_unresolved(const struct stage *stage)
{
	return counter_read(&((const struct build *)stage)->unresolved);
}
