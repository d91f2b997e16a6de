/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdbool.h>
#include <stdlib.h>

#include "stages/gen/ranges.h"

static void expect(const struct ranges *r, const struct range *want, size_t count)
{
	cr_assert_eq(r->count, count, "%zu ranges instead of %zu", r->count, count);
	for (size_t i = 0; i < count; i++)
		cr_assert(r->range[i].first == want[i].first && r->range[i].last == want[i].last,
			  "range %zu is %u-%u", i, r->range[i].first, r->range[i].last);
}

static struct ranges set(const struct range *range, size_t count)
{
	struct ranges r = { 0 };

	for (size_t i = 0; i < count; i++)
		cr_assert_eq(ranges_add(&r, range[i].first, range[i].last), 0);
	ranges_normalise(&r);
	return r;
}

#define SET(...) \
	set((struct range[]){ __VA_ARGS__ }, sizeof((struct range[]){ __VA_ARGS__ }) / sizeof(struct range))
#define EXPECT(r, ...) \
	expect(r, (struct range[]){ __VA_ARGS__ }, \
	       sizeof((struct range[]){ __VA_ARGS__ }) / sizeof(struct range))

Test(ranges, normalise_sorts_and_merges)
{
	struct ranges r = SET({ 50, 60 }, { 10, 20 }, { 21, 30 }, { 12, 15 }, { 32, 40 }, { 55, 70 });

	EXPECT(&r, { 10, 30 }, { 32, 40 }, { 50, 70 });
	cr_assert_eq(ranges_total(&r), 21 + 9 + 21);
	ranges_free(&r);
	cr_assert_null(r.range);
}

/* history 15 */
Test(ranges, edges_of_the_address_space)
{
	struct ranges r = SET({ 0xffffffff, 0xffffffff }, { 0, 0xffffffff }, { 0, 0 }, { 7, 9 });

	EXPECT(&r, { 0, 0xffffffff });
	cr_assert_eq(ranges_total(&r), 1ULL << 32);
	ranges_free(&r);

	r = SET({ 0xfffffffe, 0xfffffffe }, { 0xffffffff, 0xffffffff }, { 0, 0 });
	EXPECT(&r, { 0, 0 }, { 0xfffffffe, 0xffffffff });
	ranges_free(&r);
}

Test(ranges, empty_sets)
{
	struct ranges none = { 0 }, all = SET({ 0, 0xffffffff });

	ranges_normalise(&none);
	cr_assert_eq(ranges_total(&none), 0);
	cr_assert_eq(ranges_subtract(&none, &all), 0);
	cr_assert_eq(none.count, 0);
	cr_assert_eq(ranges_subtract(&all, &none), 0);
	EXPECT(&all, { 0, 0xffffffff });
	cr_assert_eq(ranges_subtract(&all, &all), 0);
	cr_assert_eq(all.count, 0);
	ranges_free(&all);
	ranges_free(&none);
}

Test(ranges, subtract)
{
	struct ranges a = SET({ 0, 100 }, { 200, 300 }, { 0xfffffff0, 0xffffffff });
	struct ranges b = SET({ 0, 0 }, { 10, 19 }, { 90, 250 }, { 300, 300 }, { 0xfffffff8, 0xffffffff });

	cr_assert_eq(ranges_subtract(&a, &b), 0);
	EXPECT(&a, { 1, 9 }, { 20, 89 }, { 251, 299 }, { 0xfffffff0, 0xfffffff7 });
	ranges_free(&a);
	ranges_free(&b);
}

Test(ranges, intersect)
{
	struct ranges a = SET({ 0, 100 }, { 200, 300 }, { 0xfffffff0, 0xffffffff });
	struct ranges b = SET({ 5, 5 }, { 90, 250 }, { 300, 0xfffffff1 }, { 0xffffffff, 0xffffffff });

	cr_assert_eq(ranges_intersect(&a, &b), 0);
	EXPECT(&a, { 5, 5 }, { 90, 100 }, { 200, 250 }, { 300, 300 }, { 0xfffffff0, 0xfffffff1 },
	       { 0xffffffff, 0xffffffff });
	ranges_free(&a);
	ranges_free(&b);
}

/* Against bitmaps of a small space, thousands of random sets. */
#define SPACE 96

static struct ranges random_set(bool *in)
{
	struct ranges r = { 0 };

	for (int i = 0; i < SPACE; i++)
		in[i] = false;
	for (int n = rand() % 12; n > 0; n--) {
		uint32_t first = (uint32_t)(rand() % SPACE), last = first + (uint32_t)(rand() % 9);

		if (last >= SPACE)
			last = SPACE - 1;
		cr_assert_eq(ranges_add(&r, first, last), 0);
		for (uint32_t i = first; i <= last; i++)
			in[i] = true;
	}
	ranges_normalise(&r);
	return r;
}

static void same(const struct ranges *r, const bool *in)
{
	bool is[SPACE] = { false };

	for (size_t i = 0; i < r->count; i++) {
		cr_assert(r->range[i].first <= r->range[i].last && r->range[i].last < SPACE);
		cr_assert(i == 0 || r->range[i].first > r->range[i - 1].last + 1, "not normalised");
		for (uint32_t k = r->range[i].first; k <= r->range[i].last; k++)
			is[k] = true;
	}
	for (int i = 0; i < SPACE; i++)
		cr_assert_eq(is[i], in[i], "address %d", i);
}

/* history 15 */
Test(ranges, algebra_against_bitmaps)
{
	bool a_in[SPACE], b_in[SPACE], want[SPACE];

	srand(1);
	for (int round = 0; round < 5000; round++) {
		struct ranges a = random_set(a_in), b = random_set(b_in);

		same(&a, a_in);
		for (int i = 0; i < SPACE; i++)
			want[i] = round % 2 ? a_in[i] && b_in[i] : a_in[i] && !b_in[i];
		cr_assert_eq(round % 2 ? ranges_intersect(&a, &b) : ranges_subtract(&a, &b), 0);
		same(&a, want);
		ranges_free(&a);
		ranges_free(&b);
	}
}
