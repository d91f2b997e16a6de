/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "anyscan/block.h"
#include "stages/gen/rank.h"

static uint64_t draw(uint64_t *state)
{
	*state = *state * 6364136223846793005ULL + 1442695040888963407ULL;
	return *state >> 16;
}

/* The address of a rank by counting through the ranges. */
static uint32_t counted(const struct ranges *set, uint64_t rank)
{
	size_t i = 0;

	for (; rank > set->range[i].last - set->range[i].first; i++)
		rank -= (uint64_t)set->range[i].last - set->range[i].first + 1;
	return set->range[i].first + (uint32_t)rank;
}

/* Up to BLOCK_ITEMS ranks in allocations of just their size: a form must not write what lies behind. */
static void check(const struct rank_form *form, const struct rank *r, const struct ranges *set,
		  const uint64_t *rank, unsigned int n)
{
	uint32_t *in = calloc(n + 1, sizeof(*in)), *out = malloc((n + 1) * sizeof(*out));

	for (unsigned int i = 0; i < n; i++)
		in[i] = (uint32_t)rank[i];
	out[n] = 0x5a5a5a5a;
	form->fn(r, in, out, n);
	for (unsigned int i = 0; i < n; i++)
		cr_assert_eq(out[i], counted(set, rank[i]), "%s: rank %lu, %u of %u", form->name, rank[i], i,
			     n);
	cr_assert_eq(out[n], 0x5a5a5a5a, "%s: %u ranks", form->name, n);
	free(out);
	free(in);
}

/* Every form: both ends of every range, then random ranks, in blocks of every length. */
static void check_forms(const struct ranges *set, uint64_t seed)
{
	struct rank r;

	cr_assert_eq(rank_init(&r, set), 0);
	for (const struct rank_form *form = rank_forms; form->name != NULL; form++) {
		uint64_t rank[BLOCK_ITEMS], state = seed, first = 0;
		unsigned int n = 0;

		if (!form->supported())
			continue;
		for (size_t i = 0; i < set->count; i++) {
			const uint64_t count = (uint64_t)set->range[i].last - set->range[i].first + 1;

			rank[n++] = first;
			rank[n++] = first + count - 1;
			first += count;
			if (n == BLOCK_ITEMS || i + 1 == set->count) {
				check(form, &r, set, rank, n);
				n = 0;
			}
		}
		for (n = 0; n <= BLOCK_ITEMS; n++) {
			for (unsigned int i = 0; i < n; i++)
				rank[i] = draw(&state) % r.total;
			check(form, &r, set, rank, n);
		}
	}
	rank_fini(&r);
}

Test(rank, every_form_finds_what_counting_finds)
{
	static const uint32_t longest[] = { 1, 2, 1000, 1 << 20, 1 << 28 };
	uint64_t state = 1;

	for (unsigned int round = 0; round < 40; round++) {
		struct ranges set = { 0 };
		const unsigned int ranges = 2 + (unsigned int)draw(&state) % 300;

		ranges_add(&set, 0, 0); /* both ends of the space, and never one range only */
		ranges_add(&set, UINT32_MAX, UINT32_MAX);
		for (unsigned int i = 0; i < ranges; i++) {
			/* clustered in every second round: many ranges in one bucket */
			const uint32_t first = (uint32_t)draw(&state) >> (round % 2 != 0 ? 14 : 2);
			ranges_add(&set, first, first + (uint32_t)draw(&state) % longest[round % 5]);
		}
		ranges_normalise(&set);
		cr_assert_gt(set.count, 1);
		check_forms(&set, round);
		ranges_free(&set);
	}
}

Test(rank, every_form_knows_the_whole_space_but_one_address)
{
	struct ranges set = { 0 };

	ranges_add(&set, 0, 0x7fffffff);
	ranges_add(&set, 0x80000001, UINT32_MAX);
	check_forms(&set, 1);
	ranges_free(&set);
}

Test(rank, forms_are_chosen_by_name)
{
	const struct rank_form *form = rank_forms;
	struct ranges set = { 0 };
	struct rank r;

	ranges_add(&set, 1, 5);
	cr_assert_eq(rank_init(&r, &set), 0);
	const uint32_t in = 3;
	uint32_t out = 0;
	cr_assert(rank_use_form(&r, "plain"));
	rank_lookup(&r, &in, &out, 1); /* one range needs no form */
	cr_assert_eq(out, 4);
	rank_fini(&r);

	ranges_add(&set, 9, 9);
	cr_assert_eq(rank_init(&r, &set), 0);
	while (!form->supported())
		form++;
	cr_assert_eq(r.lookup, form->fn, "the best form");
	while (form[1].name != NULL)
		form++;
	cr_assert_str_eq(form->name, "plain");
	cr_assert(rank_use_form(&r, "plain"));
	cr_assert_eq(r.lookup, form->fn);
	cr_assert_not(rank_use_form(&r, "mmx"));
	rank_fini(&r);
	ranges_free(&set);
}
