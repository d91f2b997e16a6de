/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The world must never change silently: scans of other tests, and of the lab's
 * XDP responder, are compared with it. The golden rows come from an
 * implementation of its own in Python integers.
 */
#include <criterion/criterion.h>
#include <math.h>

#include "anyscan/world.h"

#define SHARE(x) ((__u64)((x)*4294967296.0))

static const struct world mixed = {
	.seed = 1,
	.open = SHARE(.2),
	.closed = SHARE(.3),
	.unreach = SHARE(.2),
	.forged = SHARE(.1),
	.loss = SHARE(.2),
	.dup = SHARE(.2),
	.late = SHARE(.2),
};

static const struct {
	__u64 seed;
	__u32 addr;
	__u16 port, local_port;
	__u32 seq;
	__u64 pair;
	int fate, path, forgery, icmp_code;
	__u32 isn;
} golden[] = {
	{ 0x1ULL, 0x00000000, 0, 37907, 0x1cfb10f6, 0x445018e305810b78ULL, 1, 1, 3, 1, 0x18e30581 },
	{ 0x1ULL, 0x0a000001, 80, 44950, 0x7814e8a2, 0xb8665969ff419b17ULL, 0, 2, 1, 10, 0x5969ff41 },
	{ 0x1ULL, 0x08080808, 443, 40847, 0x617959ce, 0xfc77abb0f581c6f6ULL, 0, 0, 0, 1, 0xabb0f581 },
	{ 0x1ULL, 0xffffffff, 65535, 50585, 0x1a1afe87, 0x302af4675b14ec83ULL, 2, 0, 3, 3, 0xf4675b14 },
	{ 0x1ULL, 0x9f767c45, 16740, 51574, 0x3fd42359, 0xe9c2cb72081a0d79ULL, 1, 0, 2, 1, 0xcb72081a },
	{ 0x1ULL, 0xbde5c099, 23496, 33197, 0xbb2edb20, 0x8cb1169d22981facULL, 1, 4, 1, 13, 0x169d2298 },
	{ 0x1ULL, 0xcb91ce37, 45249, 39869, 0x687c966c, 0x6a139ca8b74b03beULL, 4, 4, 0, 10, 0x9ca8b74b },
	{ 0x1ULL, 0xf1446bea, 55149, 41926, 0x2e9c82b1, 0xfa409438fa0f2073ULL, 0, 1, 0, 10, 0x9438fa0f },
	{ 0x1ULL, 0xbd69fe29, 42731, 57859, 0x63b229f1, 0x6fd7cb7a81d8adc4ULL, 3, 0, 2, 10, 0xcb7a81d8 },
	{ 0x1ULL, 0xec1d7da0, 34736, 37997, 0xc30d8b76, 0xae00c3f9def9e735ULL, 0, 0, 1, 10, 0xc3f9def9 },
	{ 0x1ULL, 0x076ce2ef, 55073, 58888, 0x126a1e48, 0x783c49c61dd0254bULL, 1, 1, 2, 3, 0x49c61dd0 },
	{ 0x1ULL, 0x77330bdb, 50853, 37315, 0x9e30691c, 0xb48923caa2051f1fULL, 3, 3, 2, 10, 0x23caa205 },
	{ 0x1ULL, 0xf17fd374, 16321, 53000, 0x71e0c07e, 0xd5368f6e4ba84a9cULL, 2, 0, 2, 13, 0x8f6e4ba8 },
	{ 0x1ULL, 0xa6233255, 3398, 36919, 0x21da8978, 0xe1e642b4b1f5c37cULL, 3, 0, 0, 3, 0x42b4b1f5 },
	{ 0xdeadbeefcafef00dULL, 0x00000000, 0, 32826, 0xf8eb18b9, 0xa8c027e50adc0ba8ULL, 1, 0, 1, 3,
	  0x27e50adc },
	{ 0xdeadbeefcafef00dULL, 0x0a000001, 80, 32942, 0x359eeefb, 0x2ebc228839baf616ULL, 2, 5, 0, 10,
	  0x228839ba },
	{ 0xdeadbeefcafef00dULL, 0x08080808, 443, 58117, 0x3729c619, 0xf21fc675d1d82b28ULL, 0, 4, 1, 3,
	  0xc675d1d8 },
	{ 0xdeadbeefcafef00dULL, 0xffffffff, 65535, 38202, 0xdf561d80, 0x77fe69b2c3a3dc5cULL, 4, 0, 2, 1,
	  0x69b2c3a3 },
};

Test(world, golden_values)
{
	for (size_t i = 0; i < sizeof(golden) / sizeof(golden[0]); i++) {
		struct world w = mixed;
		const __u32 addr = golden[i].addr;
		const __u16 port = golden[i].port;

		w.seed = golden[i].seed;
		cr_assert_eq(world_pair(&w, addr, port), golden[i].pair, "row %zu", i);
		cr_assert_eq((int)world_fate(&w, addr, port), golden[i].fate, "row %zu", i);
		cr_assert_eq((int)world_path(&w, addr, port, golden[i].local_port, golden[i].seq),
			     golden[i].path, "row %zu", i);
		cr_assert_eq((int)world_forgery(&w, addr, port), golden[i].forgery, "row %zu", i);
		cr_assert_eq(world_icmp_code(&w, addr, port), golden[i].icmp_code, "row %zu", i);
		cr_assert_eq(world_isn(&w, addr, port), golden[i].isn, "row %zu", i);
	}
}

/* n draws of probability p lie within 5 standard deviations but once in 1.7 million; draws never change. */
static void expect_share(const char *what, double p, unsigned int n, unsigned int count)
{
	const double sd = sqrt(n * p * (1 - p));
	cr_assert_lt(fabs(count - n * p), 5 * sd + 1, "%s: %u of %u, expected %.0f +- %.0f", what, count, n,
		     n * p, sd);
}

Test(world, shares_are_kept)
{
	enum {
		N = 1000000
	};
	unsigned int fate[WORLD_FATES] = { 0 }, forgery[WORLD_FORGERIES] = { 0 }, lost = 0, twice = 0,
		     late = 0;

	/* consecutive addresses and two ports: what a scan asks for */
	for (__u32 i = 0; i < N; i++) {
		const __u32 addr = 0x0a000000 + i / 2;
		const __u16 port = i % 2 == 0 ? 80 : 443;
		const enum world_fate f = world_fate(&mixed, addr, port);
		const unsigned int path = world_path(&mixed, addr, port, 40000, i * 2654435761u);

		fate[f]++;
		if (f == WORLD_FORGED)
			forgery[world_forgery(&mixed, addr, port)]++;
		lost += (path & WORLD_LOST) != 0;
		twice += (path & WORLD_DUPLICATED) != 0;
		late += (path & WORLD_LATE) != 0;
	}
	expect_share("open", .2, N, fate[WORLD_OPEN]);
	expect_share("closed", .3, N, fate[WORLD_CLOSED]);
	expect_share("unreach", .2, N, fate[WORLD_UNREACH]);
	expect_share("forged", .1, N, fate[WORLD_FORGED]);
	expect_share("silent", .2, N, fate[WORLD_SILENT]);
	expect_share("lost", .2, N, lost);
	expect_share("duplicated", .2, N, twice);
	expect_share("late", .2, N, late);
	for (int i = 0; i < WORLD_FORGERIES; i++)
		expect_share("forgery", .25, fate[WORLD_FORGED], forgery[i]);
}

Test(world, an_echo_is_never_refused)
{
	unsigned int closed = 0;

	for (__u32 addr = 0; addr < 10000; addr++) {
		const enum world_fate fate = world_fate(&mixed, addr, 0);

		closed += fate == WORLD_CLOSED;
		cr_assert_eq(world_echo_fate(&mixed, addr), fate == WORLD_CLOSED ? WORLD_SILENT : fate);
	}
	cr_assert_gt(closed, 0);
}

Test(world, extremes)
{
	const struct world all_open = {
		.seed = 7, .open = SHARE(1), .loss = SHARE(1), .dup = SHARE(1), .late = SHARE(1)
	};
	const struct world nothing = { .seed = 7 };

	for (__u32 i = 0; i < 100000; i++) {
		cr_assert_eq(world_fate(&all_open, i, 80), WORLD_OPEN);
		cr_assert_eq(world_path(&all_open, i, 80, 1, i), WORLD_LOST | WORLD_DUPLICATED | WORLD_LATE);
		cr_assert_eq(world_fate(&nothing, i, 80), WORLD_SILENT);
		cr_assert_eq(world_path(&nothing, i, 80, 1, i), 0);
	}
}

Test(world, another_seed_is_another_world)
{
	struct world other = mixed;
	unsigned int same = 0;

	other.seed = 2;
	for (__u32 i = 0; i < 100000; i++)
		same += world_pair(&mixed, i, 80) == world_pair(&other, i, 80);
	cr_assert_eq(same, 0);
}

Test(world, codes_and_routers)
{
	unsigned int seen = 0;

	for (__u32 i = 0; i < 1000; i++)
		seen |= 1u << world_icmp_code(&mixed, i, 80);
	cr_assert_eq(seen, 1u << 1 | 1u << 3 | 1u << 10 | 1u << 13);
	cr_assert_eq(world_router(0xc0000263), 0xc0000201);
}
