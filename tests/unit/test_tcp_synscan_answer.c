/* SPDX-License-Identifier: Apache-2.0 */
/* The RST that closes what a SYN-ACK has half opened. */
#include <criterion/criterion.h>
#include <string.h>

#include "stages/probes/tcp_synscan.h"
#include "tests/unit/syn_frame.h"

#define RST_LEN 54

static const struct probe_identity identity = {
	.src_mac = { 0x02, 0x00, 0x00, 0x00, 0x00, 0x01 },
	.dst_mac = { 0x02, 0x00, 0x00, 0x00, 0x00, 0xfe },
	.saddr = 0xc0000201, /* 192.0.2.1 */
	.sport_first = 32768,
	.sport_last = 61000,
	.ttl = 64,
	.key = { 0x0706050403020100, 0x0f0e0d0c0b0a0908 },
};

static struct probe_template template_of(const char *args)
{
	struct probe_template t;
	struct error e = { 0 };

	cr_assert_eq(tcp_synscan.prepare(&identity, args, &t, &e), 0, "%s", e.text);
	return t;
}

Test(tcp_synscan_answer, golden)
{
	/* clang-format off */
	static const uint8_t golden[RST_LEN] = {
		0x02, 0x00, 0x00, 0x00, 0x00, 0xfe, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x00, /* Ethernet */
		0x45, 0x00, 0x00, 0x28, 0x00, 0x00, 0x40, 0x00, 0x40, 0x06, 0x4e, 0x94, /* DF, TTL 64, TCP */
		0xc0, 0x00, 0x02, 0x01, 0xc6, 0x33, 0x64, 0x07, /* 192.0.2.1 to 198.51.100.7 */
		0x9c, 0x40, 0x01, 0xbb, 0x01, 0x02, 0x03, 0x04, 0x00, 0x00, 0x00, 0x00, /* ports, seq, no ack */
		0x50, 0x04, 0x00, 0x00, 0x21, 0xa3, 0x00, 0x00, /* RST */
	};
	/* clang-format on */
	const struct control c = {
		.kind = CONTROL_RST, .daddr = 0xc6336407, .dport = 443, .sport = 40000, .seq = 0x01020304
	};
	static const char *const profiles[] = { "windows", "smallest-probes", "linux", "bsd" };

	for (unsigned int i = 0; i < sizeof(profiles) / sizeof(profiles[0]); i++) {
		const struct probe_template t = template_of(profiles[i]);
		uint8_t frame[PROBE_FRAME_MAX];

		memset(frame, 0xa5, sizeof(frame));
		cr_assert_eq(tcp_synscan.answer(&t, &c, frame), RST_LEN);
		cr_assert_leq(RST_LEN, t.len, "an engine is told of the longest frame");
		for (unsigned int k = 0; k < RST_LEN; k++)
			cr_assert_eq(frame[k], golden[k], "%s: byte %u is %02x, not %02x", profiles[i], k,
				     frame[k], golden[k]);
	}
}

Test(tcp_synscan_answer, checksums_and_fields_of_many)
{
	const struct probe_template t = template_of(NULL);
	uint64_t state = 1;

	for (int i = 0; i < 100000; i++) {
		uint8_t frame[PROBE_FRAME_MAX], *ip = frame + 14, *tcp = ip + 20;
		struct control c = { .kind = CONTROL_RST };

		state = state * 6364136223846793005ULL + 1442695040888963407ULL;
		c.daddr = i % 1000 == 0 ? 0xffffffff :
					  (uint32_t)(state >> 32); /* sums that fold to the corner */
		c.seq = i % 1001 == 0 ? 0 : (uint32_t)(state >> 13);
		c.dport = (uint16_t)(state >> 48);
		c.sport = (uint16_t)(state >> 7);
		tcp_synscan.answer(&t, &c, frame);
		cr_assert_eq(syn_sum(0, ip, 20), 0xffff);
		cr_assert_eq(syn_segment_sum(ip, tcp, 20), 0xffff);
		cr_assert_eq(syn_get(ip + 16, 4), c.daddr);
		cr_assert_eq(syn_get(tcp, 2), c.sport);
		cr_assert_eq(syn_get(tcp + 2, 2), c.dport);
		cr_assert_eq(syn_get(tcp + 4, 4), c.seq);
	}
}

Test(tcp_synscan_answer, only_a_syn_ack_must_be_answered)
{
	const struct reply synack = { .class = REPLY_SYNACK,
				      .saddr = 0xc6336407,
				      .daddr = 0xc0000201,
				      .sport = 443,
				      .dport = 40000,
				      .seqnum = 7,
				      .acknum = 0x01020304 };
	struct control c = { 0 };

	cr_assert(tcp_synscan.must_answer(&synack, &c));
	cr_expect_eq(c.kind, CONTROL_RST);
	cr_expect_eq(c.daddr, synack.saddr);
	cr_expect_eq(c.dport, 443);
	cr_expect_eq(c.sport, 40000);
	cr_expect_eq(c.seq, 0x01020304, "what it acknowledged, not what it sent");
	for (int class = 0; class < REPLY_CLASSES; class ++) {
		struct reply r = synack;

		r.class = (uint8_t) class;
		cr_expect_eq(tcp_synscan.must_answer(&r, &c), class == REPLY_SYNACK);
	}
}
