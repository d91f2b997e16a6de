/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <string.h>

#include "stages/sink/output.h"

static const struct record reply = {
	.reply = { .saddr = 0x08080404, .sport = 53, .ttl = 9, .class = REPLY_RST },
};

static void expect(const char *names, const char *expected)
{
	const struct field *fields[8];
	char buf[OUTPUT_RECORD_MAX], header[64];
	size_t nfields = 0, n;

	for (const char *at = names; *at != '\0'; at += strspn(at, ",")) {
		const size_t len = strcspn(at, ",");

		fields[nfields] = field_find(at, len);
		cr_assert_not_null(fields[nfields++]);
		at += len;
	}
	n = output_list.format(fields, nfields, &reply, buf);
	buf[n] = '\0';
	cr_expect_str_eq(buf, expected);
	cr_expect_eq(output_list.header(fields, nfields, header, sizeof(header)), 0);
}

Test(list, address)
{
	expect("saddr", "8.8.4.4\n");
}

Test(list, endpoint)
{
	expect("saddr,sport", "8.8.4.4:53\n");
}

Test(list, other_fields_are_joined_by_commas)
{
	expect("sport,saddr", "53,8.8.4.4\n");
	expect("saddr,ttl", "8.8.4.4,9\n");
	expect("saddr,sport,classification", "8.8.4.4,53,rst\n");
}

Test(list, null_is_nothing)
{
	expect("saddr,icmp_type,ttl", "8.8.4.4,,9\n");
}

Test(list, is_found_by_its_name)
{
	cr_expect_eq(output_find("list"), &output_list);
	cr_expect_eq(output_find("csv"), &output_csv);
	cr_expect_null(output_find("lis"));
}
