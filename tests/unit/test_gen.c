/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "stages/gen/gen.h"

#define GENS_MAX 2
#define OUTS_MAX 3
#define PROBES_MAX 3

/* Gens over real edges, stepped on this thread; the test is build and tx. */
struct rig {
	struct domain *domain;
	struct walk walk;
	struct ledger *ledger;
	struct policy policy;
	const struct policy *current;
	struct edge *edge[GENS_MAX][OUTS_MAX];
	struct stage *gen[GENS_MAX];
	unsigned int gens, outs;
	uint32_t probes;
	bool withhold; /* tx does not accept */
	unsigned int ends, blocks;
	uint64_t items;
	uint8_t *seen[PROBES_MAX]; /* times that (index, probe) was pushed */
};

struct setup {
	const char *targets, *ports;
	unsigned int gens, outs, pool;
	uint32_t probes;
	uint64_t max_targets;
	struct policy policy;
};

#define FULL_SPEED \
	{ \
		.rate = RATE_MAX, .block_fill = BLOCK_ITEMS, .edge_window = 0 \
	}

static void rig_init(struct rig *r, const struct setup *s)
{
	struct ranges ranges = { 0 };
	struct ports ports;

	*r = (struct rig){ .policy = s->policy, .gens = s->gens, .outs = s->outs, .probes = s->probes };
	r->current = &r->policy;
	cr_assert_eq(targets_parse_list(s->targets, &ranges, NULL), 0);
	ranges_normalise(&ranges);
	cr_assert_eq(ports_parse(s->ports, &ports, NULL), 0);
	r->domain = domain_create(&ranges, &ports, NULL);
	cr_assert_not_null(r->domain);
	ranges_free(&ranges);
	ports_free(&ports);
	walk_init(&r->walk, domain_size(r->domain), 99);
	r->ledger = ledger_create(walk_shard(&r->walk, 0, 1), s->gens, s->max_targets);
	for (uint32_t p = 0; p < s->probes; p++)
		r->seen[p] = calloc(domain_size(r->domain), 1);
	for (unsigned int g = 0; g < s->gens; g++) {
		for (unsigned int i = 0; i < s->outs; i++) {
			r->edge[g][i] = edge_create(
				&(struct edge_options){ .name = "gen>test",
							.blocks = s->pool,
							.block_size = sizeof(struct target_block) });
			cr_assert_not_null(r->edge[g][i]);
		}
		r->gen[g] = gen_create(g, &(struct gen_options){ .domain = r->domain,
								 .walk = &r->walk,
								 .ledger = r->ledger,
								 .policy = &r->current,
								 .probes = s->probes,
								 .out = r->edge[g],
								 .outs = s->outs });
		cr_assert_not_null(r->gen[g]);
		cr_assert_str_eq(r->gen[g]->ops->name, "gen");
	}
}

static void rig_fini(struct rig *r)
{
	for (unsigned int g = 0; g < r->gens; g++) {
		gen_destroy(r->gen[g]);
		for (unsigned int i = 0; i < r->outs; i++) {
			cr_assert(edge_conserved(r->edge[g][i], 0));
			edge_destroy(r->edge[g][i]);
		}
	}
	for (uint32_t p = 0; p < r->probes; p++)
		free(r->seen[p]);
	ledger_destroy(r->ledger);
	domain_destroy(r->domain);
}

/* Takes at most `most` blocks of the edge. */
static void drain(struct rig *r, struct edge *e, unsigned int most)
{
	struct block *b;

	while (most-- > 0 && (b = edge_pop(e)) != NULL) {
		struct target_block *t = (struct target_block *)b;

		if (b->flags & BLOCK_END) {
			cr_assert(b->count == 0 && b->chunk == NULL);
			r->ends++;
		} else {
			cr_assert(b->count > 0 && b->chunk != NULL && t->probe < r->probes);
			r->blocks++;
		}
		for (uint32_t i = 0; i < b->count; i++) {
			uint64_t index;

			cr_assert(domain_index(r->domain, t->daddr[i], t->dport[i], &index));
			r->seen[t->probe][index]++;
		}
		r->items += b->count;
		if (b->chunk != NULL && !r->withhold)
			chunk_accept(b->chunk, b->count);
		edge_recycle(e, b);
	}
}

static void drain_all(struct rig *r)
{
	for (unsigned int g = 0; g < r->gens; g++)
		for (unsigned int i = 0; i < r->outs; i++)
			drain(r, r->edge[g][i], UINT32_MAX);
}

static void run(struct rig *r)
{
	for (unsigned int left = r->gens; left > 0;) {
		left = 0;
		for (unsigned int g = 0; g < r->gens; g++) {
			if (r->gen[g]->done)
				continue;
			left++;
			r->gen[g]->ops->step(r->gen[g]);
		}
		drain_all(r);
	}
}

static uint64_t pushed(const struct rig *r, uint32_t probe)
{
	uint64_t total = 0;

	for (uint64_t i = 0; i < domain_size(r->domain); i++) {
		cr_assert_leq(r->seen[probe][i], 1, "index %lu was sent twice", i);
		total += r->seen[probe][i];
	}
	return total;
}

/* history 2 */
Test(gen, every_target_once_per_probe_in_every_mix)
{
	static const uint32_t fills[] = { 1, 12, 100, 128 };

	for (unsigned int gens = 1; gens <= GENS_MAX; gens++)
		for (unsigned int outs = 1; outs <= OUTS_MAX; outs++)
			for (uint32_t probes = 1; probes <= PROBES_MAX; probes++)
				for (size_t f = 0; f < 4; f++) {
					struct rig r;
					struct setup s = {
						"10.0.0.0/22,10.1.0.0-10.1.0.30",
						"80,443,1000-1002",
						gens,
						outs,
						2 + outs,
						probes,
						UINT64_MAX,
						{ .rate = 1000, .block_fill = fills[f], .edge_window = 2 }
					};

					rig_init(&r, &s);
					run(&r);
					for (uint32_t p = 0; p < probes; p++)
						cr_assert_eq(pushed(&r, p), (1024 + 31) * 5);
					cr_assert_eq(r.ends, gens * outs);
					cr_assert_eq(r.items, (1024 + 31) * 5 * probes);
					cr_assert_eq(
						counter_read(&r.gen[0]->counters.items) +
							(gens > 1 ? counter_read(&r.gen[1]->counters.items) :
								    0),
						r.items);
					cr_assert(ledger_settled(r.ledger));
					cr_assert_eq(ledger_leased(r.ledger), r.walk.order);
					rig_fini(&r);
				}
}

Test(gen, blocks_carry_the_walk_in_order)
{
	struct rig r;
	uint64_t index[128 + 8];
	struct walk_cursor c;
	unsigned int n = 0, at = 0;

	rig_init(&r, &(struct setup){ "10.0.0.0/20", "80", 1, 1, 8, 1, UINT64_MAX, FULL_SPEED });
	walk_seek(&r.walk, 0, &c);
	while (!r.gen[0]->done) {
		struct block *b;

		r.gen[0]->ops->step(r.gen[0]);
		while ((b = edge_pop(r.edge[0][0])) != NULL) {
			struct target_block *t = (struct target_block *)b;

			for (uint32_t i = 0; i < b->count; i++, at++) {
				uint32_t addr;
				uint16_t port;

				while (at == n) {
					n = walk_next(&r.walk, &c, 8, index);
					at = 0;
				}
				domain_lookup(r.domain, &index[at], &addr, &port, 1);
				cr_assert(t->daddr[i] == addr && t->dport[i] == port);
			}
			edge_recycle(r.edge[0][0], b);
		}
	}
	rig_fini(&r);
}

Test(gen, a_full_edge_holds_it_back_and_loses_nothing)
{
	struct rig r;

	rig_init(&r, &(struct setup){ "10.0.0.0/16",
				      "80",
				      1,
				      2,
				      4,
				      2,
				      UINT64_MAX,
				      { .rate = RATE_MAX, .block_fill = 100, .edge_window = 3 } });
	while (r.gen[0]->ops->step(r.gen[0]) > 0)
		;
	cr_assert_eq(r.gen[0]->counters.items, 2 * 3 * 100);
	cr_assert_eq(r.gen[0]->counters.stalled_out, 1);
	cr_assert_eq(r.gen[0]->wake_at, WAKE_NEVER);
	cr_assert_not(r.gen[0]->done);
	/* one block at a time, now from the one, now from the other */
	for (unsigned int i = 0; !r.gen[0]->done; i++) {
		drain(&r, r.edge[0][i % 2], 1);
		r.gen[0]->ops->step(r.gen[0]);
	}
	drain_all(&r);
	cr_assert_eq(pushed(&r, 0), 65536);
	cr_assert_eq(pushed(&r, 1), 65536);
	cr_assert_eq(r.ends, 2);
	rig_fini(&r);
}

Test(gen, end_waits_for_room_on_every_edge)
{
	struct rig r;

	rig_init(&r, &(struct setup){ "10.0.0.1", "80", 1, 3, 2, 1, UINT64_MAX, FULL_SPEED });
	struct block *b = edge_claim(r.edge[0][2], 0), *b2 = edge_claim(r.edge[0][2], 0);
	for (int i = 0; i < 5; i++)
		r.gen[0]->ops->step(r.gen[0]);
	cr_assert_not(r.gen[0]->done);
	cr_assert_eq(r.gen[0]->wake_at, WAKE_NEVER);
	edge_push(r.edge[0][2], b);
	edge_push(r.edge[0][2], b2);
	b->chunk = b2->chunk = NULL;
	b->flags = b2->flags = BLOCK_END; /* as empty blocks, for drain() */
	drain_all(&r);
	cr_assert_eq(r.ends, 2 + 2);
	r.gen[0]->ops->step(r.gen[0]);
	cr_assert(r.gen[0]->done);
	drain_all(&r);
	cr_assert_eq(r.ends, 2 + 3);
	cr_assert_eq(pushed(&r, 0), 1);
	rig_fini(&r);
}

/* Whatever a stop cuts off, the ledger says it to the exponent: sending the rest makes every target once. */
Test(gen, stop_tells_what_remains)
{
	for (unsigned int steps = 0; steps < 60; steps++) {
		uint32_t probes = 1 + steps % PROBES_MAX;
		struct walk_cursor c;
		uint64_t index[WALK_LANES], at;
		struct rig r;

		rig_init(&r,
			 &(struct setup){ "10.0.0.0/24",
					  "1-9",
					  1,
					  1,
					  3,
					  probes,
					  UINT64_MAX,
					  { .rate = 1, .block_fill = 1 + steps % 20, .edge_window = 0 } });
		for (unsigned int i = 0; i < steps; i++) {
			r.gen[0]->ops->step(r.gen[0]);
			drain(&r, r.edge[0][0], 1);
		}
		r.policy.stop = true;
		run(&r);
		cr_assert_eq(r.ends, 1);
		cr_assert(ledger_settled(r.ledger));
		/* the exponents sent are [0, at): one chunk after the other */
		at = r.items / probes;
		for (uint32_t p = 0; p < probes; p++)
			cr_assert_eq(pushed(&r, p), at, "steps %u probe %u", steps, p);
		uint64_t targets = 0, exponents = 0;
		for (; targets < at; exponents++) {
			walk_seek(&r.walk, exponents, &c);
			if (walk_next(&r.walk, &c, 1, index) == 1) {
				cr_assert_eq(r.seen[0][index[0]], 1);
				targets++;
			}
		}
		bool end;
		struct chunk *next = ledger_lease(r.ledger, 0, 128, &end);
		if (exponents > 0 && !end) { /* slots are used in turn, and the one that was cut is kept */
			const struct chunk *last = next - 1;

			cr_assert_eq(last->state, CHUNK_CLOSED);
			cr_assert_eq(last->first + last->length, next->first);
			cr_assert_eq(last->first + last->walked, exponents);
		}
		rig_fini(&r);
	}
}

Test(gen, a_stop_before_the_first_step_sends_nothing)
{
	struct rig r;
	struct setup s = { "10.0.0.0/24", "80", 2, 2, 4, 1, UINT64_MAX, FULL_SPEED };

	s.policy.stop = true;
	rig_init(&r, &s);
	run(&r);
	cr_assert(r.items == 0 && r.blocks == 0 && r.ends == 4);
	cr_assert_eq(ledger_leased(r.ledger), 0);
	rig_fini(&r);
}

Test(gen, max_targets_is_exact)
{
	static const uint64_t limits[] = { 0, 1, 7, 8, 127, 128, 129, 1000, 2303, 2304, 5000 };

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		for (unsigned int gens = 1; gens <= 2; gens++)
			for (uint32_t probes = 1; probes <= 2; probes++) {
				uint64_t want = limits[i] < 2304 ? limits[i] : 2304;
				struct rig r;

				rig_init(&r,
					 &(struct setup){ "10.0.0.0/24",
							  "1-9",
							  gens,
							  1,
							  8,
							  probes,
							  limits[i],
							  { .rate = 1, .block_fill = 50 + 78 * (i % 2) } });
				run(&r);
				for (uint32_t p = 0; p < probes; p++)
					cr_assert_eq(pushed(&r, p), want, "-n %lu", limits[i]);
				cr_assert_eq(r.items, want * probes);
				cr_assert(ledger_settled(r.ledger));
				rig_fini(&r);
			}
}

Test(gen, waits_when_all_its_chunks_are_on_their_way)
{
	struct rig r;

	rig_init(&r, &(struct setup){
			     "10.0.0.0/16", "80", 1, 1, 8, 1, UINT64_MAX, { .rate = 1, .block_fill = 128 } });
	r.withhold = true;
	while (r.gen[0]->ops->step(r.gen[0]) > 0)
		drain_all(&r);
	cr_assert_eq(r.items, CHUNKS_OPEN * CHUNK_MIN);
	cr_assert(r.gen[0]->wake_at != WAKE_NEVER && r.gen[0]->wake_at > 0);
	cr_assert_eq(r.gen[0]->counters.stalled_out, 1);
	cr_assert_not(r.gen[0]->done);
	rig_fini(&r);
}

Test(gen, chunk_length_follows_the_rate)
{
	static const struct {
		double rate;
		uint32_t probes, length;
	} cases[] = {
		{ 50, 1, CHUNK_MIN }, { 10000, 1, 2504 },     { 10000, 2, 1256 },
		{ 1e6, 1, 250000 },   { 20e6, 1, CHUNK_MAX }, { RATE_MAX, 1, CHUNK_MAX },
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct rig r;

		rig_init(&r, &(struct setup){ "10.0.0.0/8",
					      "80",
					      1,
					      1,
					      8,
					      cases[i].probes,
					      UINT64_MAX,
					      { .rate = cases[i].rate, .block_fill = 8 } });
		r.gen[0]->ops->step(r.gen[0]);
		cr_assert_eq(ledger_leased(r.ledger), cases[i].length, "rate %f: %lu", cases[i].rate,
			     ledger_leased(r.ledger));
		drain_all(&r);
		rig_fini(&r);
	}
}

/* No gen takes so much of a small domain that others, and the queues behind them, have nothing to do. */
Test(gen, every_gen_gets_its_share_of_a_small_domain)
{
	struct rig r;

	rig_init(&r, &(struct setup){ "10.0.0.0/16", "80", 2, 1, 8, 1, UINT64_MAX, FULL_SPEED });
	r.gen[0]->ops->step(r.gen[0]);
	cr_assert_eq(ledger_leased(r.ledger), 65536 / 2 / 16, "%lu", ledger_leased(r.ledger));
	drain_all(&r);
	rig_fini(&r);
}

/* The same targets, probe after probe, back to back. */
Test(gen, probes_of_a_target_follow_each_other)
{
	struct rig r;
	struct target_block *first, *second;

	rig_init(&r, &(struct setup){ "10.0.0.0/24", "80", 1, 1, 8, 2, UINT64_MAX, FULL_SPEED });
	r.gen[0]->ops->step(r.gen[0]);
	first = (struct target_block *)edge_pop(r.edge[0][0]);
	second = (struct target_block *)edge_pop(r.edge[0][0]);
	cr_assert(first->probe == 0 && second->probe == 1 && first->hdr.chunk == second->hdr.chunk);
	cr_assert_eq(first->hdr.count, second->hdr.count);
	cr_assert_arr_eq(first->daddr, second->daddr, first->hdr.count * sizeof(*first->daddr));
	cr_assert_arr_eq(first->dport, second->dport, first->hdr.count * sizeof(*first->dport));
	edge_recycle(r.edge[0][0], &first->hdr);
	edge_recycle(r.edge[0][0], &second->hdr);
	drain_all(&r);
	rig_fini(&r);
}
