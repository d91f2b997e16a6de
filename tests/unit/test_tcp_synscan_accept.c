/* SPDX-License-Identifier: Apache-2.0 */
/* The receiving face: what answers this scan, and by which cause the rest is turned away. */
#include <criterion/criterion.h>

#include "anyscan/probe.h"
#include "stages/rx/parse.h"
#include "tests/unit/reply_frames.h"

#define TARGET 0xc6336407
#define OURS 0xc0000201
#define ROUTER 0xcb007101
#define FIN 1
#define SYN 2
#define RST 4
#define PSH 8
#define ACK 16

static const struct io_match match = {
	.key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	.local_addr = OURS,
	.port_first = 40000,
	.port_last = 40009,
	.ip_proto = IPPROTO_TCP,
};

static enum reject accept_cut(const struct bytes *b, uint32_t len, struct reply *r)
{
	const struct frame_view v = view_of(b, len);
	struct packet p;
	enum reject cause = parse_frame(&v, &p);

	if (cause == REJECT_NONE)
		cause = probe_modules[0]->accept(&match, &p, r);
	free((void *)v.data);
	return cause;
}

static enum reject accept_all(const struct bytes *b, struct reply *r)
{
	return accept_cut(b, b->len, r);
}

/* The cookie of the probe from OURS:port to TARGET:443. */
static uint32_t cookie_of(uint16_t port)
{
	return cookie(&match.key, OURS, TARGET, 443, port);
}

static struct bytes tcp_reply(uint32_t daddr, uint16_t dport, uint32_t ack, uint8_t flags)
{
	static const uint8_t options[] = { 2, 4, 0x05, 0xb4, 1, 3, 3, 7 };
	struct bytes b = { .len = 0 };

	add_ethernet(&b, 0x0800);
	add_ipv4(&b, (struct ipv4){ TARGET, daddr, IPPROTO_TCP, 0, 0, 28 });
	add_tcp(&b, (struct tcp){ 443, dport, 0x01020304, ack, flags, options, sizeof(options) });
	return b;
}

static struct bytes icmp_error(uint8_t type, uint32_t daddr, uint32_t quoted_saddr, uint8_t quoted_proto,
			       uint16_t quoted_sport, uint32_t quoted_seq)
{
	struct bytes b = { .len = 0 };

	add_ethernet(&b, 0x0800);
	add_ipv4(&b, (struct ipv4){ ROUTER, daddr, IPPROTO_ICMP, 0, 0, 36 });
	add_icmp(&b, type, 10);
	add_ipv4(&b, (struct ipv4){ quoted_saddr, TARGET, quoted_proto, 0, 0, 52 - 20 });
	add16(&b, quoted_sport);
	add16(&b, 443);
	add32(&b, quoted_seq);
	return b;
}

Test(accept, syn_ack)
{
	const struct bytes b = tcp_reply(OURS, 40003, cookie_of(40003) + 1, SYN | ACK);
	struct reply r;

	memset(&r, 0xff, sizeof(r));
	cr_assert_eq(accept_all(&b, &r), REJECT_NONE);
	const struct reply expected = {
		.time_ns = 1234567890123456789ULL,
		.saddr = TARGET,
		.daddr = OURS,
		.responder = TARGET,
		.seqnum = 0x01020304,
		.acknum = cookie_of(40003) + 1,
		.sport = 443,
		.dport = 40003,
		.ipid = 0xbeef,
		.window = 64240,
		.mss = 1460,
		.ttl = 57,
		.class = REPLY_SYNACK,
		.options = REPLY_OPT_MSS | REPLY_OPT_WSCALE,
		.wscale = 7,
		.tcp_flags = SYN | ACK,
	};
	cr_assert_arr_eq(&r, &expected, sizeof(r));
}

/* history 7 */
Test(accept, first_and_last_source_port)
{
	struct reply r;

	for (uint16_t port = 39998; port <= 40011; port++) {
		const struct bytes b = tcp_reply(OURS, port, cookie_of(port) + 1, SYN | ACK);
		const bool ours = port >= 40000 && port <= 40009;

		cr_assert_eq(accept_all(&b, &r), ours ? REJECT_NONE : REJECT_PORT, "%u", port);
	}
}

/* history 7 */
Test(accept, the_whole_port_space)
{
	struct io_match all = match;
	struct reply r;

	all.port_first = 0;
	all.port_last = 65535;
	for (uint32_t port = 0; port <= 65535; port += 65535) {
		const struct bytes b =
			tcp_reply(OURS, (uint16_t)port, cookie_of((uint16_t)port) + 1, SYN | ACK);
		const struct frame_view v = { .data = b.at, .len = b.len };
		struct packet p;

		cr_assert_eq(parse_frame(&v, &p), REJECT_NONE);
		cr_assert_eq(probe_modules[0]->accept(&all, &p, &r), REJECT_NONE);
	}
}

/* 195.30.238.229 is the one address whose cookie under this key is all ones: its answer acknowledges 0. */
/* history 7 */
Test(accept, acknowledgement_wraps_to_zero)
{
	struct bytes b = { .len = 0 };
	struct reply r;

	cr_assert_eq(cookie(&match.key, OURS, 0xc31eeee5, 443, 40000), 0xffffffff);
	for (uint32_t ack = 0; ack < 2; ack++) {
		b.len = 0;
		add_ethernet(&b, 0x0800);
		add_ipv4(&b, (struct ipv4){ 0xc31eeee5, OURS, IPPROTO_TCP, 0, 0, 20 });
		add_tcp(&b, (struct tcp){ 443, 40000, 1, ack, SYN | ACK, NULL, 0 });
		cr_assert_eq(accept_all(&b, &r), ack == 0 ? REJECT_NONE : REJECT_COOKIE);
	}
}

Test(accept, flags)
{
	for (unsigned int flags = 0; flags < 256; flags++) {
		const struct bytes b = tcp_reply(OURS, 40000, cookie_of(40000) + 1, (uint8_t)flags);
		/* PSH, URG, ECE and CWR decide nothing */
		const unsigned int deciding = flags & (SYN | ACK | RST | FIN);
		const bool synack = deciding == (SYN | ACK), rst = deciding == RST || deciding == (RST | ACK);
		struct reply r;

		cr_assert_eq(accept_all(&b, &r), synack || rst ? REJECT_NONE : REJECT_FLAGS, "%#x", flags);
		if (synack || rst)
			cr_assert_eq(r.class, rst ? REPLY_RST : REPLY_SYNACK);
	}
}

/* history 7 */
Test(accept, which_acknowledgements)
{
	const uint32_t c = cookie_of(40000);
	const struct {
		uint8_t flags;
		uint32_t ack;
		enum reject cause;
	} reply[] = {
		{ SYN | ACK, c + 1, REJECT_NONE },   { SYN | ACK, c, REJECT_COOKIE },
		{ SYN | ACK, c + 2, REJECT_COOKIE }, { SYN | ACK, c - 1, REJECT_COOKIE },
		{ SYN | ACK, 0, REJECT_COOKIE },     { SYN | ACK, ~c, REJECT_COOKIE },
		{ RST | ACK, c + 1, REJECT_NONE },   { RST | ACK, c, REJECT_NONE },
		{ RST | ACK, c + 2, REJECT_COOKIE }, { RST | ACK, c - 1, REJECT_COOKIE },
		{ RST, c + 1, REJECT_NONE },	     { RST, c, REJECT_NONE },
		{ RST, 0, REJECT_COOKIE },	     { RST, c + 2, REJECT_COOKIE },
	};
	struct reply r;

	for (unsigned int i = 0; i < sizeof(reply) / sizeof(reply[0]); i++) {
		const struct bytes b = tcp_reply(OURS, 40000, reply[i].ack, reply[i].flags);

		cr_assert_eq(accept_all(&b, &r), reply[i].cause, "row %u", i);
	}
}

Test(accept, forged_by_every_field_of_the_cookie)
{
	const struct bytes right = tcp_reply(OURS, 40000, cookie_of(40000) + 1, SYN | ACK);
	struct reply r;

	for (unsigned int bit = 0; bit < 32; bit++) { /* the address that answers */
		struct bytes b = right;

		b.at[26 + bit / 8] ^= (uint8_t)(1 << bit % 8);
		cr_assert_eq(accept_all(&b, &r), REJECT_COOKIE);
		b = right; /* the acknowledgement */
		b.at[42 + bit / 8] ^= (uint8_t)(1 << bit % 8);
		cr_assert_eq(accept_all(&b, &r), REJECT_COOKIE);
	}
	for (unsigned int bit = 0; bit < 16; bit++) { /* the port that answers */
		struct bytes b = right;

		b.at[34 + bit / 8] ^= (uint8_t)(1 << bit % 8);
		cr_assert_eq(accept_all(&b, &r), REJECT_COOKIE);
	}
	for (uint16_t port = 40001; port <= 40009; port++) { /* a port of ours, but another probe's */
		const struct bytes b = tcp_reply(OURS, port, cookie_of(40000) + 1, SYN | ACK);

		cr_assert_eq(accept_all(&b, &r), REJECT_COOKIE);
	}
}

/* The first cause in the order of enum reject is the one that is told. */
Test(accept, order_of_causes)
{
	struct bytes b = tcp_reply(OURS + 1, 39999, 7, FIN);
	struct reply r;

	b.at[23] = IPPROTO_UDP;
	cr_assert_eq(accept_all(&b, &r), REJECT_PROTOCOL);
	b = tcp_reply(OURS + 1, 39999, 7, FIN);
	cr_assert_eq(accept_all(&b, &r), REJECT_ADDRESS);
	b = tcp_reply(OURS, 39999, 7, FIN);
	cr_assert_eq(accept_all(&b, &r), REJECT_PORT);
	b = tcp_reply(OURS, 40000, 7, FIN);
	cr_assert_eq(accept_all(&b, &r), REJECT_FLAGS);
	b = tcp_reply(OURS, 40000, 7, SYN | ACK);
	cr_assert_eq(accept_all(&b, &r), REJECT_COOKIE);
	b = icmp_error(8, OURS + 1, OURS, IPPROTO_TCP, 40000, cookie_of(40000));
	cr_assert_eq(accept_all(&b, &r), REJECT_ADDRESS);
	b = icmp_error(8, OURS, OURS, IPPROTO_TCP, 40000, cookie_of(40000));
	cr_assert_eq(accept_all(&b, &r), REJECT_ICMP_TYPE);
}

Test(accept, icmp_error_of_every_type)
{
	const uint8_t type[] = { 3, 4, 5, 11, 12 };

	for (unsigned int i = 0; i < sizeof(type); i++) {
		const struct bytes b = icmp_error(type[i], OURS, OURS, IPPROTO_TCP, 40009, cookie_of(40009));
		struct reply r;

		memset(&r, 0xff, sizeof(r));
		cr_assert_eq(accept_all(&b, &r), REJECT_NONE);
		const struct reply expected = {
			.time_ns = 1234567890123456789ULL,
			.saddr = TARGET,
			.daddr = OURS,
			.responder = ROUTER,
			.seqnum = cookie_of(40009),
			.sport = 443,
			.dport = 40009,
			.ipid = 0xbeef,
			.ttl = 57,
			.class = REPLY_ICMP,
			.icmp_type = type[i],
			.icmp_code = 10,
		};
		cr_assert_arr_eq(&r, &expected, sizeof(r));
	}
}

Test(accept, icmp_errors_that_quote_something_else)
{
	const uint32_t c = cookie_of(40000);
	struct reply r;
	struct bytes b;

	b = icmp_error(3, OURS, OURS, IPPROTO_UDP, 40000, c);
	cr_assert_eq(accept_all(&b, &r), REJECT_PROTOCOL);
	b = icmp_error(3, OURS, OURS + 1, IPPROTO_TCP, 40000, c);
	cr_assert_eq(accept_all(&b, &r), REJECT_ADDRESS);
	b = icmp_error(3, OURS + 1, OURS, IPPROTO_TCP, 40000, c);
	cr_assert_eq(accept_all(&b, &r), REJECT_ADDRESS);
	b = icmp_error(3, OURS, OURS, IPPROTO_TCP, 39999, cookie_of(39999));
	cr_assert_eq(accept_all(&b, &r), REJECT_PORT);
	b = icmp_error(3, OURS, OURS, IPPROTO_TCP, 40010, cookie_of(40010));
	cr_assert_eq(accept_all(&b, &r), REJECT_PORT);
	b = icmp_error(3, OURS, OURS, IPPROTO_TCP, 40000, c + 1); /* what a SYN-ACK would carry */
	cr_assert_eq(accept_all(&b, &r), REJECT_COOKIE);
	b = icmp_error(3, OURS, OURS, IPPROTO_TCP, 40000, c);
	b.at[14 + 20 + 8 + 19] ^= 1; /* the quoted destination */
	cr_assert_eq(accept_all(&b, &r), REJECT_COOKIE);
}

/* RFC 792 promises 8 bytes of the probe's transport header; with fewer nothing can be checked. */
/* history 7 */
Test(accept, every_truncation)
{
	const struct bytes quote = icmp_error(3, OURS, OURS, IPPROTO_TCP, 40000, cookie_of(40000));
	const struct bytes tcp = tcp_reply(OURS, 40000, cookie_of(40000) + 1, SYN | ACK);
	struct reply r;

	for (uint32_t len = 0; len <= quote.len; len++)
		cr_assert_eq(accept_cut(&quote, len, &r), len < 70 ? REJECT_SHORT : REJECT_NONE,
			     "quote, %u bytes", len);
	for (uint32_t len = 0; len <= tcp.len; len++)
		cr_assert_eq(accept_cut(&tcp, len, &r), len < 54 ? REJECT_SHORT : REJECT_NONE,
			     "tcp, %u bytes", len);
}
