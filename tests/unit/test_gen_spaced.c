/* SPDX-License-Identifier: Apache-2.0 */
/* Gens whose probes are spaced, over real edges, by a clock of the test's. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "stages/gen/gen.h"
#include "stages/gen/intervals.h"

#define GENS_MAX 3
#define PROBES 3
#define TARGETS ((256 + 31) * 5)
#define SPACING NS_PER_S
#define NS_PER_S 1000000000ULL

static uint64_t now_ns;

static uint64_t test_clock(void)
{
	return now_ns;
}

struct rig {
	struct domain *domain;
	struct walk walk;
	struct ledger *ledger;
	struct policy policy;
	const struct policy *current;
	struct edge *edge[GENS_MAX];
	struct stage *gen[GENS_MAX];
	struct dedup *found;
	unsigned int gens;
	uint64_t items;
	uint32_t sent[TARGETS]; /* probes of each */
	uint64_t sent_ns[TARGETS];
	uint64_t latest_ns; /* the longest that a further probe was late */
};

static void start(struct rig *r, unsigned int gens, uint64_t max_targets, const struct interval *part,
		  size_t parts)
{
	const struct ledger_spacing spacing = { PROBES, SPACING, now_ns + SPACING };

	r->gens = gens;
	r->policy.stop = false;
	r->ledger = ledger_create_spaced(part, parts, gens, max_targets, &spacing);
	for (unsigned int g = 0; g < gens; g++) {
		r->edge[g] = edge_create(&(struct edge_options){
			.name = "gen>test", .blocks = 4, .block_size = sizeof(struct target_block) });
		r->gen[g] = gen_create(g, &(struct gen_options){ .domain = r->domain,
								 .walk = &r->walk,
								 .ledger = r->ledger,
								 .policy = &r->current,
								 .probes = PROBES,
								 .spacing_ns = SPACING,
								 .found = r->found,
								 .clock = test_clock,
								 .out = &r->edge[g],
								 .outs = 1 });
		cr_assert_not_null(r->gen[g]);
	}
}

static void stop(struct rig *r)
{
	for (unsigned int g = 0; g < r->gens; g++) {
		cr_assert(edge_conserved(r->edge[g], 0));
		gen_destroy(r->gen[g]);
		edge_destroy(r->edge[g]);
	}
	ledger_destroy(r->ledger);
}

static void init(struct rig *r, double rate)
{
	struct ranges ranges = { 0 };
	struct ports ports;

	*r = (struct rig){ .policy = { .rate = rate, .block_fill = 16 } };
	r->current = &r->policy;
	cr_assert_eq(targets_parse_list("10.0.0.0/24,10.1.0.0-10.1.0.30", &ranges, NULL), 0);
	ranges_normalise(&ranges);
	cr_assert_eq(ports_parse("80,443,1000-1002", &ports, NULL), 0);
	r->domain = domain_create(&ranges, &ports, NULL);
	ranges_free(&ranges);
	ports_free(&ports);
	cr_assert_eq(domain_size(r->domain), TARGETS);
	walk_init(&r->walk, TARGETS, 99);
	now_ns = 7 * SPACING;
}

/* The wire: takes all there is, and no probe of a target comes out of turn, or too early. */
static void drain(struct rig *r)
{
	for (unsigned int g = 0; g < r->gens; g++) {
		struct block *b;

		while ((b = edge_pop(r->edge[g])) != NULL) {
			const struct target_block *t = (struct target_block *)b;

			for (uint32_t i = 0; i < b->count; i++) {
				uint64_t index;

				cr_assert(domain_index(r->domain, t->daddr[i], t->dport[i], &index));
				cr_assert_eq(t->probe, r->sent[index], "probe %u after %u", t->probe,
					     r->sent[index]);
				if (t->probe > 0) {
					const uint64_t due = r->sent_ns[index] + SPACING;

					cr_assert_geq(now_ns, due);
					r->latest_ns = now_ns - due > r->latest_ns ? now_ns - due :
										     r->latest_ns;
				}
				r->sent[index]++;
				r->sent_ns[index] = now_ns;
			}
			r->items += b->count;
			if (b->chunk != NULL)
				chunk_accept(b->chunk, b->count);
			edge_recycle(r->edge[g], b);
		}
	}
}

static bool step(struct rig *r)
{
	bool left = false;

	for (unsigned int g = 0; g < r->gens; g++) {
		if (r->gen[g]->done)
			continue;
		r->gen[g]->ops->step(r->gen[g]);
		left = true;
	}
	return left;
}

/* A hundred blocks a second and gen, of up to 16 targets. */
static void run(struct rig *r, unsigned int steps)
{
	while (steps-- > 0 && step(r)) {
		now_ns += SPACING / 100;
		drain(r);
	}
}

static uint64_t spared(const struct rig *r)
{
	uint64_t n = 0;

	for (unsigned int g = 0; g < r->gens; g++)
		n += counter_read(&gen_counters(r->gen[g])->spared);
	return n;
}

static void all_sent(const struct rig *r, uint32_t probes)
{
	for (unsigned int i = 0; i < TARGETS; i++)
		cr_assert_eq(r->sent[i], probes, "target %u got %u probes", i, r->sent[i]);
}

/* The rate is what the rig takes, so chunks are as long as they are in a scan: an eighth of the spacing at most. */
Test(gen_spaced, every_target_gets_its_probes_in_time)
{
	for (unsigned int gens = 1; gens <= GENS_MAX; gens++) {
		struct rig r;

		init(&r, 100.0 * 4 * 16 * gens);
		start(&r, gens, UINT64_MAX, &(struct interval){ 0, r.walk.order, 0 }, 1);
		run(&r, UINT32_MAX);
		all_sent(&r, PROBES);
		cr_assert_leq(r.latest_ns, SPACING / 2, "%lu ns late", r.latest_ns);
		cr_assert_eq(spared(&r), 0);
		stop(&r);
		domain_destroy(r.domain);
	}
}

/* Nothing is fresh and nothing due: it sleeps until something is. */
Test(gen_spaced, sleeps_until_the_next_is_due)
{
	struct rig r;
	unsigned int waited = 0;

	init(&r, RATE_MAX);
	start(&r, 1, UINT64_MAX, &(struct interval){ 0, r.walk.order, 0 }, 1);
	while (step(&r)) {
		const struct gen_counters *c = gen_counters(r.gen[0]);

		drain(&r);
		if (counter_read(&c->waits) == 0)
			continue;
		cr_assert(r.gen[0]->wake_at > now_ns && r.gen[0]->wake_at <= now_ns + SPACING);
		now_ns = r.gen[0]->wake_at - 1;
		cr_assert_eq(r.gen[0]->ops->step(r.gen[0]), 0);
		now_ns++;
		waited++;
	}
	all_sent(&r, PROBES);
	cr_assert_eq(waited, PROBES - 1, "all of a pass were sent at once");
	cr_assert_eq(counter_read(&gen_counters(r.gen[0])->waits), 0);
	cr_assert_eq(now_ns, (7 + PROBES - 1) * SPACING, "not a moment later");
	stop(&r);
	domain_destroy(r.domain);
}

Test(gen_spaced, who_was_found_is_spared)
{
	struct rig r;

	init(&r, 20000);
	r.found = dedup_create_full(TARGETS, 1 << 20);
	start(&r, 2, UINT64_MAX, &(struct interval){ 0, r.walk.order, 0 }, 1);
	for (unsigned int i = 0; i < TARGETS; i += 3) {
		dedup_seen(r.found, i, i % 2 == 0); /* every sixth is a success, as many are refusals */
		cr_assert_eq(dedup_found(r.found, i), i % 2 == 0);
	}
	run(&r, UINT32_MAX);
	for (unsigned int i = 0; i < TARGETS; i++)
		cr_assert_eq(r.sent[i], i % 6 == 0 ? 1 : PROBES, "the first probe is everybody's");
	cr_assert_eq(spared(&r), (TARGETS + 5) / 6 * (PROBES - 1));
	cr_assert_eq(r.items + spared(&r), TARGETS * PROBES);
	cr_assert(ledger_settled(r.ledger));
	stop(&r);
	dedup_destroy(r.found);
	domain_destroy(r.domain);
}

/* Stopped anywhere, resumed with other gens, found or not meanwhile: each target gets each probe once, or is spared. */
Test(gen_spaced, a_stop_sends_nothing_twice)
{
	srand(9);
	for (unsigned int round = 0; round < 80; round++) {
		struct interval part[64], left[64];
		uint64_t probes, out = 0;
		struct rig r;
		int parts = 1;

		init(&r, 1600 + rand() % 20000);
		r.found = dedup_create_full(TARGETS, 1 << 20);
		part[0] = (struct interval){ 0, r.walk.order, 0 };
		for (bool more = true; more;) {
			start(&r, 1 + (unsigned int)rand() % GENS_MAX, UINT64_MAX, part, (size_t)parts);
			for (int k = rand() % 150; k > 0; k--) {
				run(&r, 1);
				dedup_seen(r.found, (uint64_t)rand() % TARGETS, true);
			}
			r.policy.stop = true;
			run(&r, UINT32_MAX);
			struct interval *all = calloc(ledger_parts_max(r.ledger), sizeof(*all));

			parts = ledger_remaining(r.ledger, all, &probes);
			cr_assert(parts >= 0 && parts <= 64);
			memcpy(left, all, (size_t)parts * sizeof(*left));
			free(all);
			memcpy(part, left, sizeof(left));
			more = parts > 0;
			out += spared(&r);
			stop(&r);
		}
		for (unsigned int i = 0; i < TARGETS; i++)
			cr_assert(r.sent[i] == PROBES || (r.sent[i] > 0 && dedup_found(r.found, i)),
				  "target %u got %u probes", i, r.sent[i]);
		cr_assert_eq(r.items + out, TARGETS * PROBES, "%lu sent, %lu spared", r.items, out);
		dedup_destroy(r.found);
		domain_destroy(r.domain);
	}
}

/* -n counts targets, and each of them gets all its probes. */
Test(gen_spaced, max_targets_is_exact)
{
	static const uint64_t limits[] = {
		0, 1, 7, 8, 127, 128, 129, 1000, TARGETS - 1, TARGETS, TARGETS + 1
	};

	for (size_t i = 0; i < sizeof(limits) / sizeof(limits[0]); i++)
		for (unsigned int gens = 1; gens <= GENS_MAX; gens++) {
			const uint64_t want = limits[i] < TARGETS ? limits[i] : TARGETS;
			struct interval part[16];
			uint64_t probes, targets = 0;
			struct rig r;

			init(&r, 5000);
			start(&r, gens, limits[i], &(struct interval){ 0, r.walk.order, 0 }, 1);
			run(&r, UINT32_MAX);
			for (unsigned int t = 0; t < TARGETS; t++) {
				cr_assert(r.sent[t] == 0 || r.sent[t] == PROBES);
				targets += r.sent[t] > 0;
			}
			cr_assert_eq(targets, want, "-n %lu: %lu", limits[i], targets);
			cr_assert(ledger_settled(r.ledger));

			/* resumed without a limit: the rest */
			struct interval *all = calloc(ledger_parts_max(r.ledger), sizeof(*all));
			const int parts = ledger_remaining(r.ledger, all, &probes);

			cr_assert(parts >= 0 && parts <= 16);
			cr_assert_eq(probes, want);
			memcpy(part, all, (size_t)parts * sizeof(*part));
			free(all);
			stop(&r);
			start(&r, gens, UINT64_MAX, part, (size_t)parts);
			run(&r, UINT32_MAX);
			all_sent(&r, PROBES);
			stop(&r);
			domain_destroy(r.domain);
		}
}
