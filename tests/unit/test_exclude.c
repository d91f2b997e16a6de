/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "stages/sink/exclusion_text.h"
#include "stages/tx/exclude.h"

/* Every set of `n` ranges of 0 to 2 addresses apart, against the definition; the ends of the space too. */
Test(exclude, search_equals_the_definition)
{
	for (uint32_t n = 1; n <= 65; n++) {
		struct range range[65];
		uint32_t at = n % 3;

		for (uint32_t i = 0; i < n; i++) {
			range[i] = (struct range){ at, at + i % 4 };
			at = range[i].last + 2 + i % 3;
		}
		for (uint32_t addr = 0; addr < at + 5; addr++) {
			bool holds = false;

			for (uint32_t i = 0; i < n; i++)
				holds |= range[i].first <= addr && addr <= range[i].last;
			cr_assert_eq(exclusion_holds(range, n, addr), holds, "%u ranges, %u", n, addr);
		}
	}
}

Test(exclude, the_ends_of_the_space)
{
	static const struct range ends[] = { { 0, 0 }, { 0xfffffff0, 0xffffffff } };
	static const struct range all[] = { { 0, 0xffffffff } };

	cr_expect(exclusion_holds(ends, 2, 0));
	cr_expect_not(exclusion_holds(ends, 2, 1));
	cr_expect_not(exclusion_holds(ends, 2, 0xffffffef));
	cr_expect(exclusion_holds(ends, 2, 0xfffffff0));
	cr_expect(exclusion_holds(ends, 2, 0xffffffff));
	cr_expect(exclusion_holds(all, 1, 0));
	cr_expect(exclusion_holds(all, 1, 0xffffffff));
}

Test(exclude, text_is_what_the_option_takes)
{
	static const struct {
		uint32_t first, last;
		const char *text;
	} cases[] = { { 0xcb007100, 0xcb0071ff, "203.0.113.0/24" },
		      { 0xcb007107, 0xcb007107, "203.0.113.7" },
		      { 0xcb007101, 0xcb007102, "203.0.113.1-203.0.113.2" },
		      { 0xcb007100, 0xcb0071fe, "203.0.113.0-203.0.113.254" },
		      { 0xcb007180, 0xcb00717f + 0x100, "203.0.113.128-203.0.114.127" },
		      { 0, 0xffffffff, "0.0.0.0/0" },
		      { 0xc0000000, 0xc0000001, "192.0.0.0/31" },
		      { 0xffffff00, 0xfffffffe, "255.255.255.0-255.255.255.254" } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const struct exclusion x = { .first = cases[i].first, .last = cases[i].last };
		char text[EXCLUSION_TEXT_MAX];

		cr_expect_str_eq(exclusion_text(&x, text), cases[i].text);
	}
}
