/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "stages/gen/intervals.h"

static void check(struct interval *part, size_t n, const struct interval *expected, size_t left)
{
	cr_assert_eq(intervals_merge(part, n), left);
	for (size_t i = 0; i < left; i++)
		cr_assert(part[i].first == expected[i].first && part[i].end == expected[i].end);
}

Test(intervals, merge)
{
	check(NULL, 0, NULL, 0);
	check((struct interval[]){ { 5, 5, 0 } }, 1, NULL, 0);
	check((struct interval[]){ { 5, 9, 0 }, { 1, 2, 0 } }, 2,
	      (struct interval[]){ { 1, 2, 0 }, { 5, 9, 0 } }, 2);
	check((struct interval[]){ { 5, 9, 0 }, { 1, 5, 0 } }, 2, (struct interval[]){ { 1, 9, 0 } }, 1);
	check((struct interval[]){ { 1, 9, 0 }, { 3, 4, 0 }, { 8, 12, 0 }, { 12, 12, 0 } }, 4,
	      (struct interval[]){ { 1, 12, 0 } }, 1);
	check((struct interval[]){ { 1ULL << 48, UINT64_MAX, 0 }, { 0, 1, 0 } }, 2,
	      (struct interval[]){ { 0, 1, 0 }, { 1ULL << 48, UINT64_MAX, 0 } }, 2);
}

/* Against a map of every exponent. */
Test(intervals, merge_keeps_every_exponent)
{
	srand(7);
	for (int round = 0; round < 2000; round++) {
		struct interval part[12];
		bool expected[64] = { false }, found[64] = { false };
		size_t n = (size_t)rand() % 12, left;

		for (size_t i = 0; i < n; i++) {
			part[i].first = (uint64_t)rand() % 60;
			part[i].end = part[i].first + (uint64_t)rand() % 4;
			part[i].pass = 0;
			for (uint64_t e = part[i].first; e < part[i].end; e++)
				expected[e] = true;
		}
		left = intervals_merge(part, n);
		cr_assert(intervals_valid(part, left, (struct interval){ .first = 0, .end = 64 }));
		for (size_t i = 0; i < left; i++)
			for (uint64_t e = part[i].first; e < part[i].end; e++)
				found[e] = true;
		cr_assert_arr_eq(found, expected, sizeof(found));
	}
}

/* Neighbours of different passes stay apart. */
Test(intervals, merge_keeps_passes)
{
	struct interval part[] = { { 5, 9, 1 }, { 1, 5, 0 }, { 9, 10, 1 }, { 10, 11, 0 } };
	const struct interval all = { 0, 20, 0 };

	cr_assert_eq(intervals_merge(part, 4), 3);
	cr_assert(part[0].first == 1 && part[0].end == 5 && part[0].pass == 0);
	cr_assert(part[1].first == 5 && part[1].end == 10 && part[1].pass == 1);
	cr_assert(part[2].first == 10 && part[2].end == 11 && part[2].pass == 0);
	cr_assert(intervals_valid(part, 3, all));
	part[1].pass = 0;
	cr_assert_not(intervals_valid(part, 3, all), "those would be one");
}

Test(intervals, valid)
{
	const struct interval all = { .first = 10, .end = 20 };

	cr_assert(intervals_valid(NULL, 0, all));
	cr_assert(intervals_valid(&all, 1, all));
	cr_assert(intervals_valid((struct interval[]){ { 10, 11, 0 }, { 12, 20, 0 } }, 2, all));
	cr_assert_not(intervals_valid((struct interval[]){ { 10, 11, 0 }, { 11, 20, 0 } }, 2, all));
	cr_assert_not(intervals_valid((struct interval[]){ { 12, 20, 0 }, { 10, 11, 0 } }, 2, all));
	cr_assert_not(intervals_valid((struct interval[]){ { 10, 10, 0 } }, 1, all));
	cr_assert_not(intervals_valid((struct interval[]){ { 9, 12, 0 } }, 1, all));
	cr_assert_not(intervals_valid((struct interval[]){ { 12, 21, 0 } }, 1, all));
	cr_assert_not(intervals_valid((struct interval[]){ { 14, 12, 0 } }, 1, all));
	cr_assert_eq(intervals_length((struct interval[]){ { 10, 11, 0 }, { 12, 20, 0 } }, 2), 9);
}
