/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>

#include "stages/rx/parse.h"
#include "tests/unit/reply_frames.h"

#define TARGET 0xc6336407 /* 198.51.100.7 */
#define OURS 0xc0000201
#define ROUTER 0xcb007101

static const uint8_t syn_ack_options[] = {
	2, 4, 0x05, 0xb4, 4, 2, 8, 10, 1, 2, 3, 4, 5, 6, 7, 8, 1, 3, 3, 7
};

static void add_reply(struct bytes *b, unsigned int ip_options, unsigned int fragment)
{
	const unsigned int tcp_len = 20 + sizeof(syn_ack_options);

	add_ipv4(b, (struct ipv4){ TARGET, OURS, IPPROTO_TCP, ip_options, fragment, tcp_len });
	add_tcp(b, (struct tcp){ 443, 40000, 0x11223344, 0x55667788, 0x12, syn_ack_options,
				 sizeof(syn_ack_options) });
}

static void add_error(struct bytes *b, unsigned int type, unsigned int inner_options,
		      unsigned int inner_fragment)
{
	add_ipv4(b, (struct ipv4){ ROUTER, OURS, IPPROTO_ICMP, 0, 0, 8 + 20 + inner_options + 8 });
	add_icmp(b, type, 13);
	add_ipv4(b, (struct ipv4){ OURS, TARGET, IPPROTO_TCP, inner_options, inner_fragment, 32 });
	add16(b, 40000);
	add16(b, 443);
	add32(b, 0xcafef00d);
}

static enum reject parse_cut(const struct bytes *b, uint32_t len, struct packet *p)
{
	const struct frame_view v = view_of(b, len);
	const enum reject cause = parse_frame(&v, p);

	if (cause == REJECT_NONE && p->l4 != NULL)
		cr_assert(p->l4 >= v.data && p->l4 + p->l4_len <= v.data + v.len,
			  "l4 lies outside of %u bytes", len);
	p->l4 = NULL;
	free((void *)v.data);
	return cause;
}

static enum reject parse_all(const struct bytes *b, struct packet *p)
{
	return parse_cut(b, b->len, p);
}

static void check_reply(const struct packet *p)
{
	cr_assert_eq(p->time_ns, 1234567890123456789ULL);
	cr_assert_eq(p->saddr, TARGET);
	cr_assert_eq(p->daddr, OURS);
	cr_assert_eq(p->ipid, 0xbeef);
	cr_assert_eq(p->ttl, 57);
	cr_assert_eq(p->ip_proto, IPPROTO_TCP);
	cr_assert_eq(p->l4_len, 40);
	cr_assert(!p->quoted);
}

Test(parse_frame, plain)
{
	struct bytes b = { .len = 0 };
	struct packet p;

	add_ethernet(&b, 0x0800);
	add_reply(&b, 0, 0);
	cr_assert_eq(parse_all(&b, &p), REJECT_NONE);
	check_reply(&p);
}

Test(parse_frame, padding_is_not_payload)
{
	struct bytes b = { .len = 0 };
	struct packet p;

	add_ethernet(&b, 0x0800);
	add_reply(&b, 0, 0);
	add32(&b, 0xffffffff);
	cr_assert_eq(parse_all(&b, &p), REJECT_NONE);
	check_reply(&p);
}

/* history 7 */
Test(parse_frame, one_and_two_vlan_tags_but_not_three)
{
	struct packet p;

	for (unsigned int tags = 1; tags <= 3; tags++) {
		struct bytes b = { .len = 0 };

		add_ethernet(&b, tags == 1 ? 0x8100 : 0x88a8);
		for (unsigned int i = 1; i <= tags; i++) {
			add16(&b, 100 + i);
			add16(&b, i < tags ? 0x8100 : 0x0800);
		}
		add_reply(&b, 0, 0);
		cr_assert_eq(parse_all(&b, &p), tags <= 2 ? REJECT_NONE : REJECT_NOT_IP, "%u tags", tags);
		if (tags <= 2)
			check_reply(&p);
	}
}

/* history 7 */
Test(parse_frame, ip_options_of_every_length)
{
	for (unsigned int options = 0; options <= 40; options += 4) {
		struct bytes b = { .len = 0 };
		struct packet p;

		add_ethernet(&b, 0x0800);
		add_reply(&b, options, 0);
		cr_assert_eq(parse_all(&b, &p), REJECT_NONE);
		check_reply(&p);
	}
}

/* history 7 */
Test(parse_frame, fragments)
{
	const struct {
		unsigned int field;
		enum reject cause;
	} fragment[] = {
		{ 0x4000, REJECT_NONE }, /* DF */
		{ 0x2000, REJECT_NONE }, /* the first of several */
		{ 0x2001, REJECT_FRAGMENT }, { 0x0001, REJECT_FRAGMENT }, { 0x1fff, REJECT_FRAGMENT },
	};

	for (unsigned int i = 0; i < sizeof(fragment) / sizeof(fragment[0]); i++) {
		struct bytes b = { .len = 0 };
		struct packet p;

		add_ethernet(&b, 0x0800);
		add_reply(&b, 0, fragment[i].field);
		cr_assert_eq(parse_all(&b, &p), fragment[i].cause, "%#x", fragment[i].field);
	}
}

Test(parse_frame, what_is_not_ipv4)
{
	struct bytes arp = { .len = 0 }, v6 = { .len = 0 }, short_ihl = { .len = 0 }, total = { .len = 0 };
	struct packet p;

	add_ethernet(&arp, 0x0806);
	add_reply(&arp, 0, 0);
	cr_assert_eq(parse_all(&arp, &p), REJECT_NOT_IP);
	add_ethernet(&v6, 0x0800);
	add_reply(&v6, 0, 0);
	v6.at[14] = 0x65;
	cr_assert_eq(parse_all(&v6, &p), REJECT_NOT_IP);
	add_ethernet(&short_ihl, 0x0800);
	add_reply(&short_ihl, 0, 0);
	short_ihl.at[14] = 0x44;
	cr_assert_eq(parse_all(&short_ihl, &p), REJECT_NOT_IP);
	add_ethernet(&total, 0x0800);
	add_reply(&total, 0, 0);
	total.at[16] = 0;
	total.at[17] = 19; /* a total length within the header */
	cr_assert_eq(parse_all(&total, &p), REJECT_SHORT);
}

Test(parse_frame, protocols)
{
	for (unsigned int proto = 0; proto < 256; proto++) {
		struct bytes b = { .len = 0 };
		struct packet p;

		add_ethernet(&b, 0x0800);
		add_reply(&b, 0, 0);
		b.at[23] = (uint8_t)proto;
		b.at[34] = 8; /* an echo request, if it is ICMP */
		cr_assert_eq(parse_all(&b, &p),
			     proto == IPPROTO_TCP || proto == IPPROTO_UDP || proto == IPPROTO_ICMP ?
				     REJECT_NONE :
				     REJECT_PROTOCOL,
			     "%u", proto);
	}
}

Test(parse_frame, icmp_errors_quote_and_nothing_else_does)
{
	for (unsigned int type = 0; type < 256; type++) {
		const bool error = type == 3 || type == 4 || type == 5 || type == 11 || type == 12;
		struct bytes b = { .len = 0 };
		struct packet p;

		add_ethernet(&b, 0x0800);
		add_error(&b, type, 0, 0x4000);
		cr_assert_eq(parse_all(&b, &p), REJECT_NONE);
		cr_assert_eq(p.quoted, error, "type %u", type);
		cr_assert_eq(p.icmp_type, type);
		cr_assert_eq(p.icmp_code, 13);
		cr_assert_eq(p.saddr, ROUTER);
		cr_assert_eq(p.daddr, OURS);
		cr_assert_eq(p.ip_proto, error ? IPPROTO_TCP : IPPROTO_ICMP);
		cr_assert_eq(p.quoted_saddr, error ? OURS : 0);
		cr_assert_eq(p.quoted_daddr, error ? TARGET : 0);
		cr_assert_eq(p.l4_len, error ? 8 : 36);
	}
}

/* history 7 */
Test(parse_frame, quoted_header_with_options)
{
	for (unsigned int options = 0; options <= 40; options += 4) {
		struct bytes b = { .len = 0 };
		struct frame_view v;
		struct packet p;

		add_ethernet(&b, 0x0800);
		add_error(&b, 3, options, 0);
		v = view_of(&b, b.len);
		cr_assert_eq(parse_frame(&v, &p), REJECT_NONE);
		cr_assert_eq(p.l4_len, 8);
		cr_assert_eq(p.l4 - v.data, 14 + 20 + 8 + 20 + options);
		cr_assert_eq(p.l4[7], 0x0d);
		free((void *)v.data);
	}
}

Test(parse_frame, quotes_that_tell_nothing)
{
	struct bytes b = { .len = 0 };
	struct packet p;

	add_ethernet(&b, 0x0800);
	add_error(&b, 3, 0, 0x0010);
	cr_assert_eq(parse_all(&b, &p), REJECT_FRAGMENT);
	b.at[42] = 0x60;
	cr_assert_eq(parse_all(&b, &p), REJECT_NOT_IP);
}

/* Every cut of every kind of frame: no byte past the end is read (ASan), and the cause is what is missing. */
/* history 7 */
Test(parse_frame, every_truncation)
{
	for (unsigned int kind = 0; kind < 4; kind++) {
		struct bytes b = { .len = 0 };
		uint32_t headers; /* up to the transport header */
		struct packet p;

		if (kind == 1) {
			add_ethernet(&b, 0x88a8);
			add32(&b, 0x00018100);
			add32(&b, 0x00020800);
		} else {
			add_ethernet(&b, 0x0800);
		}
		if (kind < 3)
			add_reply(&b, kind == 2 ? 12 : 0, 0);
		else
			add_error(&b, 3, 8, 0);
		headers = (uint32_t[]){ 34, 42, 46, 70 }[kind];
		for (uint32_t len = 0; len <= b.len; len++) {
			const enum reject cause = parse_cut(&b, len, &p);

			cr_assert_eq(cause, len < headers ? REJECT_SHORT : REJECT_NONE,
				     "kind %u, %u of %u bytes: %d", kind, len, b.len, cause);
			if (cause == REJECT_NONE)
				cr_assert_eq(p.l4_len, len - headers);
		}
	}
}

static bool tcp_of(const void *options, unsigned int options_len, uint32_t cut, struct reply *r)
{
	struct bytes b = { .len = 0 };
	struct frame_view v;
	bool ok;

	memset(r, 0, sizeof(*r));
	add_tcp(&b, (struct tcp){ 443, 40000, 0x11223344, 0x55667788, 0x12, options, options_len });
	v = view_of(&b, cut < b.len ? cut : b.len);
	ok = parse_tcp(v.data, v.len, r);
	free((void *)v.data);
	return ok;
}

Test(parse_tcp, fields_and_options)
{
	struct reply r;

	cr_assert(tcp_of(syn_ack_options, sizeof(syn_ack_options), UINT32_MAX, &r));
	cr_assert_eq(r.sport, 443);
	cr_assert_eq(r.dport, 40000);
	cr_assert_eq(r.seqnum, 0x11223344);
	cr_assert_eq(r.acknum, 0x55667788);
	cr_assert_eq(r.tcp_flags, 0x12);
	cr_assert_eq(r.window, 64240);
	cr_assert_eq(r.options, REPLY_OPT_MSS | REPLY_OPT_WSCALE | REPLY_OPT_SACK_PERM | REPLY_OPT_TS);
	cr_assert_eq(r.mss, 1460);
	cr_assert_eq(r.wscale, 7);
	cr_assert_eq(r.ts_val, 0x01020304);
	cr_assert_eq(r.ts_ecr, 0x05060708);
}

Test(parse_tcp, every_truncation)
{
	struct reply r;

	for (uint32_t len = 0; len <= 40; len++) {
		const unsigned int expected =
			(len >= 24 ? REPLY_OPT_MSS : 0) | (len >= 26 ? REPLY_OPT_SACK_PERM : 0) |
			(len >= 36 ? REPLY_OPT_TS : 0) | (len >= 40 ? REPLY_OPT_WSCALE : 0);

		cr_assert_eq(tcp_of(syn_ack_options, sizeof(syn_ack_options), len, &r), len >= 20, "%u", len);
		cr_assert_eq(r.options, expected, "%u bytes: %#x", len, r.options);
	}
}

Test(parse_tcp, data_is_not_options)
{
	struct bytes b = { .len = 0 };
	struct reply r = { 0 };

	add_tcp(&b, (struct tcp){ 443, 40000, 1, 2, 0x12, NULL, 0 });
	add(&b, syn_ack_options, sizeof(syn_ack_options));
	cr_assert(parse_tcp(b.at, b.len, &r));
	cr_assert_eq(r.options, 0);
}

/* history 7 */
Test(parse_tcp, broken_options_end_the_list)
{
	const struct {
		uint8_t bytes[12];
		uint8_t options;
	} list[] = {
		{ { 2, 4, 5, 180, 8, 0, 4, 2, 3, 3, 7, 0 }, REPLY_OPT_MSS }, /* length 0: zmap hung on it */
		{ { 2, 4, 5, 180, 8, 1, 4, 2, 3, 3, 7, 0 }, REPLY_OPT_MSS }, /* shorter than its own header */
		{ { 2, 4, 5, 180, 0, 0, 4, 2, 3, 3, 7, 0 }, REPLY_OPT_MSS }, /* end of list */
		{ { 2, 4, 5, 180, 8, 10, 1, 1, 1, 1, 1, 1 }, REPLY_OPT_MSS }, /* longer than the header */
		{ { 2, 4, 5, 180, 1, 1, 1, 1, 1, 1, 1, 4 }, REPLY_OPT_MSS }, /* a kind without a length */
		{ { 2, 3, 5, 3, 3, 7, 1, 1, 4, 2, 0, 0 },
		  REPLY_OPT_WSCALE | REPLY_OPT_SACK_PERM }, /* MSS of 3 */
		{ { 254, 8, 1, 2, 3, 4, 5, 6, 4, 2, 1, 1 }, REPLY_OPT_SACK_PERM }, /* unknown: skipped */
		{ { 2, 255, 0, 0, 4, 2, 1, 1, 1, 1, 1, 1 }, 0 },
	};
	struct reply r;

	for (unsigned int i = 0; i < sizeof(list) / sizeof(list[0]); i++) {
		cr_assert(tcp_of(list[i].bytes, 12, UINT32_MAX, &r));
		cr_assert_eq(r.options, list[i].options, "list %u: %#x", i, r.options);
	}
}

Test(parse_tcp, data_offset_below_the_header)
{
	struct bytes b = { .len = 0 };
	struct reply r = { 0 };

	add_tcp(&b, (struct tcp){ 443, 40000, 1, 2, 0x12, NULL, 0 });
	b.at[12] = 0x40;
	cr_assert(!parse_tcp(b.at, b.len, &r));
	b.at[12] = 0xf0; /* beyond what was captured: the fixed part counts */
	cr_assert(parse_tcp(b.at, b.len, &r));
	cr_assert_eq(r.acknum, 2);
}
