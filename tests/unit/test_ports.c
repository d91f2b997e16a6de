/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>

#include "stages/gen/targets.h"

static void expect(const char *text, uint32_t count, const uint16_t *want)
{
	struct ports p;
	struct error e = { 0 };

	cr_assert_eq(ports_parse(text, &p, &e), 0, "%s: %s", text, e.text);
	cr_assert_eq(p.count, count, "%s: %u ports", text, p.count);
	for (uint32_t i = 0; i < count; i++)
		cr_assert_eq(p.port[i], want[i], "%s: port %u", text, p.port[i]);
	ports_free(&p);
	cr_assert(p.port == NULL && p.count == 0);
}

Test(ports, lists)
{
	static uint16_t all[65536];

	expect("80", 1, (uint16_t[]){ 80 });
	expect("0", 1, (uint16_t[]){ 0 });
	expect("65535", 1, (uint16_t[]){ 65535 });
	expect("443,80", 2, (uint16_t[]){ 80, 443 });
	expect("80,80,79-81,80-80", 3, (uint16_t[]){ 79, 80, 81 });
	expect(" 80 , 443 ", 2, (uint16_t[]){ 80, 443 });
	expect("65534-65535", 2, (uint16_t[]){ 65534, 65535 });
	for (uint32_t i = 0; i < 65536; i++)
		all[i] = (uint16_t)i;
	expect("*", 65536, all);
	expect("0-65535", 65536, all);
	expect("80,*", 65536, all);
}

Test(ports, bad_lists_say_what_is_wrong)
{
	static const struct {
		const char *text, *message;
	} bad[] = {
		{ "", "the list of ports is empty: write ports from 0 to 65535 as 80,443,8000-8100 or *" },
		{ "80,", "\"80,\" has an empty entry: remove the extra comma" },
		{ ",80", "\",80\" has an empty entry: remove the extra comma" },
		{ " ", "\" \" has an empty entry: remove the extra comma" },
		{ "80,65536",
		  "\"65536\" is not a port: write ports from 0 to 65535 as 80,443,8000-8100 or *" },
		{ "99999999999999999999999",
		  "\"99999999999999999999999\" is not a port: write ports from 0 to 65535 as 80,443,8000-8100 or *" },
		{ "1-65536",
		  "\"1-65536\" is not a port: write ports from 0 to 65535 as 80,443,8000-8100 or *" },
		{ "90-80", "\"90-80\" is a reversed range: write 80-90" },
		{ "-80", "\"-80\" is an open range: write both ends, such as 0-1023 or 1024-65535" },
		{ "80-", "\"80-\" is an open range: write both ends, such as 0-1023 or 1024-65535" },
		{ "http", "\"http\" is not a port: write ports from 0 to 65535 as 80,443,8000-8100 or *" },
		{ "80 443",
		  "\"80 443\" is not a port: write ports from 0 to 65535 as 80,443,8000-8100 or *" },
		{ "1-2-3", "\"1-2-3\" is not a port: write ports from 0 to 65535 as 80,443,8000-8100 or *" },
		{ "U:53", "\"U:53\" names a protocol, which is the probe module's: write the port alone" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ports p = { 0 };
		struct error e = { 0 };

		cr_assert_eq(ports_parse(bad[i].text, &p, &e), -EINVAL, "%s", bad[i].text);
		cr_assert_str_eq(e.text, bad[i].message);
		cr_assert(p.port == NULL && p.count == 0);
	}
}
