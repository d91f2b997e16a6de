/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "stages/checkpoint/settled.h"

static struct settled s;

static void note(uint64_t bytes, uint64_t until, bool earlier)
{
	settled_note(&s, &(struct sink_position){ .bytes = bytes, .records = bytes / 10 }, until, earlier);
}

static uint64_t at(uint64_t front, bool all)
{
	settled_take(&s, front, all);
	cr_expect_eq(s.at.records, s.at.bytes / 10);
	return s.at.bytes;
}

static void clear(void)
{
	memset(&s, 0, sizeof(s));
}

TestSuite(settled, .init = clear);

Test(settled, once_all_below_is_committed)
{
	note(100, 50, false);
	note(200, 60, false);
	note(300, 70, false);
	cr_expect_eq(at(49, false), 0);
	cr_expect_eq(at(50, false), 100);
	cr_expect_eq(at(69, false), 200);
	cr_expect_eq(s.count, 1);
	cr_expect_eq(at(UINT64_MAX, false), 300);
}

Test(settled, an_orderly_end_settles_what_this_run_has_asked)
{
	note(100, 50, false);
	note(200, 60, false);
	cr_expect_eq(at(0, true), 200);
}

/* Its targets may be asked again by this run, or by the next, whatever else is done. */
Test(settled, what_an_earlier_run_has_left)
{
	note(100, 1000, true);
	note(200, 50, false);
	cr_expect_eq(at(60, false), 0);
	cr_expect_eq(at(999, true), 0);
	cr_expect_eq(at(1000, false), 200);
}

Test(settled, too_many_places)
{
	for (uint64_t i = 1; i <= 2 * SETTLED_PENDING; i++)
		note(10 * i, i, false);
	cr_expect_eq(at(UINT64_MAX, false), 10 * SETTLED_PENDING);
	note(5000, 500, false);
	cr_expect_eq(at(500, false), 5000);
}
