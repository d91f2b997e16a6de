/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdio.h>
#include <string.h>

#include "anyscan/record.h"

static const struct record synack = {
	.reply = {
		.time_ns = 1700000000123456789,
		.saddr = 0x01020304,
		.daddr = 0xc0000201,
		.responder = 0x01020304,
		.seqnum = 4000000000,
		.acknum = 17,
		.ts_val = 5,
		.ts_ecr = 6,
		.sport = 443,
		.dport = 40000,
		.ipid = 54321,
		.window = 64240,
		.mss = 1460,
		.ttl = 57,
		.class = REPLY_SYNACK,
		.options = REPLY_OPT_MSS | REPLY_OPT_SACK_PERM | REPLY_OPT_TS,
	},
	.success = true,
};

static const struct record unreachable = {
	.reply = {
		.saddr = 0x01020304,
		.responder = 0x01020301,
		.seqnum = 99,
		.acknum = 1,
		.class = REPLY_ICMP,
		.icmp_type = 3,
		.icmp_code = 13,
	},
	.repeat = true,
	.cooldown = true,
};

static struct field_value get(const char *name, const struct record *r)
{
	const struct field *f = field_find(name, strlen(name));
	struct field_value v;

	memset(&v, 0xff, sizeof(v)); /* a getter must leave nothing of this behind */
	cr_assert_not_null(f, "%s", name);
	f->get(r, &v);
	return v;
}

static void expect_number(const char *name, const struct record *r, uint64_t expected)
{
	const struct field_value v = get(name, r);

	cr_expect_not(v.null, "%s", name);
	cr_expect_eq(v.number, expected, "%s is %lu", name, v.number);
}

static void expect_text(const char *name, const struct record *r, const char *expected)
{
	const struct field_value v = get(name, r);

	cr_expect_not(v.null, "%s", name);
	cr_expect_str_eq(v.text, expected, "%s", name);
}

static void expect_null(const char *name, const struct record *r)
{
	cr_expect(get(name, r).null, "%s", name);
}

Test(fields, an_echo_reply_has_no_ports_and_no_tcp)
{
	static const char *const none[] = {
		"acknum",	  "window",	      "tcpopt_mss", "tcpopt_sack_perm",
		"icmp_responder", "icmp_unreach_str", NULL
	};
	struct record r = { .reply = { .class = REPLY_ECHO,
				       .echo = 1,
				       .seqnum = 0xfedc0102,
				       .saddr = 0x01020304,
				       .responder = 0x01020304 },
			    .success = true };

	for (size_t i = 0; none[i] != NULL; i++)
		expect_null(none[i], &r);
	expect_text("classification", &r, "echoreply");
	expect_number("sport", &r, 0);
	expect_number("dport", &r, 0);
	expect_number("icmp_type", &r, 0);
	expect_number("icmp_code", &r, 0);
	expect_number("icmp_id", &r, 0xfedc);
	expect_number("icmp_seq", &r, 0x0102);
	expect_number("success", &r, 1);

	/* an error that quotes the request, and one that quotes a SYN */
	r.reply.class = REPLY_ICMP;
	expect_number("icmp_id", &r, 0xfedc);
	expect_text("icmp_responder", &r, "1.2.3.4");
	r.reply.echo = 0;
	expect_null("icmp_id", &r);
	expect_null("icmp_seq", &r);
}

/* as ZMap's icmp_echoscan calls them */
Test(fields, other_names)
{
	cr_expect_eq(field_find("type", 4), field_find("icmp_type", 9));
	cr_expect_eq(field_find("code", 4), field_find("icmp_code", 9));
	cr_expect_eq(field_find("seq", 3), field_find("icmp_seq", 8));
	cr_expect_null(field_find("typ", 3));
	cr_expect_null(field_find("types", 5));
}

Test(fields, names_are_those_of_zmap_in_its_order)
{
	static const char *const names[] = { "saddr",	       "saddr_raw",
					     "daddr",	       "daddr_raw",
					     "ipid",	       "ttl",
					     "sport",	       "dport",
					     "seqnum",	       "acknum",
					     "window",	       "tcpopt_mss",
					     "tcpopt_wscale",  "tcpopt_sack_perm",
					     "tcpopt_ts_val",  "tcpopt_ts_ecr",
					     "classification", "success",
					     "icmp_responder", "icmp_type",
					     "icmp_code",      "icmp_unreach_str",
					     "icmp_id",	       "icmp_seq",
					     "repeat",	       "cooldown",
					     "timestamp_str",  "timestamp_ts",
					     "timestamp_us",   NULL };
	size_t i = 0;

	for (; names[i] != NULL; i++) {
		cr_assert_not_null(record_fields[i].name);
		cr_expect_str_eq(record_fields[i].name, names[i]);
		cr_expect_not_null(record_fields[i].help);
	}
	cr_expect_null(record_fields[i].name);
}

Test(fields, find_takes_whole_names_only)
{
	cr_expect_not_null(field_find("saddr,sport", 5));
	cr_expect_null(field_find("saddr_", 6));
	cr_expect_null(field_find("sadd", 4));
	cr_expect_null(field_find("", 0));
}

Test(fields, synack)
{
	expect_text("saddr", &synack, "1.2.3.4");
	expect_text("daddr", &synack, "192.0.2.1");
	expect_number("saddr_raw", &synack, 0x04030201);
	expect_number("daddr_raw", &synack, 0x010200c0);
	expect_number("sport", &synack, 443);
	expect_number("dport", &synack, 40000);
	expect_number("seqnum", &synack, 4000000000);
	expect_number("acknum", &synack, 17);
	expect_number("window", &synack, 64240);
	expect_number("ttl", &synack, 57);
	expect_number("ipid", &synack, 54321);
	expect_number("tcpopt_mss", &synack, 1460);
	expect_number("tcpopt_sack_perm", &synack, 1);
	expect_number("tcpopt_ts_val", &synack, 5);
	expect_number("tcpopt_ts_ecr", &synack, 6);
	expect_null("tcpopt_wscale", &synack);
	expect_text("classification", &synack, "synack");
	expect_number("success", &synack, 1);
	expect_number("repeat", &synack, 0);
	expect_number("cooldown", &synack, 0);
	expect_null("icmp_responder", &synack);
	expect_null("icmp_type", &synack);
	expect_null("icmp_code", &synack);
	expect_null("icmp_unreach_str", &synack);
}

Test(fields, icmp_error)
{
	expect_text("saddr", &unreachable, "1.2.3.4");
	expect_text("icmp_responder", &unreachable, "1.2.3.1");
	expect_number("icmp_type", &unreachable, 3);
	expect_number("icmp_code", &unreachable, 13);
	expect_text("icmp_unreach_str", &unreachable, "administratively prohibited");
	expect_text("classification", &unreachable, "icmp");
	expect_number("seqnum", &unreachable, 99);
	expect_null("acknum", &unreachable); /* beyond the 8 bytes that are quoted */
	expect_null("window", &unreachable);
	expect_null("tcpopt_sack_perm", &unreachable);
	expect_number("success", &unreachable, 0);
	expect_number("repeat", &unreachable, 1);
	expect_number("cooldown", &unreachable, 1);
}

/* What the schema of the json records calls required is there in replies of every class. */
Test(fields, only_nullable_ones_are_null)
{
	for (const struct field *f = record_fields; f->name != NULL; f++) {
		bool ever_null = false;

		for (unsigned int class = 0; class < REPLY_CLASSES; class ++) {
			struct record r = { .reply.class = (uint8_t) class };

			ever_null |= get(f->name, &r).null;
		}
		cr_expect_eq(f->nullable, ever_null, "%s", f->name);
	}
}

/* What the output modules write and what the filter compares are one value. */
Test(fields, put_writes_what_get_says)
{
	struct record r[REPLY_CLASSES + 2] = { synack, unreachable };

	for (unsigned int class = 0; class < REPLY_CLASSES; class ++) {
		memset(&r[2 + class], 0xff, sizeof(r[0].reply));
		r[2 + class].reply.class = class;
	}
	for (const struct field *f = record_fields; f->name != NULL; f++) {
		for (size_t i = 0; i < sizeof(r) / sizeof(r[0]); i++) {
			const struct field_value v = get(f->name, &r[i]);
			char expected[64] = "", text[sizeof(v.text) + 1];
			const size_t n = f->put(&r[i], text);

			cr_assert_lt(n, sizeof(v.text), "%s", f->name);
			text[n] = '\0';
			if (!v.null && f->type == FIELD_STRING)
				strcpy(expected, v.text);
			else if (!v.null)
				snprintf(expected, sizeof(expected), "%lu", v.number);
			cr_expect_str_eq(text, expected, "%s of record %zu", f->name, i);
			cr_expect_eq(strcspn(text, ",\"\\\r\n"), n, "%s needs quoting", f->name);
		}
	}
}

Test(fields, code_beyond_the_table)
{
	struct record r = unreachable;

	r.reply.icmp_code = 200;
	expect_text("icmp_unreach_str", &r, "unknown code");
	r.reply.icmp_type = 11;
	expect_null("icmp_unreach_str", &r);
}

Test(fields, time)
{
	expect_text("timestamp_str", &synack, "2023-11-14T22:13:20.123Z");
	expect_number("timestamp_ts", &synack, 1700000000);
	expect_number("timestamp_us", &synack, 123456);
}

Test(fields, addresses_at_the_edges)
{
	struct record r = synack;

	r.reply.saddr = 0;
	expect_text("saddr", &r, "0.0.0.0");
	r.reply.saddr = 0xffffffff;
	expect_text("saddr", &r, "255.255.255.255");
	r.reply.saddr = 0x0a64c809;
	expect_text("saddr", &r, "10.100.200.9");
}
