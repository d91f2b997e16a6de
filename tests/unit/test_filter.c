/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "stages/classify/filter.h"

static const struct record open_port = {
	.reply = { .saddr = 0x0a010203,
		   .sport = 443,
		   .ttl = 57,
		   .seqnum = 4294967295,
		   .class = REPLY_SYNACK },
	.success = true,
};

static const struct record unreachable = {
	.reply = { .saddr = 0xc0000205,
		   .responder = 0xc0000201,
		   .sport = 80,
		   .class = REPLY_ICMP,
		   .icmp_type = 3,
		   .icmp_code = 1 },
};

static bool match(const char *text, const struct record *r)
{
	struct error e = { .code = 0 };
	struct filter *f = NULL;
	bool matched;

	cr_assert_eq(filter_parse(text, &f, &e), 0, "%s: %s", text, e.text);
	matched = filter_match(f, r);
	filter_free(f);
	return matched;
}

static void refuse(const char *text, const char *message)
{
	struct error e = { .code = 0 };
	struct filter *f = NULL;

	cr_assert_neq(filter_parse(text, &f, &e), 0, "%s was taken", text);
	cr_expect_null(f);
	cr_expect_str_eq(e.text, message);
}

Test(filter, the_default)
{
	struct record repeated = open_port;

	repeated.repeat = true;
	cr_expect(match(FILTER_DEFAULT, &open_port));
	cr_expect_not(match(FILTER_DEFAULT, &repeated));
	cr_expect_not(match(FILTER_DEFAULT, &unreachable));
}

Test(filter, numbers)
{
	cr_expect(match("sport = 443", &open_port));
	cr_expect_not(match("sport != 443", &open_port));
	cr_expect(match("sport < 444", &open_port));
	cr_expect_not(match("sport < 443", &open_port));
	cr_expect(match("sport <= 443", &open_port));
	cr_expect(match("sport>=443", &open_port));
	cr_expect_not(match("sport>443", &open_port));
	cr_expect(match("seqnum = 4294967295", &open_port));
	cr_expect(match("ttl > -1", &open_port));
	cr_expect_not(match("ttl < -1", &open_port));
	cr_expect(match("ttl != -57", &open_port));
	cr_expect(match("ttl == \"57\"", &open_port));
}

Test(filter, booleans)
{
	cr_expect(match("success = true", &open_port));
	cr_expect(match("success != 0 && repeat = false", &open_port));
}

Test(filter, texts)
{
	cr_expect(match("classification = synack", &open_port));
	cr_expect(match("classification != \"rst\"", &open_port));
	cr_expect(match("icmp_unreach_str = \"host unreachable\"", &unreachable));
}

Test(filter, addresses_and_prefixes)
{
	cr_expect(match("saddr = 10.1.2.3", &open_port));
	cr_expect_not(match("saddr = 10.1.2.4", &open_port));
	cr_expect(match("saddr = 10.0.0.0/8", &open_port));
	cr_expect(match("saddr = 10.1.2.3/31", &open_port));
	cr_expect(match("saddr != 192.0.2.0/24", &open_port));
	cr_expect_not(match("saddr = 10.1.2.0/31", &open_port));
	cr_expect(match("saddr = 0.0.0.0/0", &open_port));
	cr_expect(match("icmp_responder = \"192.0.2.1\"", &unreachable));
}

Test(filter, no_value_matches_nothing)
{
	cr_expect_not(match("icmp_type = 3", &open_port));
	cr_expect_not(match("icmp_type != 3", &open_port));
	cr_expect_not(match("icmp_responder != 192.0.2.1", &open_port));
	cr_expect(match("icmp_type = 3", &unreachable));
}

Test(filter, and_binds_tighter_than_or)
{
	cr_expect(match("success = 1 || sport = 1 && sport = 2", &open_port));
	cr_expect_not(match("(success = 1 || sport = 1) && sport = 2", &open_port));
	cr_expect(match("sport = 1 && sport = 2 || success = 1", &open_port));
	cr_expect(match("((success=1&&(sport=443||sport=80)))", &open_port));
	cr_expect(match("sport = 1 || sport = 2 || sport = 443", &open_port));
}

Test(filter, messages_name_the_column)
{
	refuse("", "column 1: a field name is missing; write FIELD = VALUE");
	refuse("succes = 1", "column 1: there is no field \"succes\"; --list-output-fields names them");
	refuse("success = 1 && ", "column 16: a field name is missing; write FIELD = VALUE");
	refuse("success", "column 8: after success comes one of = != < > <= >=");
	refuse("success = 2", "column 11: success is 0 or 1, not 2; write one of them");
	refuse("success < 1", "column 9: success is compared with = or != only; write one of them");
	refuse("sport = ", "column 9: a value for sport is missing");
	refuse("sport = http", "column 9: \"http\" is not a number, and sport is one; write digits");
	refuse("sport = 80x", "column 9: \"80x\" is not a number, and sport is one; write digits");
	refuse("saddr = 10.0.0.300",
	       "column 9: \"10.0.0.300\" is not an address; saddr is compared with 192.0.2.1 or 192.0.2.0/24");
	refuse("saddr = 10.0.0.0/33",
	       "column 9: \"10.0.0.0/33\" is not an address; saddr is compared with 192.0.2.1 or 192.0.2.0/24");
	refuse("(success = 1", "column 13: the parenthesis of column 1 is not closed; write )");
	refuse("success = 1)", "column 12: \")\" comes after a complete comparison; join them with && or ||");
	refuse("success = 1 repeat = 0",
	       "column 13: \"repeat\" comes after a complete comparison; join them with && or ||");
	refuse("success = 1 & repeat = 0",
	       "column 13: \"&\" has no meaning here; write && or ||, and = != < > <= >=");
	refuse("classification = \"synack", "column 18: the quote is not closed; write another at its end");
	refuse("classification = open",
	       "column 18: there is no classification \"open\"; write synack, rst, icmp or echoreply");
}

Test(filter, depth_and_size_are_bounded)
{
	char deep[256], *wide = malloc(400 * 16);
	struct error e = { .code = 0 };
	struct filter *f = NULL;

	memset(deep, '(', 200);
	strcpy(deep + 200, "ttl = 1");
	cr_expect_neq(filter_parse(deep, &f, &e), 0);
	strcpy(wide, "ttl = 1");
	for (int i = 0; i < 300; i++)
		strcat(wide, " || ttl = 1");
	cr_expect_neq(filter_parse(wide, &f, &e), 0);
	free(wide);
}
