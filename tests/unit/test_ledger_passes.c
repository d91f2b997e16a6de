/* SPDX-License-Identifier: Apache-2.0 */
/* The ledger where probes are spaced, beside a model that knows of every exponent how many of its passes are settled. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "stages/gen/intervals.h"
#include "stages/gen/ledger.h"
#include "stages/gen/waiting.h"

#define FIRST 1000 /* exponent */
#define EXPONENTS 48
#define GENS 3
#define PASSES 4
#define S 100 /* ticks */
#define UNDERWAY 6 /* chunks of a gen */

struct model {
	struct ledger *ledger;
	unsigned int n, gens;
	uint32_t passes;
	uint64_t now;
	uint8_t leased[EXPONENTS], settled[EXPONENTS]; /* passes */
	uint64_t settled_at[EXPONENTS];
	struct chunk *chunk[GENS][UNDERWAY];
	bool ended[GENS];
	struct interval part[3 * WAITING_MAX + 1024];
};

static unsigned int draw(unsigned int below)
{
	return (unsigned int)rand() % below;
}

static void start(struct model *m, const struct interval *part, size_t parts)
{
	const struct ledger_spacing spacing = { m->passes, S, m->now + S };

	m->ledger = ledger_create_spaced(part, parts, m->gens, UINT64_MAX, &spacing);
	cr_assert_not_null(m->ledger);
	cr_assert_leq(ledger_parts_max(m->ledger), sizeof(m->part) / sizeof(m->part[0]));
	memset(m->chunk, 0, sizeof(m->chunk));
	memset(m->ended, 0, sizeof(m->ended));
	for (unsigned int e = 0; e < m->n; e++) {
		m->leased[e] = m->settled[e];
		m->settled_at[e] = m->now;
	}
}

/* What remains, as of the model, to the exponent and pass. Returns how many parts. */
static size_t check_remaining(struct model *m)
{
	uint64_t probes;
	const int parts = ledger_remaining(m->ledger, m->part, &probes);
	const struct interval all = { FIRST, FIRST + m->n, 0 };
	unsigned int at = 0;

	cr_assert_geq(parts, 0);
	cr_assert(intervals_valid(m->part, (size_t)parts, all));
	for (int i = 0; i < parts; i++) {
		for (; at < m->part[i].first - FIRST; at++)
			cr_assert_eq(m->settled[at], m->passes);
		for (; at < m->part[i].end - FIRST; at++)
			cr_assert_eq(m->settled[at], m->part[i].pass, "exponent %u: pass %u, not %u", at,
				     m->part[i].pass, m->settled[at]);
	}
	for (; at < m->n; at++)
		cr_assert_eq(m->settled[at], m->passes);
	return (size_t)parts;
}

static void check_lease(struct model *m, const struct chunk *c)
{
	cr_assert(c->first >= FIRST && c->first + c->length <= FIRST + m->n && c->length > 0);
	for (uint32_t i = 0; i < c->length; i++) {
		const unsigned int e = (unsigned int)(c->first - FIRST) + i;

		cr_assert_eq(m->leased[e], c->pass, "exponent %u leased for pass %u after %u", e, c->pass,
			     m->leased[e]);
		cr_assert_eq(m->settled[e], c->pass, "before the last probe was on the wire");
		if (c->pass > 0)
			cr_assert_geq(m->now, m->settled_at[e] + S, "too early");
		m->leased[e]++;
	}
}

static void settle(struct model *m, struct chunk **slot)
{
	struct chunk *c = *slot;

	ledger_close(m->ledger, c, c->length, c->length);
	chunk_accept(c, c->length);
	for (uint32_t i = 0; i < c->length; i++) {
		m->settled[c->first - FIRST + i]++;
		m->settled_at[c->first - FIRST + i] = m->now;
	}
	*slot = NULL;
}

static void lease(struct model *m, unsigned int g, struct chunk **slot)
{
	uint64_t again;

	*slot = ledger_lease_spaced(m->ledger, g, 1 + draw(9), true, m->now, &again);
	if (*slot != NULL)
		check_lease(m, *slot);
	else if (again == UINT64_MAX)
		m->ended[g] = true;
	else
		cr_assert(again == 0 || (again > m->now && again <= m->now + S), "%lu at %lu", again, m->now);
}

static bool all_ended(const struct model *m)
{
	for (unsigned int g = 0; g < m->gens; g++) {
		if (!m->ended[g])
			return false;
		for (unsigned int i = 0; i < UNDERWAY; i++)
			if (m->chunk[g][i] != NULL)
				return false;
	}
	return true;
}

/* Steps of any gen, or of the wire, in any order and at any time, `most` of them. */
static void run(struct model *m, unsigned int most)
{
	while (!all_ended(m) && most-- > 0) {
		const unsigned int g = draw(m->gens), i = draw(UNDERWAY);

		m->now += draw(8);
		if (m->chunk[g][i] != NULL)
			settle(m, &m->chunk[g][i]);
		else if (!m->ended[g])
			lease(m, g, &m->chunk[g][i]);
		check_remaining(m);
	}
}

static struct model *new_model(unsigned int n, unsigned int gens, uint32_t passes)
{
	struct model *m = calloc(1, sizeof(*m));

	*m = (struct model){ .n = n, .gens = gens, .passes = passes, .now = 5000 };
	start(m, &(struct interval){ FIRST, FIRST + n, 0 }, 1);
	return m;
}

Test(ledger_passes, every_exponent_once_per_pass_and_never_too_early)
{
	srand(3);
	for (unsigned int n = 0; n <= EXPONENTS; n += 1 + n / 8)
		for (unsigned int gens = 1; gens <= GENS; gens++)
			for (uint32_t passes = 2; passes <= PASSES; passes++) {
				struct model *m = new_model(n, gens, passes);

				run(m, UINT32_MAX);
				cr_assert_eq(check_remaining(m), 0);
				cr_assert(ledger_settled(m->ledger));
				ledger_destroy(m->ledger);
				free(m);
			}
}

/* However often it is killed, with whatever number of gens: what is not settled is done again, and nothing else is. */
Test(ledger_passes, goes_on_from_what_remains)
{
	srand(4);
	for (unsigned int round = 0; round < 60; round++) {
		struct model *m = new_model(1 + draw(EXPONENTS), 1 + draw(GENS), 2 + draw(PASSES - 1));
		struct interval left[4 * EXPONENTS];

		for (unsigned int kills = draw(6); kills > 0; kills--) {
			run(m, draw(300));
			const size_t parts = check_remaining(m);

			ledger_destroy(m->ledger);
			memcpy(left, m->part, parts * sizeof(*left));
			m->gens = 1 + draw(GENS);
			start(m, left, parts);
			cr_assert_eq(check_remaining(m), parts);
		}
		run(m, UINT32_MAX);
		cr_assert_eq(check_remaining(m), 0);
		ledger_destroy(m->ledger);
		free(m);
	}
}

/* One gen, by the clock: what is due comes before what is fresh, in the order in which it was seen to be settled. */
Test(ledger_passes, due_before_fresh)
{
	const struct ledger_spacing spacing = { 2, S, 0 };
	struct ledger *l = ledger_create_spaced(&(struct interval){ 0, 40, 0 }, 1, 1, UINT64_MAX, &spacing);
	struct chunk *a, *b, *c;
	uint64_t again;

	a = ledger_lease_spaced(l, 0, 8, true, 0, &again);
	b = ledger_lease_spaced(l, 0, 8, true, 0, &again);
	ledger_close(l, b, 8, 7);
	chunk_accept(b, 7);
	c = ledger_lease_spaced(l, 0, 8, true, 10, &again); /* sees b: due at 110 */
	cr_assert(c->first == 16 && c->pass == 0);
	ledger_close(l, a, 8, 8);
	chunk_accept(a, 8);
	ledger_close(l, c, 8, 8);
	cr_assert_null(ledger_lease_spaced(l, 0, 8, false, 20, &again), "sees a: due at 120");
	cr_assert_eq(again, 0, "c is on its way, and will wait");
	chunk_accept(c, 8);
	cr_assert_null(ledger_lease_spaced(l, 0, 8, false, 30, &again));
	cr_assert_eq(again, 110);
	cr_assert_null(ledger_lease_spaced(l, 0, 8, false, 109, &again));
	b = ledger_lease_spaced(l, 0, 1, true, 110, &again);
	cr_assert(b->first == 8 && b->length == 8 && b->pass == 1, "whole, as it was");
	a = ledger_lease_spaced(l, 0, 8, true, 115, &again);
	cr_assert(a->first == 24 && a->pass == 0, "nothing is due: a fresh one");
	a = ledger_lease_spaced(l, 0, 8, true, 130, &again);
	cr_assert(a->first == 0 && a->pass == 1);
	c = ledger_lease_spaced(l, 0, 8, true, 130, &again);
	cr_assert(c->first == 16 && c->pass == 1);
	ledger_destroy(l);
}

/* -n: what the budget has cut off stays with the first pass, what it has not gets its second. */
Test(ledger_passes, a_chunk_that_was_cut)
{
	const struct ledger_spacing spacing = { 2, S, 0 };
	struct ledger *l = ledger_create_spaced(&(struct interval){ 0, 40, 0 }, 1, 1, 5, &spacing);
	struct interval *part = calloc(ledger_parts_max(l), sizeof(*part));
	struct chunk *c;
	uint64_t again, probes;

	c = ledger_lease_spaced(l, 0, 8, true, 0, &again);
	ledger_close(l, c, 5, 5);
	chunk_accept(c, 5);
	for (int i = 0; i < 2; i++) {
		cr_assert_eq(ledger_remaining(l, part, &probes), 2);
		cr_assert(part[0].first == 0 && part[0].end == 5 && part[0].pass == 1);
		cr_assert(part[1].first == 5 && part[1].end == 40 && part[1].pass == 0);
		cr_assert_eq(probes, 5);
		cr_assert_null(ledger_lease_spaced(l, 0, 8, false, 1, &again));
		cr_assert_eq(again, 101);
	}
	c = ledger_lease_spaced(l, 0, 8, false, 101, &again);
	cr_assert(c->first == 0 && c->length == 5 && c->pass == 1);
	ledger_close(l, c, 5, 3); /* two have been found */
	chunk_accept(c, 3);
	cr_assert_null(ledger_lease_spaced(l, 0, 8, false, 101, &again));
	cr_assert_eq(again, UINT64_MAX);
	cr_assert_eq(ledger_remaining(l, part, &probes), 1);
	cr_assert(part[0].first == 5 && part[0].end == 40 && part[0].pass == 0);
	cr_assert_eq(probes, 5, "those of the first pass");
	free(part);
	ledger_destroy(l);
}

/* The list is bounded: a gen that has filled it waits for what is due, loses nothing and comes to its end. */
Test(ledger_passes, no_more_than_fit_wait)
{
	const uint64_t n = 3 * WAITING_MAX;
	const struct ledger_spacing spacing = { 2, S, 0 };
	struct ledger *l = ledger_create_spaced(&(struct interval){ 0, n, 0 }, 1, 1, UINT64_MAX, &spacing);
	struct interval *part = calloc(ledger_parts_max(l), sizeof(*part));
	uint8_t *seen = calloc(n, 1);
	uint64_t again, probes, now = 0, fresh = 0;

	for (;;) {
		struct chunk *c = ledger_lease_spaced(l, 0, 1, true, now, &again);

		if (c == NULL && again == UINT64_MAX)
			break;
		if (c == NULL) {
			cr_assert(again > now, "all that was leased is settled");
			cr_assert_geq(ledger_remaining(l, part, &probes), 0);
			now = again;
			continue;
		}
		cr_assert_eq(seen[c->first]++, c->pass);
		fresh += now == 0;
		ledger_close(l, c, 1, 1);
		chunk_accept(c, 1);
	}
	cr_assert_eq(fresh, WAITING_MAX - CHUNKS_OPEN + 1, "%lu", fresh);
	cr_assert(ledger_crowded(l, 0) == false && now >= 2 * S);
	for (uint64_t i = 0; i < n; i++)
		cr_assert_eq(seen[i], 2);
	free(seen);
	free(part);
	ledger_destroy(l);
}
