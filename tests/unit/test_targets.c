/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stages/gen/target_set.h"
#include "stages/gen/targets.h"

#define FORMS "; write a.b.c.d, a.b.c.d/n or a.b.c.d-e.f.g.h"

Test(targets, good_forms)
{
	static const struct {
		const char *text;
		uint32_t first, last;
	} good[] = {
		{ "10.0.0.1", 0x0a000001, 0x0a000001 },
		{ "0.0.0.0", 0, 0 },
		{ "255.255.255.255", 0xffffffff, 0xffffffff },
		{ "10.0.0.77/24", 0x0a000000, 0x0a0000ff }, /* host bits are cleared */
		{ "1.2.3.4/0", 0, 0xffffffff },
		{ "1.2.3.4/32", 0x01020304, 0x01020304 },
		{ "128.0.0.0/1", 0x80000000, 0xffffffff },
		{ "10.0.0.1-10.0.1.9", 0x0a000001, 0x0a000109 },
		{ "10.0.0.1-9", 0x0a000001, 0x0a000009 },
		{ "10.0.0.9-9", 0x0a000009, 0x0a000009 },
		{ "0.0.0.0-255.255.255.255", 0, 0xffffffff },
	};

	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
		struct ranges r = { 0 };
		struct error e = { 0 };

		cr_assert_eq(targets_parse(good[i].text, &r, &e), 0, "%s: %s", good[i].text, e.text);
		cr_assert_eq(r.count, 1);
		cr_assert(r.range[0].first == good[i].first && r.range[0].last == good[i].last, "%s",
			  good[i].text);
		ranges_free(&r);
	}
}

Test(targets, bad_forms_say_what_is_wrong)
{
	static const struct {
		const char *text, *message;
	} bad[] = {
		{ "10.0.0.300", "\"10.0.0.300\" is not an address: 300 is above 255" FORMS },
		{ "010.0.0.1", "\"010.0.0.1\" is ambiguous: 010 could be octal; write 10" },
		{ "10.0.0.00", "\"10.0.0.00\" is ambiguous: 00 could be octal; write 0" },
		{ "10.0.0", "\"10.0.0\" is not an address: it has 3 octets instead of 4" FORMS },
		{ "10.0/16", "\"10.0/16\" is not an address: it has 2 octets instead of 4" FORMS },
		{ "10", "\"10\" is not an address: it has 1 octet instead of 4" FORMS },
		{ "10..0.1", "\"10..0.1\" is not an address: octet 2 is missing" FORMS },
		{ "10.0.0.", "\"10.0.0.\" is not an address: octet 4 is missing" FORMS },
		{ "10.0.0.1.2", "\"10.0.0.1.2\" is not an address: it has more than 4 octets" FORMS },
		{ "99999999999999999999.0.0.1",
		  "\"99999999999999999999.0.0.1\" is not an address: 99999999999999999999 is above 255" FORMS },
		{ "10.0.0.1/33", "\"10.0.0.1/33\" is not a prefix: 33 is above 32" FORMS },
		{ "10.0.0.1/", "\"10.0.0.1/\" is not a prefix: a length from 0 to 32 must follow '/'" },
		{ "10.0.0.1/-1", "\"10.0.0.1/-1\" is not a prefix: a length from 0 to 32 must follow '/'" },
		{ "10.0.0.1/08", "\"10.0.0.1/08\" is ambiguous: 08 could be octal; write 8" },
		{ "10.0.0.1/24x", "\"10.0.0.1/24x\" is not a prefix: unexpected 'x'" FORMS },
		{ "10.0.0.1/255.0.0.0", "\"10.0.0.1/255.0.0.0\" has a netmask instead of a prefix length: "
					"write a.b.c.d/n, n from 0 to 32" },
		{ "10.0.0.9-10.0.0.1", "\"10.0.0.9-10.0.0.1\" is a reversed range: write 10.0.0.1-10.0.0.9" },
		{ "10.0.0.9-1", "\"10.0.0.9-1\" is a reversed range: write 10.0.0.1-9" },
		{ "10.0.0.9-300", "\"10.0.0.9-300\" is not a range: 300 is above 255" FORMS },
		{ "10.0.0.9-", "\"10.0.0.9-\" is not a range: an address or a last octet must follow '-', "
			       "without blanks" },
		{ "10.0.0.0/8-11.0.0.0/8", "\"10.0.0.0/8-11.0.0.0/8\" is not a range: a range joins two "
					   "addresses, not prefixes; write a.b.c.d-e.f.g.h" },
		{ "10.0.0.1-10.0.0.x", "\"10.0.0.1-10.0.0.x\" is not an address: unexpected 'x'" FORMS },
		{ "10.0.0.1;", "\"10.0.0.1;\" is not an address: unexpected ';'" FORMS },
		{ "10.0.0.1 ", "\"10.0.0.1 \" is not an address: unexpected ' '" FORMS },
		{ "10.0.0.1\n", "\"10.0.0.1\\x0a\" is not an address: unexpected '\\x0a'" FORMS },
		{ "\x1b[2J", "\"\\x1b[2J\" is not an address: unexpected '\\x1b'" FORMS },
		{ "0x7f000001", "\"0x7f000001\" is not an address: unexpected 'x'" FORMS },
		{ "1.2.3.0x4", "\"1.2.3.0x4\" is not an address: unexpected 'x'" FORMS },
		{ "", "\"\" is not a target: write a.b.c.d, a.b.c.d/n or a.b.c.d-e.f.g.h" },
		{ "2001:db8::1",
		  "\"2001:db8::1\" is IPv6, which is not supported yet: write an IPv4 address" },
		{ "::ffff:1.2.3.4",
		  "\"::ffff:1.2.3.4\" is IPv6, which is not supported yet: write an IPv4 address" },
		{ "1.2.3.4:80", "\"1.2.3.4:80\" is not a target: ports are given apart; "
				"remove ':' and what follows" },
		{ "example.com/24", "\"example.com/24\" is not a prefix: a host name takes no '/'; "
				    "write its address as a.b.c.d/n" },
	};

	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct ranges r = { 0 };
		struct error e = { 0 };

		cr_assert_eq(targets_parse(bad[i].text, &r, &e), -EINVAL, "%s", bad[i].text);
		cr_assert_eq(e.code, -EINVAL);
		cr_assert_str_eq(e.text, bad[i].message);
		cr_assert_eq(r.count, 0);
		cr_assert_eq(targets_parse(bad[i].text, &r, NULL), -EINVAL);
	}
}

Test(targets, host_names_are_left_to_the_caller)
{
	static const char *const names[] = { "example.com",	   "localhost", "example.com.",
					     "a-b.example",	   "10.0.0.1x", "xn--mnchen-3ya.de",
					     "1-2-3-4.dsl.example" };
	static const char *const not_names[] = { "10.0.0.300", "foo..bar", ".com", "-", "a.1", "*", "0x1" };
	struct ranges r = { 0 };
	struct error e;

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		cr_assert_eq(targets_parse(names[i], &r, &e), -ENOENT, "%s", names[i]);
	cr_assert_eq(targets_parse("example.com", &r, &e), -ENOENT);
	cr_assert_eq(e.code, -ENOENT);
	cr_assert_str_eq(e.text, "\"example.com\" is a host name, not an address: resolve it first");
	for (size_t i = 0; i < sizeof(not_names) / sizeof(not_names[0]); i++)
		cr_assert_eq(targets_parse(not_names[i], &r, &e), -EINVAL, "%s", not_names[i]);
	cr_assert_eq(r.count, 0);
}

Test(targets, long_values_are_shown_cut)
{
	char text[5001], want[256];
	struct ranges r = { 0 };
	struct error e;

	memset(text, '1', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	snprintf(want, sizeof(want), "\"%.64s...\" is not an address: %.20s is above 255" FORMS, text, text);
	cr_assert_eq(targets_parse(text, &r, &e), -EINVAL);
	cr_assert_str_eq(e.text, want);
}

Test(targets, lists)
{
	struct ranges r = { 0 };
	struct error e = { 0 };

	cr_assert_eq(targets_parse_list("10.0.0.1, 10.0.1.0/24\t10.0.2.1-3,,", &r, &e), 0, "%s", e.text);
	cr_assert_eq(r.count, 3);
	cr_assert(r.range[2].first == 0x0a000201 && r.range[2].last == 0x0a000203);
	cr_assert_eq(targets_parse_list("10.0.0.1,10.0.0.256", &r, &e), -EINVAL);
	cr_assert_str_eq(e.text, "\"10.0.0.256\" is not an address: 256 is above 255" FORMS);
	cr_assert_eq(r.count, 3, "a failed list leaves nothing behind");
	cr_assert_eq(targets_parse_list(" , ", &r, &e), -EINVAL);
	cr_assert_str_eq(e.text, "\" , \" names no target: write a.b.c.d, a.b.c.d/n or a.b.c.d-e.f.g.h");
	cr_assert_eq(targets_parse_list("example.com", &r, &e), -EINVAL, "names are not for lists");
	cr_assert_eq(e.code, -EINVAL);
	ranges_free(&r);
}

static void write_list(const char *text, size_t len)
{
	FILE *f = fopen("list.txt", "w");

	cr_assert_not_null(f);
	cr_assert_eq(fwrite(text, 1, len, f), len);
	cr_assert_eq(fclose(f), 0);
}

/* Writes a file of the test's own and loads it. */
static int load(const char *text, size_t len, struct ranges *out, struct error *e)
{
	write_list(text, len);
	return targets_load("list.txt", out, e);
}

static char folder[] = "/tmp/test_targets.XXXXXX";

static void enter_folder(void)
{
	cr_assert_not_null(mkdtemp(folder));
	cr_assert_eq(chdir(folder), 0);
}

static void leave_folder(void)
{
	unlink("list.txt");
	cr_assert_eq(rmdir(folder), 0);
}

TestSuite(target_files, .init = enter_folder, .fini = leave_folder);

#define LOAD(text, out, e) load(text, sizeof(text) - 1, out, e)

/* history 15 */
Test(target_files, lines_as_people_write_them)
{
	struct ranges r = { 0 };
	struct error e = { 0 };

	cr_assert_eq(LOAD("\xef\xbb\xbf# a list\r\n"
			  "10.0.0.1\r\n"
			  "\r\n"
			  "  10.0.1.0/24  # comment, with 1.2.3.4\n"
			  "\t10.0.2.1-10.0.2.9, 10.0.3.1 10.0.4.1#x\n"
			  "   \n"
			  "10.0.5.1",
			  &r, &e),
		     0, "%s", e.text);
	cr_assert_eq(r.count, 6);
	cr_assert_eq(ranges_total(&r), 1 + 256 + 9 + 1 + 1 + 1);
	cr_assert_eq(r.range[5].first, 0x0a000501);
	ranges_free(&r);
}

Test(target_files, nothing_in_it_is_an_empty_set)
{
	struct ranges r = { 0 };
	struct error e;

	cr_assert_eq(LOAD("", &r, &e), 0);
	cr_assert_eq(LOAD("\n# only this\n\r\n", &r, &e), 0);
	cr_assert_eq(r.count, 0);
}

Test(target_files, messages_name_file_line_and_column)
{
	struct ranges r = { 0 };
	struct error e;

	cr_assert_eq(ranges_add(&r, 1, 1), 0);
	cr_assert_eq(LOAD("1.2.3.4\n\n   10.0.0.300\n", &r, &e), -EINVAL);
	cr_assert_str_eq(e.text, "list.txt:3:4: \"10.0.0.300\" is not an address: 300 is above 255" FORMS);
	cr_assert_eq(LOAD("1.2.3.4, 010.0.0.1", &r, &e), -EINVAL);
	cr_assert_str_eq(e.text, "list.txt:1:10: \"010.0.0.1\" is ambiguous: 010 could be octal; write 10");
	cr_assert_eq(LOAD("1.2.3.4\r\nexample.com\r\n", &r, &e), -EINVAL);
	cr_assert_str_eq(e.text,
			 "list.txt:2:1: \"example.com\" is a host name, not an address: resolve it first");
	cr_assert_eq(LOAD("1.2.3.4\n1.2\0.3.4\n", &r, &e), -EINVAL);
	cr_assert_str_eq(e.text, "list.txt:2:1: \"1.2\\x00.3.4\" holds a NUL byte: this is not plain text "
				 "(UTF-16, or a binary file?); write one target a line");
	cr_assert_eq(LOAD("1.2.3.4 - 1.2.3.9\n", &r, &e), -EINVAL);
	cr_assert_str_eq(e.text, "list.txt:1:9: \"-\" is not an address: unexpected '-'" FORMS);
	cr_assert_eq(r.count, 1, "a failed file leaves nothing behind");
	ranges_free(&r);
}

Test(target_files, what_cannot_be_read)
{
	struct ranges r = { 0 };
	struct error e;

	cr_assert_eq(targets_load("absent.txt", &r, &e), -ENOENT);
	cr_assert_str_eq(e.text, "absent.txt: cannot be opened: No such file or directory; check the path");
	cr_assert_eq(targets_load("/", &r, &e), -EISDIR);
	cr_assert_str_eq(e.text, "/: is a directory; name a file of targets");
	if (geteuid() != 0) {
		cr_assert_eq(LOAD("1.2.3.4\n", &r, &e), 0);
		cr_assert_eq(chmod("list.txt", 0), 0);
		cr_assert_eq(targets_load("list.txt", &r, &e), -EACCES);
		cr_assert_str_eq(e.text, "list.txt: cannot be opened: Permission denied; "
					 "make it readable for this user");
	}
	cr_assert_eq(targets_load("/proc/self/mem", &r, &e), -EIO);
	cr_assert_str_eq(e.text, "/proc/self/mem: cannot be read after line 0: Input/output error");
	ranges_free(&r);
}

#define LINES 1000000

Test(target_files, address_and_port)
{
	static const struct {
		const char *text, *message;
	} bad[] = {
		{ "1.2.3.4:",
		  "list.txt:1:1: \"1.2.3.4:\" is not a target: what follows ':' is not a port; write "
		  "a.b.c.d:port, port from 0 to 65535" },
		{ "1.2.3.4:65536",
		  "list.txt:1:1: \"1.2.3.4:65536\" is not a target: what follows ':' is not a port; "
		  "write a.b.c.d:port, port from 0 to 65535" },
		{ "1.2.3.4:080",
		  "list.txt:1:1: \"1.2.3.4:080\" is not a target: what follows ':' is not a port; write "
		  "a.b.c.d:port, port from 0 to 65535" },
		{ "1.2.3.0/24:80",
		  "list.txt:1:1: \"1.2.3.0/24:80\" is not a target: a port follows a single address; "
		  "write a.b.c.d:port, port from 0 to 65535" },
		{ ":80", "list.txt:1:1: \":80\" is not an address: it ends too early" FORMS },
		{ "example.com:80",
		  "list.txt:1:1: \"example.com:80\" is not an address: unexpected 'e'" FORMS },
	};
	static const char good[] =
		"1.2.3.4:80\r\n 5.6.7.8, 1.2.3.4:0 # ports\n255.255.255.255:65535\n0.0.0.0\n9.0.0.0/8";
	struct target_set t = { .ranges = { 0 } };
	struct error e;

	write_list(good, sizeof(good) - 1);
	cr_assert_eq(target_set_load("list.txt", true, &t, &e), 0, "%s", e.text);
	cr_assert_eq(t.ranges.count, 1);
	cr_assert_eq(t.addresses.count, 2);
	cr_assert_eq(t.addresses.addr[0], 0x05060708);
	cr_assert_eq(t.pairs.count, 3);
	cr_assert_eq(t.pairs.pair[0], 0x0102030400000000 >> 16 | 80);
	cr_assert_eq(t.pairs.pair[2], 0xffffffffffff);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		write_list(bad[i].text, strlen(bad[i].text));
		cr_assert_eq(target_set_load("list.txt", true, &t, &e), -EINVAL);
		cr_assert_str_eq(e.text, bad[i].message);
		cr_assert(t.ranges.count == 1 && t.addresses.count == 2 && t.pairs.count == 3,
			  "a failed list leaves nothing behind");
	}
	write_list("1.2.3.4\n1.2.3.4:80", 18);
	cr_assert_eq(target_set_load("list.txt", false, &t, &e), -EINVAL, "ports are not taken of all lists");
	cr_assert(t.addresses.count == 2 && t.pairs.count == 3);
	target_set_free(&t);
}

Test(target_files, a_million_lines)
{
	FILE *f = fopen("list.txt", "w");
	struct ranges r = { 0 };
	struct error e = { 0 };

	for (uint32_t i = 0; i < LINES; i++) { /* out of order: 2654435761 is odd */
		uint32_t a = i * 2654435761u;
		fprintf(f, "%u.%u.%u.%u\n", a >> 24, a >> 16 & 255, a >> 8 & 255, a & 255);
	}
	fclose(f);
	cr_assert_eq(targets_load("list.txt", &r, &e), 0, "%s", e.text);
	cr_assert_eq(r.count, LINES);
	ranges_normalise(&r);
	cr_assert_eq(ranges_total(&r), LINES);
	ranges_free(&r);
}

#define TARGETS 100000

Test(target_files, a_long_line)
{
	FILE *f = fopen("list.txt", "w");
	struct ranges r = { 0 };
	struct error e = { 0 };

	for (uint32_t i = 0; i < TARGETS; i++)
		fprintf(f, "10.%u.%u.%u,", i >> 16, i >> 8 & 255, i & 255);
	fclose(f);
	cr_assert_eq(targets_load("list.txt", &r, &e), 0, "%s", e.text);
	ranges_normalise(&r);
	cr_assert_eq(r.count, 1);
	cr_assert_eq(ranges_total(&r), TARGETS);
	ranges_free(&r);
}

Test(target_files, standard_input)
{
	struct ranges r = { 0 };
	struct error e = { 0 };

	cr_assert_eq(LOAD("10.0.0.1\nx..y\n", &r, &e), -EINVAL);
	cr_assert_not_null(freopen("list.txt", "r", stdin));
	cr_assert_eq(targets_load("-", &r, &e), -EINVAL);
	cr_assert_str_eq(e.text, "standard input:2:1: \"x..y\" is not an address: unexpected 'x'" FORMS);
	ranges_free(&r);
}

Test(reserved, unroutable_and_special)
{
	struct ranges r = { 0 };
	static const struct range unroutable[] = { { 0, 0x00ffffff },
						   { 0x7f000000, 0x7fffffff },
						   { 0xa9fe0000, 0xa9feffff },
						   { 0xe0000000, 0xffffffff } };

	cr_assert_eq(targets_reserved(RESERVED_NONE, &r), 0);
	cr_assert_eq(r.count, 0);
	cr_assert_eq(targets_reserved(RESERVED_UNROUTABLE, &r), 0);
	cr_assert_eq(r.count, 4);
	cr_assert_arr_eq(r.range, unroutable, sizeof(unroutable));
	ranges_free(&r);

	cr_assert_eq(targets_reserved(RESERVED_SPECIAL, &r), 0);
	cr_assert_eq(r.count, 10);
	cr_assert_eq(ranges_total(&r),
		     (1 << 24) + (1 << 22) + (1 << 20) + 256 * 3 + (1 << 16) + (1 << 17) + 512);
	ranges_free(&r);

	cr_assert_eq(targets_reserved(RESERVED_UNROUTABLE | RESERVED_SPECIAL, &r), 0);
	cr_assert_eq((1ULL << 32) - ranges_total(&r), 3702258432ULL);
	ranges_free(&r);
}

Test(reserved, names)
{
	cr_assert_str_eq(targets_reserved_name(0x0a010203), "private-use, RFC 1918");
	cr_assert_str_eq(targets_reserved_name(0xac1fffff), "private-use, RFC 1918");
	cr_assert_null(targets_reserved_name(0xac200000));
	cr_assert_str_eq(targets_reserved_name(0xc6130000), "benchmarking, RFC 2544");
	cr_assert_str_eq(targets_reserved_name(0xffffffff), "limited broadcast, RFC 919");
	cr_assert_str_eq(targets_reserved_name(0xfffffffe), "reserved, RFC 1112");
	cr_assert_null(targets_reserved_name(0x08080808));
	cr_assert_null(targets_reserved_name(0x01000000));
}
