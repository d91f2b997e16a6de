/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A gen walks a block's worth of exponents into index[], pushes it as a target
 * block, once per probe, and walks on. Where it stands survives a full edge:
 * nothing walked is lost, and a stop can tell to the exponent what was not sent.
 */
#include "stages/gen/gen.h"

#include <stdlib.h>
#include <string.h>

#include "anyscan/clock.h"
#include "rings/lines.h"
#include "stages/gen/waiting.h"
#include "stages/policy_rcu.h"

#define STEP_BLOCKS 4 /* per step, so that fused stages downstream find them in cache */
#define CHUNK_SECONDS 0.25 /* of the rate: what a crash sends twice */
#define CHUNKS_PER_GEN 16 /* at least, so that no gen, and no queue behind it, ends long before the others */
#define SPACING_SHARE \
	8 /* a chunk takes no more than this share of the spacing to send: by as much a probe is late */
#define UNPACED \
	(1u << 16) /* exponents of a chunk where probes are spaced and nobody knows how long it will take */
#define LEASE_RETRY_NS 1000000 /* all chunks are on their way; tx settles them without a wake-up */

struct gen {
	struct stage stage;
	struct gen_options o;
	/* the open chunk, NULL before a lease */
	struct chunk *chunk;
	uint32_t longest; /* length of a chunk, whatever the rate */
	uint64_t emitted; /* probes pushed of it */
	uint32_t walked; /* exponents walked of it */
	uint64_t targets; /* of a later pass: in what was walked, found or not */
	struct walk_cursor cursor;
	/* index[sent..held) wait to be pushed; all of this chunk */
	uint64_t index[BLOCK_ITEMS + WALK_LANES];
	unsigned int sent, held;
	bool spent; /* the target budget cut index[] short: the last of the chunk */
	bool stale; /* the budget is spent: no fresh chunk any more */
	/* the block that is on its way: the same targets once per probe */
	unsigned int block;
	uint32_t probe;
	unsigned int next_out;
	bool ending;
	unsigned int ended; /* edges that have their END */
	uint64_t again_ns; /* when to ask for a chunk again; 0: soon */
	struct gen_counters counters __attribute__((aligned(CACHE_LINE)));
} __attribute__((aligned(2 * CACHE_LINE))); /* x86 fetches lines in pairs: rings/edge_layout.h */

static_assert(offsetof(struct gen, stage) == 0, "a stage is its own first member");
static_assert(offsetof(struct gen, o) == sizeof(struct stage),
	      "others read the stage's lines, and only those");

static bool spaced(const struct gen *g)
{
	return g->o.spacing_ns > 0;
}

/* Seconds of the rate. Long spacings and many probes make long chunks, or too many would wait. */
static double chunk_seconds(const struct gen *g)
{
	const double spacing = (double)g->o.spacing_ns / 1e9, share = spacing / SPACING_SHARE;
	const double least = 2 * spacing * (g->o.probes - 1) / WAITING_MAX;
	const double seconds = share < CHUNK_SECONDS ? share : CHUNK_SECONDS;

	if (!spaced(g))
		return CHUNK_SECONDS;
	return seconds > least ? seconds : least;
}

static uint32_t chunk_length(const struct gen *g, const struct policy *policy)
{
	const double targets = policy->rate * chunk_seconds(g) / ledger_gens(g->o.ledger) / g->o.probes;
	const uint32_t shortest = spaced(g) ? WALK_LANES : CHUNK_MIN;

	if (spaced(g) && ledger_crowded(g->o.ledger, g->stage.index))
		return g->longest;
	if (policy->rate == RATE_MAX)
		return spaced(g) && g->longest > UNPACED ? UNPACED : g->longest;
	if (targets > g->longest)
		return g->longest;
	if (targets < shortest)
		return shortest;
	return ((uint32_t)targets + WALK_LANES - 1) / WALK_LANES * WALK_LANES;
}

static unsigned int block_fill(const struct policy *policy)
{
	if (policy->block_fill < 1)
		return 1;
	return policy->block_fill < BLOCK_ITEMS ? policy->block_fill : BLOCK_ITEMS;
}

static bool holds(const uint64_t *index, unsigned int n, uint64_t wanted)
{
	for (unsigned int i = 0; i < n; i++)
		if (index[i] == wanted)
			return true;
	return false;
}

/* What of the open chunk is out. */
struct progress {
	uint32_t exponents;
	uint64_t targets; /* as gen.targets */
};

/*
 * All before the first target that is not out. Only a stop and a spent budget ask, so no state is kept for it: it walks
 * the chunk again until it meets that target, a millisecond for the longest.
 */
static struct progress progress_of(const struct gen *g)
{
	const uint64_t unsent = g->index[g->sent]; /* of a spent budget: what it has cut off */
	struct progress out = { 0 };
	struct walk_cursor cursor;
	uint64_t index[BLOCK_ITEMS];
	unsigned int n;

	if (g->sent == g->held && !g->spent)
		return (struct progress){ g->walked, g->targets };
	walk_seek(g->o.walk, g->chunk->first, &cursor);
	while (!holds(index, n = walk_next(g->o.walk, &cursor, BLOCK_ITEMS, index), unsent)) {
		out.exponents += BLOCK_ITEMS;
		out.targets += n;
	}
	for (;;) {
		walk_seek(g->o.walk, g->chunk->first + out.exponents, &cursor);
		n = walk_next(g->o.walk, &cursor, 1, index);
		if (holds(index, n, unsent))
			return out;
		out.exponents++;
		out.targets += n;
	}
}

static void close_chunk(struct gen *g)
{
	const struct progress out = progress_of(g);

	if (g->chunk->pass > 0)
		counter_add(&g->counters.spared, out.targets - g->emitted);
	ledger_close(g->o.ledger, g->chunk, out.exponents, g->emitted);
	g->chunk = NULL;
	g->sent = g->held = 0;
	g->spent = false;
}

static void end(struct gen *g)
{
	if (g->chunk != NULL)
		close_chunk(g);
	g->ending = true;
}

/* One of the next pass when it is due, else a fresh one. */
static struct chunk *next_chunk(struct gen *g, uint32_t length, bool *used_up)
{
	struct chunk *c;

	if (!spaced(g))
		return ledger_lease(g->o.ledger, g->stage.index, length, used_up);
	c = ledger_lease_spaced(g->o.ledger, g->stage.index, length, !g->stale, g->o.clock(), &g->again_ns);
	*used_up = c == NULL && g->again_ns == UINT64_MAX;
	__atomic_store_n(&g->counters.waits, c == NULL && !*used_up && g->again_ns != 0, __ATOMIC_RELAXED);
	return c;
}

/* False: no chunk is to be had now, or (ending) ever. */
static bool lease(struct gen *g, const struct policy *policy)
{
	bool used_up;

	g->chunk = next_chunk(g, chunk_length(g, policy), &used_up);
	if (g->chunk == NULL) {
		g->ending = used_up;
		return false;
	}
	g->emitted = 0;
	g->walked = 0;
	g->targets = 0;
	walk_seek(g->o.walk, g->chunk->first, &g->cursor);
	return true;
}

/* Of targets that had a probe, those that have not been found. */
static unsigned int leave_out_found(struct gen *g, uint64_t *index, unsigned int n)
{
	unsigned int kept = 0;

	for (unsigned int i = 0; i < n; i++)
		dedup_prefetch(g->o.found, index[i]);
	for (unsigned int i = 0; i < n; i++) {
		index[kept] = index[i];
		kept += !dedup_found(g->o.found, index[i]);
	}
	return kept;
}

/* Walks `steps` exponents, or to the end of the chunk, behind what index[] holds. */
static void walk_on(struct gen *g, uint32_t steps)
{
	const uint32_t left = g->chunk->length - g->walked;
	unsigned int got;

	memmove(g->index, g->index + g->sent, (g->held - g->sent) * sizeof(*g->index));
	g->held -= g->sent;
	g->sent = 0;
	steps = left < steps ? left : steps;
	got = walk_next(g->o.walk, &g->cursor, steps, g->index + g->held);
	g->walked += steps;
	if (g->chunk->pass > 0) {
		g->targets += got;
		if (g->o.found != NULL)
			got = leave_out_found(g, g->index + g->held, got);
	} else if (ledger_limited(g->o.ledger)) {
		unsigned int allowed = ledger_budget(g->o.ledger, got);

		g->spent = allowed < got;
		got = allowed;
	}
	g->held += got;
}

/* Until index[] holds the next block. False: nothing to send now, or (ending) ever. */
static bool refill(struct gen *g, const struct policy *policy)
{
	const unsigned int fill = block_fill(policy);

	for (;;) {
		const unsigned int waiting = g->held - g->sent;
		const bool through = g->chunk != NULL && g->walked == g->chunk->length;

		if (waiting >= fill)
			return true;
		if (waiting > 0 && (through || g->spent)) /* a block never mixes chunks */
			return true;
		if (g->chunk != NULL && g->spent) {
			g->stale = true;
			close_chunk(g);
			g->ending = !spaced(g);
			if (g->ending)
				return false;
		} else if (through) {
			close_chunk(g);
		}
		if (g->chunk == NULL && !lease(g, policy))
			return false;
		/* whole lanes, so that the cursor can go on; only the end of a chunk is ragged */
		walk_on(g, (fill - waiting + WALK_LANES - 1) / WALK_LANES * WALK_LANES);
	}
}

/* An empty block of the next edge that has one. */
static struct target_block *claim(struct gen *g, uint32_t window, struct edge **edge)
{
	for (unsigned int i = 0; i < g->o.outs; i++) {
		unsigned int at = g->next_out;
		struct block *b = edge_claim(g->o.out[at], window);

		g->next_out = at + 1 == g->o.outs ? 0 : at + 1;
		if (b != NULL) {
			*edge = g->o.out[at];
			return (struct target_block *)b;
		}
	}
	return NULL;
}

/* One block of index[], once more or for the first time. Returns its probes; 0: every edge is full. */
static unsigned int push(struct gen *g, const struct policy *policy)
{
	struct edge *edge;
	struct target_block *b = claim(g, policy->edge_window, &edge);

	if (b == NULL)
		return 0;
	if (g->probe == 0) {
		unsigned int fill = block_fill(policy), left = g->held - g->sent;

		g->block = left < fill ? left : fill;
	}
	const unsigned int n = g->block;
	b->hdr.count = n;
	b->hdr.flags = 0;
	b->hdr.chunk = g->chunk;
	b->probe = g->chunk->pass + g->probe;
	domain_lookup(g->o.domain, g->index + g->sent, b->daddr, b->dport, n);
	edge_push(edge, &b->hdr);

	g->emitted += n;
	if (spaced(g) || ++g->probe == g->o.probes) {
		g->probe = 0;
		g->sent += n;
	}
	return n;
}

/* An END on every edge. It carries no probe, so no window holds it back. True: something was done. */
static bool push_ends(struct gen *g)
{
	const unsigned int before = g->ended;

	for (; g->ended < g->o.outs; g->ended++) {
		struct block *b = edge_claim(g->o.out[g->ended], 0);

		if (b == NULL)
			break;
		b->count = 0;
		b->flags = BLOCK_END;
		b->chunk = NULL;
		edge_push(g->o.out[g->ended], b);
	}
	g->stage.done = g->ended == g->o.outs;
	return g->ended > before;
}

static size_t gen_step(struct stage *stage)
{
	struct gen *g = (struct gen *)stage;
	const struct policy *policy = policy_read(g->o.policy);
	size_t items = 0, ends = 0;

	stage->wake_at = WAKE_NEVER; /* recycled blocks wake this thread */
	for (unsigned int i = 0; i < STEP_BLOCKS; i++) {
		if (policy->stop && g->probe == 0 && !g->ending) /* a target gets all its probes or none */
			end(g);
		if (!g->ending && g->probe == 0 && !refill(g, policy) && !g->ending) {
			stage->wake_at = g->again_ns != 0 ? g->again_ns : g->o.clock() + LEASE_RETRY_NS;
			break;
		}
		if (g->ending) {
			ends = push_ends(g);
			break;
		}
		unsigned int n = push(g, policy);
		if (n == 0)
			break;
		items += n;
	}
	if (items + ends == 0)
		counter_add(&stage->counters.stalled_out, 1);
	counter_add(&stage->counters.items, items);
	return items + ends;
}

static const struct stage_ops gen_ops = {
	.name = "gen",
	.step = gen_step,
};

static uint32_t longest_chunk(const struct gen_options *o)
{
	const uint64_t share = ledger_length(o->ledger) / ledger_gens(o->ledger) / CHUNKS_PER_GEN;

	if (share < CHUNK_MIN)
		return CHUNK_MIN;
	return share < CHUNK_MAX ? (uint32_t)(share - share % WALK_LANES) : CHUNK_MAX;
}

struct stage *gen_create(unsigned int index, const struct gen_options *options)
{
	struct gen *g = lines_alloc(sizeof(*g));

	if (g == NULL)
		return NULL;
	*g = (struct gen){
		.stage = { .ops = &gen_ops, .index = index, .wake_at = WAKE_NEVER, .fd = -1 },
		.o = *options,
		.longest = longest_chunk(options),
	};
	if (g->o.clock == NULL)
		g->o.clock = clock_mono_ns;
	return &g->stage;
}

void gen_destroy(struct stage *stage)
{
	free(stage);
}

const struct gen_counters *gen_counters(const struct stage *stage)
{
	return &((const struct gen *)stage)->counters;
}
