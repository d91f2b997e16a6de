/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "stages/cores.h"

static const char *round_trip(const char *text)
{
	static char out[256];
	struct error e;
	cpu_set_t set;

	cr_assert_eq(cores_parse(text, &set, &e), 0, "%s: %s", text, e.text);
	cores_format(&set, out, sizeof(out));
	return out;
}

static void refuse(const char *text, const char *message)
{
	struct error e = { 0 };
	cpu_set_t set;

	cr_assert_eq(cores_parse(text, &set, &e), -EINVAL, "\"%s\" was taken", text);
	cr_expect_str_eq(e.text, message, "%s", e.text);
}

Test(cores, lists)
{
	cr_expect_str_eq(round_trip("0"), "0");
	cr_expect_str_eq(round_trip("0-3,8"), "0-3,8");
	cr_expect_str_eq(round_trip("8,0,3,1-2"), "0-3,8");
	cr_expect_str_eq(round_trip("5-5,5"), "5");
	cr_expect_str_eq(round_trip("0-1023"), "0-1023");
	cr_expect_str_eq(round_trip("007"), "7");
}

Test(cores, refused_with_the_place)
{
#define HOW "; write CPU numbers as 0-3,8"
	refuse("", "--cores: column 1: \"\" is neither a CPU nor a range of them" HOW);
	refuse("0,", "--cores: column 3: \"\" is neither a CPU nor a range of them" HOW);
	refuse("0,,1", "--cores: column 3: \"\" is neither a CPU nor a range of them" HOW);
	refuse("0-3,x,5", "--cores: column 5: \"x\" is neither a CPU nor a range of them" HOW);
	refuse("0 1", "--cores: column 1: \"0 1\" is neither a CPU nor a range of them" HOW);
	refuse("-1", "--cores: column 1: \"-1\" is neither a CPU nor a range of them" HOW);
	refuse("1-", "--cores: column 1: \"1-\" is neither a CPU nor a range of them" HOW);
	refuse("1-2-3", "--cores: column 1: \"1-2-3\" is neither a CPU nor a range of them" HOW);
	refuse("0x1", "--cores: column 1: \"0x1\" is neither a CPU nor a range of them" HOW);
	refuse("0,3-1", "--cores: column 3: \"3-1\" begins above its end" HOW);
	refuse("1024", "--cores: column 1: \"1024\" is above 1023" HOW);
	refuse("0-99999999999999999999", "--cores: column 1: \"0-99999999999999999999\" is above 1023" HOW);
}

Test(cores, those_that_are_not_there_are_named)
{
	struct error e = { 0 };
	cpu_set_t wanted, usable;

	cores_parse("0-3,8", &usable, &e);
	cores_parse("1,3,8", &wanted, &e);
	cr_expect_eq(cores_check(&wanted, &usable, &e), 0);
	cores_parse("2-5,9", &wanted, &e);
	cr_expect_eq(cores_check(&wanted, &usable, &e), -ENODEV);
	cr_expect_not_null(strstr(e.text, "may not use CPU 4-5,9 ("), "%s", e.text);
	cr_expect_not_null(strstr(e.text, "it may use 0-3,8"), "%s", e.text);
}

Test(cores, format_says_how_much_room_it_needs)
{
	struct error e;
	cpu_set_t set;
	char small[4];

	cores_parse("0-3,8,10", &set, &e);
	cr_expect_eq(cores_format(&set, small, sizeof(small)), 8);
	cr_expect_str_eq(small, "0-3");
	cr_expect_eq(cores_format(&set, NULL, 0), 8);
}
