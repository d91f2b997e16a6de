/* SPDX-License-Identifier: Apache-2.0 */
/* The quick reading of a probe against the one for whatever may come, and the checksum against the plain form. */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "io/sim/plain_syn.h"
#include "io/sim/sim.h"
#include "tests/unit/syn_frame.h"

#define FRAME_MAX 128

static uint64_t state = 1;

static uint32_t draw(uint32_t n)
{
	state = world_mix(state + 1);
	return (uint32_t)(state >> 32) % n;
}

/* A SYN of `segment` bytes, whose options and data are random. */
static uint32_t put_syn(uint8_t *frame, uint32_t segment)
{
	for (unsigned int i = 0; i < FRAME_MAX; i++)
		frame[i] = (uint8_t)draw(256);
	syn_compose(frame, draw(UINT32_MAX), (uint16_t)draw(65536), 40000, draw(UINT32_MAX));
	for (unsigned int i = 54; i < 54 + segment - 20; i++)
		frame[i] = (uint8_t)draw(256);
	frame[46] = (uint8_t)(((segment > 60 ? 60 : segment) / 4) << 4);
	syn_put(frame + 16, 20 + segment, 2);
	syn_checksums(frame);
	return 34 + segment + draw(4); /* and padding */
}

static bool agree(const uint8_t *frame, uint32_t len)
{
	uint8_t *exact = malloc(len + !len); /* so that ASan sees who reads on */
	struct plain_syn syn;
	struct sim_answer a;
	enum sim_count kind;
	bool plain;

	memcpy(exact, frame, len);
	kind = sim_read_probe(exact, len, &a);
	plain = plain_syn(exact, len, &syn);
	free(exact);
	cr_assert_eq(plain, kind == SIM_FRAMES && frame[12] == 8 && frame[14] == 0x45 && frame[23] == 6);
	if (plain) {
		cr_assert_eq(syn.addr, a.addr);
		cr_assert_eq(syn.port, a.port);
	}
	return plain;
}

Test(plain_syn, agrees_with_the_reading_of_whatever_may_come)
{
	uint8_t frame[FRAME_MAX];
	unsigned int plain = 0, damaged = 0;

	for (unsigned int round = 0; round < 200000; round++) {
		const uint32_t segment = 20 + draw(45), len = put_syn(frame, segment);

		cr_assert(agree(frame, len), "%u bytes", segment);
		frame[12 + draw(segment + 22)] ^= (uint8_t)(1u << draw(8)); /* from the EtherType on */
		if (draw(2) == 0 && syn_get(frame + 16, 2) == 20 + segment)
			syn_checksums(frame); /* so that something else than a checksum has to tell */
		if (agree(frame, len))
			plain++;
		else
			damaged++;
		agree(frame, draw(len)); /* cut */
	}
	cr_assert_gt(plain, 10000);
	cr_assert_gt(damaged, 10000);
}

Test(plain_syn, sums_are_those_of_the_plain_form)
{
	uint8_t p[64];

	for (unsigned int round = 0; round < 200000; round++) {
		const unsigned int len = draw(sizeof(p) + 1);
		const bool high = draw(2) == 0; /* many carries */
		uint64_t sum;

		for (unsigned int i = 0; i < len; i++)
			p[i] = (uint8_t)(high ? 255 - (draw(64) == 0) : draw(256));
		sum = wire_sum(0, p, len);
		cr_assert_eq(be16toh(wire_fold(sum)), 0xffff ^ syn_sum(0, p, len), "%u bytes", len);
		if (len < 2 || len % 2 != 0)
			continue;
		cr_assert_eq(wire_sum_holds(sum), sum == 0 || wire_fold(sum) == 0);
		p[0] = p[1] = 0;
		syn_put(p, 0xffff ^ syn_sum(0, p, len), 2);
		cr_assert(wire_sum_holds(wire_sum(0, p, len)));
		p[draw(len)] ^= (uint8_t)(1u << draw(8));
		cr_assert(!wire_sum_holds(wire_sum(0, p, len)));
	}
}

/* What is carried in may be carried out once more. */
Test(plain_syn, carries_of_carries_count)
{
	uint8_t p[20];

	memset(p, 0xff, 16);
	memcpy(p + 16, (uint8_t[]){ 1, 0, 0, 0 }, 4);
	cr_assert_eq(wire_fold(wire_sum(0, p, sizeof(p))), wire_fold(1));
	for (unsigned int round = 0; round < 200000; round++) {
		const uint64_t first = world_mix(round) | (round % 2 == 0 ? UINT64_MAX << 8 : 0);
		uint8_t whole[8 + sizeof(p)];

		for (unsigned int i = 0; i < sizeof(p); i++)
			p[i] = (uint8_t)(255 - (draw(64) == 0));
		memcpy(whole, &first, 8);
		memcpy(whole + 8, p, sizeof(p));
		cr_assert_eq(be16toh(wire_fold(wire_sum(first, p, sizeof(p)))),
			     0xffff ^ syn_sum(0, whole, sizeof(whole)));
	}
}
