/* SPDX-License-Identifier: Apache-2.0 */
/* Both faces of icmp_echoscan: what is in the frames, and which replies are taken. */
#include <criterion/criterion.h>
#include <netinet/ip_icmp.h>

#include "anyscan/probe.h"
#include "stages/probes/cookie_batch.h"
#include "stages/rx/parse.h"
#include "tests/unit/reply_frames.h"
#include "tests/unit/syn_frame.h"

#define TARGET 0xc6336407 /* 198.51.100.7 */
#define OURS 0xc0000201
#define ROUTER 0xcb007101
#define LEN 62
#define ROOM PROBE_FRAME_MAX

static const struct probe_identity identity = {
	.src_mac = { 0x02, 0x00, 0x00, 0x00, 0x00, 0x01 },
	.dst_mac = { 0x02, 0x00, 0x00, 0x00, 0x00, 0xfe },
	.saddr = OURS,
	.sport_first = 32768,
	.sport_last = 61000,
	.ttl = 64,
	.key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
};

static const struct io_match match = {
	.key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
	.local_addr = OURS,
	.port_first = 32768,
	.port_last = 61000,
	.ip_proto = IPPROTO_ICMP,
};

static struct target_block targets;
static uint8_t room[BLOCK_ITEMS][ROOM];
static uint8_t *frame[BLOCK_ITEMS];
static uint16_t len[BLOCK_ITEMS];

static const struct probe_module *module(void)
{
	const struct probe_module *m = probe_find("icmp_echoscan");

	cr_assert_not_null(m);
	for (unsigned int i = 0; i < BLOCK_ITEMS; i++)
		frame[i] = room[i];
	return m;
}

static struct probe_template template_of(const struct probe_identity *id)
{
	struct probe_template t;
	struct error e = { 0 };

	cr_assert_eq(module()->prepare(id, NULL, &t, &e), 0, "%s", e.text);
	return t;
}

/* Decoded and found right, both checksums too, by tshark. */
Test(icmp_echoscan, golden_frame)
{
	static const char golden[] = "0200000000fe0200000000010800"
				     "4500003001eb000040018ca6c0000201c6336407"
				     "0800f92be5f518de"
				     "0000000000000000000000000000000000000000";
	const struct probe_template t = template_of(&identity);
	char hex[2 * LEN + 1];

	targets.daddr[0] = TARGET;
	module()->compose(&t, &targets, 0, 1, frame, len);
	cr_assert_eq(len[0], LEN);
	cr_assert_eq(probe_frame_len(&t), LEN);
	for (unsigned int i = 0; i < LEN; i++)
		sprintf(hex + 2 * i, "%02x", frame[0][i]);
	cr_assert_str_eq(hex, golden);
}

/* The cookie by the scalar function, checksums a byte pair at a time; ports of the block and number of the probe are no matter. */
Test(icmp_echoscan, every_frame_of_every_block)
{
	static const uint8_t zeros[20];
	static const uint32_t edge[] = { 0, 1, 0xffff, 0x10000, 0xffff0000, 0xfffeffff, 0xffffffff };

	for (unsigned int n = 0; n <= BLOCK_ITEMS; n++) {
		struct probe_identity id = identity;

		id.saddr = edge[n % 7];
		id.ttl = (uint8_t)(n + 1);
		id.key.k0 += n;
		const struct probe_template t = template_of(&id);
		const unsigned int first = (BLOCK_ITEMS - n) / 2;

		memset(room, 0xa5, sizeof(room));
		memset(len, 0, sizeof(len));
		targets.probe = n % 3;
		for (unsigned int i = 0; i < BLOCK_ITEMS; i++) {
			targets.daddr[i] = i % 3 == 0 ? edge[(i + n) % 7] : (n << 24 | i) * 2654435761u;
			targets.dport[i] = (uint16_t)(i * 7);
		}
		module()->compose(&t, &targets, first, n, frame, len);
		for (unsigned int i = 0; i < n; i++) {
			const uint8_t *ip = frame[i] + 14, *icmp = ip + 20;
			const uint32_t to = targets.daddr[first + i];

			cr_assert_eq(len[i], LEN);
			cr_assert_eq(syn_get(frame[i], 2), 0x0200);
			cr_assert_eq(syn_get(frame[i] + 12, 2), 0x0800);
			cr_assert_eq(syn_get(ip, 2), 0x4500);
			cr_assert_eq(syn_get(ip + 2, 2), 48);
			cr_assert_eq(syn_get(ip + 6, 2), 0);
			cr_assert_eq(ip[8], id.ttl);
			cr_assert_eq(ip[9], IPPROTO_ICMP);
			cr_assert_eq(syn_get(ip + 12, 4), id.saddr);
			cr_assert_eq(syn_get(ip + 16, 4), to);
			cr_assert_eq(syn_sum(0, ip, 20), 0xffff, "%u of %u", i, n);
			cr_assert_eq(syn_get(icmp, 2), 0x0800);
			cr_assert_eq(syn_get(icmp + 4, 4),
				     cookie(&id.key, id.saddr, to, 0, 0) ^ targets.probe);
			cr_assert_arr_eq(icmp + 8, zeros, 20);
			cr_assert_eq(syn_sum(0, icmp, 28), 0xffff, "%u of %u", i, n);
		}
		for (unsigned int i = n; i < BLOCK_ITEMS; i++)
			cr_assert(len[i] == 0 && room[i][0] == 0xa5, "%u of %u", i, n);
	}
}

Test(icmp_echoscan, a_tag_comes_between)
{
	struct probe_identity id = identity;
	static uint8_t plain[LEN];

	targets.daddr[0] = TARGET;
	struct probe_template t = template_of(&id);
	module()->compose(&t, &targets, 0, 1, frame, len);
	memcpy(plain, frame[0], LEN);
	id.vlan = 7;
	t = template_of(&id);
	cr_assert_eq(probe_frame_len(&t), LEN + 4);
	module()->compose(&t, &targets, 0, 1, frame, len);
	cr_assert_eq(len[0], LEN + 4);
	cr_assert_arr_eq(frame[0], plain, 12);
	cr_assert_eq(syn_get(frame[0] + 12, 4), 0x81000007);
	cr_assert_arr_eq(frame[0] + 16, plain + 12, LEN - 12);
}

Test(icmp_echoscan, has_no_arguments)
{
	struct probe_template t;
	struct error e = { 0 };

	cr_assert_lt(module()->prepare(&identity, "windows", &t, &e), 0);
	cr_assert_str_eq(e.text, "--probe-args \"windows\": icmp_echoscan has none; leave it out");
	cr_assert_not(module()->needs_ports);
	cr_assert_null(module()->answer); /* no connection, so nothing to reset */
}

static uint32_t cookie_of_target(void)
{
	return cookie(&match.key, OURS, TARGET, 0, 0);
}

struct echo {
	uint32_t from, to, echo;
	uint8_t type;
};

static struct bytes echo_frame(struct echo x)
{
	struct bytes b = { .len = 0 };

	add_ethernet(&b, 0x0800);
	add_ipv4(&b, (struct ipv4){ x.from, x.to, IPPROTO_ICMP, 0, 0, 28 });
	add_icmp(&b, x.type, 0);
	b.len -= 4;
	add32(&b, x.echo);
	for (unsigned int i = 0; i < 5; i++)
		add32(&b, 0);
	return b;
}

/* Of ROUTER: TARGET is unreachable; options in the quoted header, 8 bytes behind it. */
static struct bytes error_frame(uint32_t quoted_from, uint8_t quoted_proto, uint8_t quoted_type,
				uint32_t echo, unsigned int options)
{
	struct bytes b = { .len = 0 };

	add_ethernet(&b, 0x0800);
	add_ipv4(&b, (struct ipv4){ ROUTER, OURS, IPPROTO_ICMP, 0, 0, 36 + options });
	add_icmp(&b, ICMP_DEST_UNREACH, 13);
	add_ipv4(&b, (struct ipv4){ quoted_from, TARGET, quoted_proto, options, 0, 28 });
	add_icmp(&b, quoted_type, 0);
	b.len -= 4;
	add32(&b, echo);
	return b;
}

static enum reject accept_cut(const struct bytes *b, uint32_t n, struct reply *r)
{
	const struct frame_view v = view_of(b, n);
	struct packet p;
	enum reject cause = parse_frame(&v, &p);

	if (cause == REJECT_NONE)
		cause = module()->accept(&match, &p, r);
	free((void *)v.data);
	return cause;
}

static enum reject accept_all(struct bytes b)
{
	struct reply r;

	return accept_cut(&b, b.len, &r);
}

Test(icmp_echoscan, takes_an_echo_reply)
{
	const struct bytes b = echo_frame((struct echo){ TARGET, OURS, cookie_of_target(), ICMP_ECHOREPLY });
	struct reply r;

	memset(&r, 0xff, sizeof(r));
	cr_assert_eq(accept_cut(&b, b.len, &r), REJECT_NONE);
	const struct reply expected = {
		.time_ns = 1234567890123456789ULL,
		.saddr = TARGET,
		.daddr = OURS,
		.responder = TARGET,
		.seqnum = cookie_of_target(),
		.ipid = 0xbeef,
		.ttl = 57,
		.class = REPLY_ECHO,
		.echo = 1,
	};
	cr_assert_arr_eq(&r, &expected, sizeof(r));
	cr_assert(reply_success(r.class));
}

/* Of three probes: each one's reply, and no more than that. */
Test(icmp_echoscan, takes_the_replies_of_each_probe)
{
	struct io_match three = match;

	three.last_probe = 2;
	for (uint32_t probe = 0; probe < 300; probe++) {
		const uint32_t echo = cookie_of_target() ^ probe;
		const struct bytes reply = echo_frame((struct echo){ TARGET, OURS, echo, ICMP_ECHOREPLY });
		const struct bytes error = error_frame(OURS, IPPROTO_ICMP, ICMP_ECHO, echo, 0);
		const struct bytes *const both[] = { &reply, &error };

		for (size_t i = 0; i < 2; i++) {
			const struct frame_view v = view_of(both[i], both[i]->len);
			struct packet p;
			struct reply r;

			cr_assert_eq(parse_frame(&v, &p), REJECT_NONE);
			cr_assert_eq(module()->accept(&match, &p, &r),
				     probe == 0 ? REJECT_NONE : REJECT_COOKIE);
			cr_assert_eq(module()->accept(&three, &p, &r),
				     probe <= 2 ? REJECT_NONE : REJECT_COOKIE);
			free((void *)v.data);
		}
	}
}

Test(icmp_echoscan, takes_an_error_that_quotes_the_request)
{
	for (unsigned int options = 0; options <= 40; options += 4) {
		const struct bytes b =
			error_frame(OURS, IPPROTO_ICMP, ICMP_ECHO, cookie_of_target(), options);
		struct reply r;

		memset(&r, 0xff, sizeof(r));
		cr_assert_eq(accept_cut(&b, b.len, &r), REJECT_NONE, "%u", options);
		const struct reply expected = {
			.time_ns = 1234567890123456789ULL,
			.saddr = TARGET,
			.daddr = OURS,
			.responder = ROUTER,
			.seqnum = cookie_of_target(),
			.ipid = 0xbeef,
			.ttl = 57,
			.class = REPLY_ICMP,
			.icmp_type = ICMP_DEST_UNREACH,
			.icmp_code = 13,
			.echo = 1,
		};
		cr_assert_arr_eq(&r, &expected, sizeof(r), "%u", options);
		cr_assert_not(reply_success(r.class));
	}
}

Test(icmp_echoscan, rejects_replies_by_cause)
{
	const uint32_t ours = cookie_of_target();
	static const uint8_t others[] = { ICMP_ECHO, ICMP_TIMESTAMPREPLY, 9, 10, 16, 18, 42, 129, 255 };

	/* one wrong bit of the identifier or of the sequence number */
	for (unsigned int bit = 0; bit < 32; bit++)
		cr_assert_eq(accept_all(echo_frame((struct echo){ TARGET, OURS, ours ^ 1u << bit, 0 })),
			     REJECT_COOKIE, "bit %u", bit);
	cr_assert_eq(accept_all(echo_frame((struct echo){ TARGET, OURS, ours << 16 | ours >> 16, 0 })),
		     REJECT_COOKIE);
	cr_assert_eq(accept_all(echo_frame((struct echo){ TARGET ^ 1, OURS, ours, 0 })), REJECT_COOKIE);
	cr_assert_eq(accept_all(echo_frame((struct echo){ TARGET, OURS ^ 1, ours, 0 })), REJECT_ADDRESS);
	for (unsigned int i = 0; i < sizeof(others); i++)
		cr_assert_eq(accept_all(echo_frame((struct echo){ TARGET, OURS, ours, others[i] })),
			     REJECT_ICMP_TYPE, "type %u", others[i]);
}

Test(icmp_echoscan, rejects_errors_by_cause)
{
	const uint32_t ours = cookie_of_target();

	for (unsigned int bit = 0; bit < 32; bit++)
		cr_assert_eq(accept_all(error_frame(OURS, IPPROTO_ICMP, ICMP_ECHO, ours ^ 1u << bit, 0)),
			     REJECT_COOKIE, "bit %u", bit);
	cr_assert_eq(accept_all(error_frame(OURS ^ 1, IPPROTO_ICMP, ICMP_ECHO, ours, 0)), REJECT_ADDRESS);
	cr_assert_eq(accept_all(error_frame(OURS, IPPROTO_TCP, ICMP_ECHO, ours, 0)), REJECT_PROTOCOL);
	cr_assert_eq(accept_all(error_frame(OURS, IPPROTO_ICMP, ICMP_ECHOREPLY, ours, 0)), REJECT_ICMP_TYPE);
	cr_assert_eq(accept_all(error_frame(OURS, IPPROTO_ICMP, ICMP_TIMESTAMP, ours, 0)), REJECT_ICMP_TYPE);
}

/* A SYN-ACK is nobody's answer to a ping, and an echo reply none to a SYN. */
Test(icmp_echoscan, probes_do_not_take_each_others_replies)
{
	const struct bytes echo =
		echo_frame((struct echo){ TARGET, OURS, cookie_of_target(), ICMP_ECHOREPLY });
	struct bytes tcp = { .len = 0 };
	struct frame_view v = view_of(&echo, echo.len);
	struct packet p;
	struct reply r;

	cr_assert_eq(parse_frame(&v, &p), REJECT_NONE);
	cr_assert_eq(probe_find("tcp_synscan")->accept(&match, &p, &r), REJECT_ICMP_TYPE);
	free((void *)v.data);
	add_ethernet(&tcp, 0x0800);
	add_ipv4(&tcp, (struct ipv4){ TARGET, OURS, IPPROTO_TCP, 0, 0, 20 });
	add_tcp(&tcp, (struct tcp){ 0, 0, 1, cookie_of_target() + 1, 0x12, NULL, 0 });
	cr_assert_eq(accept_all(tcp), REJECT_PROTOCOL);
}

/* Ethernet 14, IP 20, and the 8 bytes that decide; what follows is not needed, and not read. */
Test(icmp_echoscan, every_truncation)
{
	const struct bytes reply =
		echo_frame((struct echo){ TARGET, OURS, cookie_of_target(), ICMP_ECHOREPLY });
	const struct bytes error = error_frame(OURS, IPPROTO_ICMP, ICMP_ECHO, cookie_of_target(), 0);
	struct reply r;

	for (uint32_t n = 0; n <= reply.len; n++)
		cr_assert_eq(accept_cut(&reply, n, &r), n < 42 ? REJECT_SHORT : REJECT_NONE, "%u", n);
	for (uint32_t n = 0; n <= error.len; n++)
		cr_assert_eq(accept_cut(&error, n, &r), n < 70 ? REJECT_SHORT : REJECT_NONE, "%u", n);
}
