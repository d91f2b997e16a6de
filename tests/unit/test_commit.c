/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "stages/checkpoint/commit.h"
#include "stages/gen/ledger.h"

#define S 1000000000ULL

static const struct interval all = { .first = 0, .end = 1000 };

static void note(struct commit *c, uint64_t now, uint64_t first)
{
	const struct interval left = { .first = first, .end = 1000 };

	cr_assert_eq(commit_note(c, now, &left, 1, first), 0);
}

static void check(const struct commit *c, uint64_t first)
{
	cr_assert_eq(c->committed.parts, 1);
	cr_assert_eq(c->committed.part[0].first, first, "%lu", c->committed.part[0].first);
	cr_assert_eq(c->committed.part[0].end, 1000);
	cr_assert_eq(c->committed.probes, first);
}

Test(commit, nothing_before_the_cooldown_has_passed)
{
	struct commit c;

	cr_assert_eq(commit_init(&c, 8 * S, &all, 1), 0);
	check(&c, 0);
	cr_assert_not(commit_due(&c, UINT64_MAX));
	note(&c, 10 * S, 100);
	cr_assert_not(commit_due(&c, 10 * S));
	cr_assert_not(commit_due(&c, 5 * S)); /* a clock that went back makes nothing due */
	cr_assert_not(commit_due(&c, 18 * S - 1));
	commit_take(&c, 18 * S - 1);
	check(&c, 0);
	cr_assert(commit_due(&c, 18 * S));
	check(&c, 0); /* not before the records are on disk */
	commit_take(&c, 18 * S);
	check(&c, 100);
	cr_assert_not(commit_due(&c, UINT64_MAX));
	commit_fini(&c);
}

Test(commit, the_newest_that_is_due)
{
	struct commit c;

	commit_init(&c, 8 * S, &all, 1);
	for (uint64_t i = 1; i <= 5; i++)
		note(&c, i * S, 100 * i);
	commit_take(&c, 11 * S);
	check(&c, 300);
	cr_assert_eq(c.count, 2);
	cr_assert_not(commit_due(&c, 12 * S - 1));
	commit_take(&c, 60 * S);
	check(&c, 500);
	commit_fini(&c);
}

Test(commit, too_many_wait)
{
	struct commit c;

	commit_init(&c, 8 * S, &all, 1);
	for (uint64_t i = 1; i <= COMMIT_PENDING + 5; i++)
		note(&c, i, i);
	cr_assert_eq(c.count, COMMIT_PENDING);
	commit_take(&c, 100 * S);
	check(&c, COMMIT_PENDING);
	note(&c, 100 * S, 900);
	commit_take(&c, 108 * S);
	check(&c, 900);
	commit_fini(&c);
}

/* Closed, accepted = emitted, and the cooldown since: each by itself is not enough. */
Test(commit, a_chunk)
{
	struct ledger *l = ledger_create((struct interval){ .first = 0, .end = 256 }, 1, UINT64_MAX);
	struct interval part[256];
	struct commit c;
	uint64_t now = S, probes;
	struct chunk *chunk;
	bool end;
	int n;

	commit_init(&c, S, &(struct interval){ .first = 0, .end = 256 }, 1);
	chunk = ledger_lease(l, 0, 128, &end);
	for (int step = 0; step < 4; step++, now += 2 * S) {
		if (step == 1)
			chunk_accept(chunk, 128);
		else if (step == 2)
			ledger_close(l, chunk, 128, 128);
		n = ledger_remaining(l, part, &probes);
		cr_assert_eq(n, 1);
		cr_assert_eq(commit_note(&c, now, part, (size_t)n, probes), 0);
		commit_take(&c, now);
		/* what step 2 noted is due at step 3 */
		cr_assert_eq(c.committed.part[0].first, step < 3 ? 0 : 128, "step %d", step);
	}
	cr_assert_eq(c.committed.probes, 128);
	commit_fini(&c);
	ledger_destroy(l);
}
