/* SPDX-License-Identifier: Apache-2.0 */
/* What the simulated world answers to an echo request: frames with right checksums, by its fate and forgery. */
#include <criterion/criterion.h>
#include <netinet/in.h>

#include "io/sim/sim.h"
#include "tests/unit/syn_frame.h"

#define OURS 0xc6120001u
#define ECHO 0xfedc0102u /* identifier and sequence number of the request */

static const struct world world = { .seed = 5, .forged = 1ULL << 32 };
static const struct io_link link_of_ours = { .name = "sim" };

static uint32_t answer(uint32_t addr, enum world_fate fate, uint16_t ip_len, uint8_t frame[SIM_REPLY_MAX])
{
	const struct sim_answer a = { .addr = addr,
				      .saddr = OURS,
				      .seq = ECHO,
				      .ip_id = 7,
				      .ip_len = ip_len,
				      .ip_ttl = 64,
				      .fate = (uint8_t)fate,
				      .flags = SIM_ECHO };
	const uint32_t len = sim_reply(&world, &link_of_ours, &a, frame);
	const uint8_t *ip = frame + 14;

	cr_assert_geq(len, 60);
	cr_assert_leq(14 + syn_get(ip + 2, 2), len);
	cr_assert_eq(syn_sum(0, ip, 20), 0xffff);
	cr_assert_eq(ip[9], IPPROTO_ICMP);
	cr_assert_eq(syn_get(ip + 16, 4), OURS);
	cr_assert_eq(syn_sum(0, ip + 20, syn_get(ip + 2, 2) - 20), 0xffff);
	return len;
}

Test(sim_echo, an_open_host_answers_as_it_was_asked)
{
	static const uint16_t asked[] = { 28, 29, 48, 84, 114, 115, 1500, 65535 };
	static const uint16_t answered[] = {
		28, 29, 48, 84, 114, 114, 114, 114
	}; /* no more than the frame holds */
	uint8_t frame[SIM_REPLY_MAX];

	for (unsigned int i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		answer(0x0a000001, WORLD_OPEN, asked[i], frame);
		cr_assert_eq(syn_get(frame + 16, 2), answered[i], "%u", asked[i]);
		cr_assert_eq(syn_get(frame + 26, 4), 0x0a000001);
		cr_assert_eq(syn_get(frame + 34, 2), 0, "echo reply");
		cr_assert_eq(syn_get(frame + 38, 4), ECHO);
	}
}

Test(sim_echo, an_unreachable_one_is_quoted)
{
	uint8_t frame[SIM_REPLY_MAX];
	const uint8_t *quote = frame + 42;

	answer(0x0a000063, WORLD_UNREACH, 48, frame);
	cr_assert_eq(syn_get(frame + 26, 4), 0x0a000001, "the router");
	cr_assert_eq(frame[34], 3);
	cr_assert_eq(frame[35], world_icmp_code(&world, 0x0a000063, 0));
	cr_assert_eq(syn_sum(0, quote, 20), 0xffff);
	cr_assert_eq(quote[9], IPPROTO_ICMP);
	cr_assert_eq(syn_get(quote + 2, 2), 48);
	cr_assert_eq(syn_get(quote + 12, 4), OURS);
	cr_assert_eq(syn_get(quote + 16, 4), 0x0a000063);
	cr_assert_eq(syn_get(quote + 20, 2), 0x0800, "echo request");
	cr_assert_eq(syn_get(quote + 24, 4), ECHO);
	cr_assert_eq(syn_sum(0, quote + 20, 8), 0xffff);
}

Test(sim_echo, forgeries_are_of_four_kinds)
{
	unsigned int seen = 0;
	uint8_t frame[SIM_REPLY_MAX];

	for (uint32_t addr = 0x0a000000; addr < 0x0a000100; addr++) {
		const enum world_forgery kind = world_forgery(&world, addr, 0);
		uint32_t from, id_and_seq;

		answer(addr, WORLD_FORGED, 48, frame);
		from = syn_get(frame + 26, 4);
		id_and_seq = syn_get(frame + 38, 4);
		seen |= 1u << kind;
		if (kind == WORLD_FORGED_ICMP) {
			cr_assert_eq(frame[34], 3);
			cr_assert_neq(syn_get(frame + 66, 4), ECHO);
			continue;
		}
		cr_assert_eq(frame[34], 0);
		cr_assert_eq(from, kind == WORLD_FORGED_PORT ? addr ^ 1 : addr);
		cr_assert_eq(id_and_seq == ECHO, kind == WORLD_FORGED_PORT);
		cr_assert(kind != WORLD_FORGED_RST || id_and_seq >> 16 == ECHO >> 16);
	}
	cr_assert_eq(seen, 0xf);
}
