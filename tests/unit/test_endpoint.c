/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "stages/sink/output.h"

static void expect(uint32_t saddr, uint16_t sport, const char *expected)
{
	const struct record r = { .reply = { .saddr = saddr, .sport = sport, .class = REPLY_ICMP } };
	const struct field *const one[] = { field_find("saddr", 5) };
	const struct field *const other[] = { field_find("ttl", 3), field_find("sport", 5) };
	char buf[OUTPUT_RECORD_MAX];

	buf[output_endpoint.format(one, 1, &r, buf)] = '\0';
	cr_expect_str_eq(buf, expected);
	buf[output_endpoint.format(other, 2, &r, buf)] = '\0';
	cr_expect_str_eq(buf, expected);
}

Test(endpoint, address_and_port_whatever_the_fields)
{
	expect(0x08080404, 53, "8.8.4.4:53\n");
	expect(0, 0, "0.0.0.0:0\n");
	expect(0xffffffff, 65535, "255.255.255.255:65535\n");
}

Test(endpoint, has_no_header)
{
	const struct field *const fields[] = { field_find("saddr", 5) };
	char buf[64];

	cr_expect_eq(output_endpoint.header(fields, 1, buf, sizeof(buf)), 0);
	cr_expect_eq(output_find("endpoint"), &output_endpoint);
}
