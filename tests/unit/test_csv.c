/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "stages/sink/output.h"

static const struct record reply = {
	.reply = { .saddr = 0x08080404, .sport = 53, .class = REPLY_SYNACK },
	.success = true,
};

static const char *awkward; /* what the field below holds */

static void get_awkward(const struct record *r, struct field_value *v)
{
	(void)r;
	v->null = false;
	snprintf(v->text, sizeof(v->text), "%s", awkward);
}

static const struct field awkward_field = { .name = "awkward", .type = FIELD_STRING, .get = get_awkward };

static void expect_row(const struct field *const *fields, size_t n, const char *expected)
{
	char buf[OUTPUT_RECORD_MAX];
	const size_t len = output_csv.format(fields, n, &reply, buf);

	buf[len] = '\0';
	cr_expect_str_eq(buf, expected);
}

static void expect_quoted(const char *text, const char *expected)
{
	const struct field *const fields[] = { &awkward_field };

	awkward = text;
	expect_row(fields, 1, expected);
}

Test(csv, header_and_row)
{
	const struct field *const fields[] = {
		field_find("saddr", 5),
		field_find("success", 7),
		field_find("icmp_type", 9),
		field_find("sport", 5),
	};
	char buf[256];
	const size_t n = output_csv.header(fields, 4, buf, sizeof(buf));

	buf[n] = '\0';
	cr_expect_str_eq(buf, "saddr,success,icmp_type,sport\n");
	expect_row(fields, 4, "8.8.4.4,1,,53\n");
}

Test(csv, header_that_does_not_fit_is_none)
{
	const struct field *const fields[] = { field_find("saddr", 5), field_find("success", 7) };
	char buf[14];

	cr_expect_eq(output_csv.header(fields, 2, buf, 13), 0);
	cr_expect_eq(output_csv.header(fields, 2, buf, 14), 14);
}

Test(csv, quotes_as_rfc_4180)
{
	expect_quoted("plain", "plain\n");
	expect_quoted("", "\n");
	expect_quoted("a,b", "\"a,b\"\n");
	expect_quoted("say \"no\"", "\"say \"\"no\"\"\"\n");
	expect_quoted("two\nlines", "\"two\nlines\"\n");
	expect_quoted("cr\r", "\"cr\r\"\n");
}

Test(csv, longest_record_fits)
{
	const struct field *fields[OUTPUT_FIELDS_MAX];
	char quotes[48], buf[OUTPUT_RECORD_MAX];

	memset(quotes, '"', sizeof(quotes) - 1);
	quotes[47] = '\0';
	awkward = quotes;
	for (size_t i = 0; i < OUTPUT_FIELDS_MAX; i++)
		fields[i] = &awkward_field;
	cr_expect_eq(output_csv.format(fields, OUTPUT_FIELDS_MAX, &reply, buf),
		     OUTPUT_FIELDS_MAX * (2 * 47 + 3));
	cr_expect_lt(OUTPUT_FIELDS_MAX * (2 * 47 + 3), OUTPUT_RECORD_MAX);
}
