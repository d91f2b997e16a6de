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
	check((struct interval[]){ { 5, 5 } }, 1, NULL, 0);
	check((struct interval[]){ { 5, 9 }, { 1, 2 } }, 2, (struct interval[]){ { 1, 2 }, { 5, 9 } }, 2);
	check((struct interval[]){ { 5, 9 }, { 1, 5 } }, 2, (struct interval[]){ { 1, 9 } }, 1);
	check((struct interval[]){ { 1, 9 }, { 3, 4 }, { 8, 12 }, { 12, 12 } }, 4,
	      (struct interval[]){ { 1, 12 } }, 1);
	check((struct interval[]){ { 1ULL << 48, UINT64_MAX }, { 0, 1 } }, 2,
	      (struct interval[]){ { 0, 1 }, { 1ULL << 48, UINT64_MAX } }, 2);
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
			for (uint64_t e = part[i].first; e < part[i].end; e++)
				expected[e] = true;
		}
		left = intervals_merge(part, n);
		cr_assert(intervals_valid(part, left, (struct interval){ 0, 64 }));
		for (size_t i = 0; i < left; i++)
			for (uint64_t e = part[i].first; e < part[i].end; e++)
				found[e] = true;
		cr_assert_arr_eq(found, expected, sizeof(found));
	}
}

Test(intervals, valid)
{
	const struct interval all = { 10, 20 };

	cr_assert(intervals_valid(NULL, 0, all));
	cr_assert(intervals_valid(&all, 1, all));
	cr_assert(intervals_valid((struct interval[]){ { 10, 11 }, { 12, 20 } }, 2, all));
	cr_assert_not(intervals_valid((struct interval[]){ { 10, 11 }, { 11, 20 } }, 2, all));
	cr_assert_not(intervals_valid((struct interval[]){ { 12, 20 }, { 10, 11 } }, 2, all));
	cr_assert_not(intervals_valid((struct interval[]){ { 10, 10 } }, 1, all));
	cr_assert_not(intervals_valid((struct interval[]){ { 9, 12 } }, 1, all));
	cr_assert_not(intervals_valid((struct interval[]){ { 12, 21 } }, 1, all));
	cr_assert_not(intervals_valid((struct interval[]){ { 14, 12 } }, 1, all));
	cr_assert_eq(intervals_length((struct interval[]){ { 10, 11 }, { 12, 20 } }, 2), 9);
}
