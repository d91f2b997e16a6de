/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The XDP program itself, run by the kernel on frames of ours (BPF_PROG_TEST_RUN), in both forms in which it reads a
 * frame. No socket is in its map: what it would redirect passes, and is counted as a reply without a socket.
 */
#include <bpf/bpf.h>
#include <bpf/libbpf.h>
#include <criterion/criterion.h>

#include "anyscan/cookie.h"
#include "io/af_xdp/redirect.h"
#include "reply_redirect.skel.h"
#include "tests/unit/reply_frames.h"

#define LOCAL 0xc6120001u /* 198.18.0.1 */
#define REMOTE 0x0a000007u
#define SPORT 40000
#define SYN_ACK 0x12
#define RST_ACK 0x14

static const struct cookie_key key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 };
static struct reply_redirect *program;

static void load(uint8_t protocol, uint8_t last_probe, bool by_helper)
{
	libbpf_print_fn_t print = libbpf_set_print(NULL);
	int rc;

	program = reply_redirect__open();
	cr_assert_not_null(program);
	program->rodata->key.k0 = key.k0;
	program->rodata->key.k1 = key.k1;
	program->rodata->local_addr = LOCAL;
	program->rodata->port_first = SPORT;
	program->rodata->port_last = SPORT + 99;
	program->rodata->ip_proto = protocol;
	program->rodata->last_probe = last_probe;
	program->rodata->by_helper = by_helper;
	rc = reply_redirect__load(program);
	libbpf_set_print(print);
	if (rc != 0)
		cr_skip_test("this host does not let us load XDP programs");
}

static uint32_t expected(void)
{
	return cookie(&key, LOCAL, REMOTE, 443, SPORT + 5);
}

/* What became of it: the action, which must be PASS, and the one cause that was counted. */
static unsigned int cause_of(const struct bytes *b)
{
	LIBBPF_OPTS(bpf_test_run_opts, run, .data_in = b->at, .data_size_in = b->len < 60 ? 60 : b->len);
	uint64_t before[FILTER_SLOTS], after[FILTER_SLOTS];
	unsigned int cause = FILTER_SLOTS;

	filter_counts_sum(program->bss->counts, before);
	cr_assert_eq(bpf_prog_test_run_opts(bpf_program__fd(program->progs.anyscan_replies), &run), 0);
	cr_assert_eq(run.retval, XDP_PASS, "the kernel keeps what has no socket, and all else");
	filter_counts_sum(program->bss->counts, after);
	for (unsigned int i = 0; i < FILTER_CAUSES; i++) {
		if (after[i] == before[i])
			continue;
		cr_assert_eq(after[i], before[i] + 1);
		cr_assert_eq(cause, FILTER_SLOTS, "one cause a frame");
		cause = i;
	}
	cr_assert_eq(after[REDIRECT_NO_SOCKET] - before[REDIRECT_NO_SOCKET], cause == FILTER_PASSED);
	return cause;
}

static unsigned int tcp_reply(unsigned int vlans, unsigned int options, uint8_t flags, uint32_t ack,
			      uint16_t dport, uint32_t daddr)
{
	struct bytes b = { .len = 0 };

	add_ethernet(&b, vlans > 0 ? 0x8100 : 0x0800);
	for (unsigned int i = 0; i < vlans; i++) {
		add16(&b, 7);
		add16(&b, i + 1 < vlans ? 0x8100 : 0x0800);
	}
	add_ipv4(&b, (struct ipv4){ .saddr = REMOTE,
				    .daddr = daddr,
				    .proto = IPPROTO_TCP,
				    .options = options,
				    .payload = 20 });
	add_tcp(&b, (struct tcp){ .sport = 443, .dport = dport, .seq = 1, .ack = ack, .flags = flags });
	return cause_of(&b);
}

static unsigned int icmp_reply(unsigned int type, uint32_t seq)
{
	struct bytes b = { .len = 0 };

	add_ethernet(&b, 0x0800);
	add_ipv4(&b,
		 (struct ipv4){ .saddr = 0x0a0000fe, .daddr = LOCAL, .proto = IPPROTO_ICMP, .payload = 36 });
	add_icmp(&b, type, 1);
	add_ipv4(&b, (struct ipv4){ .saddr = LOCAL, .daddr = REMOTE, .proto = IPPROTO_TCP, .payload = 20 });
	add16(&b, SPORT + 5);
	add16(&b, 443);
	add32(&b, seq);
	return cause_of(&b);
}

static void judge(bool by_helper)
{
	struct bytes arp = { .len = 0 };

	load(IPPROTO_TCP, 0, by_helper);
	cr_expect_eq(tcp_reply(0, 0, SYN_ACK, expected() + 1, SPORT + 5, LOCAL), FILTER_PASSED);
	cr_expect_eq(tcp_reply(0, 0, RST_ACK, expected() + 1, SPORT + 5, LOCAL), FILTER_PASSED);
	cr_expect_eq(tcp_reply(0, 0, RST_ACK, expected(), SPORT + 5, LOCAL), FILTER_PASSED);
	cr_expect_eq(tcp_reply(1, 0, SYN_ACK, expected() + 1, SPORT + 5, LOCAL), FILTER_PASSED);
	cr_expect_eq(tcp_reply(2, 40, SYN_ACK, expected() + 1, SPORT + 5, LOCAL), FILTER_PASSED);
	/* the host's own connections, from our own source ports too */
	cr_expect_eq(tcp_reply(0, 0, SYN_ACK, expected() + 2, SPORT + 5, LOCAL), FILTER_COOKIE);
	cr_expect_eq(tcp_reply(0, 0, SYN_ACK, expected(), SPORT + 5, LOCAL), FILTER_COOKIE);
	cr_expect_eq(tcp_reply(0, 0, SYN_ACK, expected() + 1, SPORT + 6, LOCAL), FILTER_COOKIE);
	cr_expect_eq(tcp_reply(0, 0, 0x10, expected() + 1, SPORT + 5, LOCAL), FILTER_FLAGS);
	cr_expect_eq(tcp_reply(0, 0, SYN_ACK, expected() + 1, 22, LOCAL), FILTER_PORT);
	cr_expect_eq(tcp_reply(0, 0, SYN_ACK, expected() + 1, SPORT + 5, LOCAL + 1), FILTER_ADDRESS);
	cr_expect_eq(icmp_reply(3, expected()), FILTER_PASSED);
	cr_expect_eq(icmp_reply(11, expected()), FILTER_PASSED);
	cr_expect_eq(icmp_reply(3, expected() + 1), FILTER_COOKIE);
	cr_expect_eq(icmp_reply(0, expected()), FILTER_ICMP_TYPE);
	add_ethernet(&arp, 0x0806);
	cr_expect_eq(cause_of(&arp), FILTER_NOT_IP);
	reply_redirect__destroy(program);
}

static uint32_t expected_echo(void)
{
	return cookie(&key, LOCAL, REMOTE, 0, 0);
}

/* 8 bytes of ICMP that end with an identifier and sequence number, as a whole frame or behind what quotes them. */
static unsigned int echo_reply(uint32_t saddr, uint32_t daddr, unsigned int type, uint32_t echo)
{
	struct bytes b = { .len = 0 };

	add_ethernet(&b, 0x0800);
	add_ipv4(&b, (struct ipv4){ .saddr = saddr, .daddr = daddr, .proto = IPPROTO_ICMP, .payload = 8 });
	add_icmp(&b, type, 0);
	b.len -= 4;
	add32(&b, echo);
	return cause_of(&b);
}

static unsigned int quoted_echo(uint32_t from, unsigned int type, unsigned int options, uint32_t echo)
{
	struct bytes b = { .len = 0 };

	add_ethernet(&b, 0x0800);
	add_ipv4(&b, (struct ipv4){ .saddr = 0x0a0000fe,
				    .daddr = LOCAL,
				    .proto = IPPROTO_ICMP,
				    .payload = 36 + options });
	add_icmp(&b, 3, 1);
	add_ipv4(&b, (struct ipv4){ .saddr = from,
				    .daddr = REMOTE,
				    .proto = IPPROTO_ICMP,
				    .options = options,
				    .payload = 8 });
	add_icmp(&b, type, 0);
	b.len -= 4;
	add32(&b, echo);
	return cause_of(&b);
}

static void judge_echo(bool by_helper)
{
	load(IPPROTO_ICMP, 0, by_helper);
	cr_expect_eq(echo_reply(REMOTE, LOCAL, 0, expected_echo()), FILTER_PASSED);
	cr_expect_eq(echo_reply(REMOTE, LOCAL, 0, expected_echo() ^ 1), FILTER_COOKIE);
	cr_expect_eq(echo_reply(REMOTE, LOCAL, 0, expected_echo() ^ 0x10000), FILTER_COOKIE);
	cr_expect_eq(echo_reply(REMOTE + 1, LOCAL, 0, expected_echo()), FILTER_COOKIE);
	cr_expect_eq(echo_reply(REMOTE, LOCAL + 1, 0, expected_echo()), FILTER_ADDRESS);
	cr_expect_eq(echo_reply(REMOTE, LOCAL, 8, expected_echo()), FILTER_ICMP_TYPE); /* who pings us */
	cr_expect_eq(quoted_echo(LOCAL, 8, 0, expected_echo()), FILTER_PASSED);
	cr_expect_eq(quoted_echo(LOCAL, 8, 40, expected_echo()), FILTER_PASSED);
	cr_expect_eq(quoted_echo(LOCAL, 8, 0, expected_echo() + 1), FILTER_COOKIE);
	cr_expect_eq(quoted_echo(LOCAL, 0, 0, expected_echo()), FILTER_ICMP_TYPE);
	cr_expect_eq(quoted_echo(LOCAL + 1, 8, 0, expected_echo()), FILTER_ADDRESS);
	/* what answers a SYN is nothing to this scan */
	cr_expect_eq(tcp_reply(0, 0, SYN_ACK, expected() + 1, SPORT + 5, LOCAL), FILTER_PROTOCOL);
	cr_expect_eq(icmp_reply(3, expected()), FILTER_PROTOCOL);
	reply_redirect__destroy(program);
}

/* Of three probes: each one's reply, and no more than that. */
Test(xdp_program, echo_of_each_probe)
{
	load(IPPROTO_ICMP, 2, false);
	for (uint32_t probe = 0; probe < 300; probe++) {
		const unsigned int wanted = probe <= 2 ? FILTER_PASSED : FILTER_COOKIE;

		cr_expect_eq(echo_reply(REMOTE, LOCAL, 0, expected_echo() ^ probe), wanted);
		cr_expect_eq(quoted_echo(LOCAL, 8, 0, expected_echo() ^ probe), wanted);
	}
	reply_redirect__destroy(program);
}

Test(xdp_program, by_pointer)
{
	judge(false);
}

Test(xdp_program, echo_by_pointer)
{
	judge_echo(false);
}

Test(xdp_program, echo_by_helper)
{
	judge_echo(true);
}

Test(xdp_program, by_helper)
{
	judge(true);
}
