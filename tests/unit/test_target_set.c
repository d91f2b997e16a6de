/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of single addresses beside ranges and pairs: the set, what is left of it, and the domain that it becomes. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/block.h"
#include "stages/gen/domain.h"
#include "stages/gen/target_text.h"

static uint64_t state = 1;

static uint64_t draw(void)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return state >> 20;
}

/* Words that share bytes, so that every level of the sort has buckets of one, of few and of many. */
Test(addresses, normalise_sorts_and_removes_duplicates)
{
	static const uint32_t mask[] = { 0xffffffff, 0xff0000ff, 0x000000ff, 0xffff0000, 0 };

	for (size_t m = 0; m < sizeof(mask) / sizeof(mask[0]); m++) {
		for (size_t n = 0; n < 20000; n = n * 3 + 1) {
			struct addresses a = { 0 };
			uint32_t *was = malloc((n + 1) * sizeof(*was));

			for (size_t i = 0; i < n; i++) {
				was[i] = (uint32_t)draw() & mask[m];
				cr_assert_eq(addresses_add(&a, was[i]), 0);
			}
			addresses_normalise(&a);
			for (size_t i = 1; i < a.count; i++)
				cr_assert_lt(a.addr[i - 1], a.addr[i]);
			for (size_t i = 0; i < n; i++) {
				size_t low = 0, high = a.count;

				while (low + 1 < high)
					*(a.addr[(low + high) / 2] <= was[i] ? &low : &high) =
						(low + high) / 2;
				cr_assert(low < a.count && a.addr[low] == was[i]);
			}
			free(was);
			addresses_free(&a);
		}
	}
}

/* Over an address space of 64: what is in, by address, before and after. */
Test(target_set, less_and_within)
{
	for (int round = 0; round < 500; round++) {
		struct target_set t = { .ranges = { 0 } }, less, in;
		struct ranges cut = { 0 };
		bool named[72] = { false }, taken[72] = { false };
		uint64_t left = 0, kept = 0;

		for (int side = 0; side < 2; side++) {
			for (uint64_t n = draw() % 5; n > 0; n--) {
				const uint32_t first = (uint32_t)(draw() % 64),
					       last = first + (uint32_t)(draw() % 8);

				ranges_add(side == 0 ? &t.ranges : &cut, first, last);
				memset(&(side == 0 ? named : taken)[first], true, last - first + 1);
			}
		}
		for (uint64_t n = draw() % 20; n > 0; n--) {
			const uint32_t addr = (uint32_t)(draw() % 64);

			addresses_add(&t.addresses, addr);
			named[addr] = true;
		}
		ranges_normalise(&cut);
		target_set_normalise(&t);
		for (int k = 0; k < 72; k++) {
			left += named[k] && !taken[k];
			kept += named[k] && taken[k];
		}
		less = in = (struct target_set){ .ranges = { 0 } };
		for (size_t i = 0; i < t.ranges.count; i++) {
			ranges_add(&less.ranges, t.ranges.range[i].first, t.ranges.range[i].last);
			ranges_add(&in.ranges, t.ranges.range[i].first, t.ranges.range[i].last);
		}
		for (size_t i = 0; i < t.addresses.count; i++) {
			addresses_add(&less.addresses, t.addresses.addr[i]);
			addresses_add(&in.addresses, t.addresses.addr[i]);
		}
		cr_assert_eq(target_set_ported(&t), left + kept);
		cr_assert_eq(target_set_subtract(&less, &cut), 0);
		cr_assert_eq(target_set_intersect(&in, &cut), 0);
		cr_assert_eq(target_set_ported(&less), left);
		cr_assert_eq(target_set_ported(&in), kept);
		for (size_t i = 0; i < less.addresses.count; i++)
			cr_assert_not(taken[less.addresses.addr[i]]);
		for (size_t i = 0; i < in.addresses.count; i++)
			cr_assert(taken[in.addresses.addr[i]]);
		target_set_free(&t);
		target_set_free(&less);
		target_set_free(&in);
		ranges_free(&cut);
	}
}

/* A list of addresses means what the ranges mean that they make: same order, same digest, same answers. */
static void check_same(const uint32_t *addr, size_t n, const struct range *range, size_t ranges)
{
	const struct ports ports = { .port = (uint16_t[]){ 80, 443, 8080 }, .count = 3 };
	struct target_set set = { .ranges = { 0 } };
	struct ranges all = { 0 }, within = { 0 }, same = { 0 };
	struct domain *a, *b;
	uint64_t index[BLOCK_ITEMS], back;
	uint32_t x[BLOCK_ITEMS], y[BLOCK_ITEMS];
	uint16_t p[BLOCK_ITEMS], q[BLOCK_ITEMS];
	char hex[2][17];

	addresses_expect(&set.addresses, n);
	for (size_t i = 0; i < n; i++) {
		addresses_add(&set.addresses, addr[i]);
		ranges_add(&all, addr[i], addr[i]);
	}
	for (size_t i = 0; i < ranges; i++) {
		ranges_add(&set.ranges, range[i].first, range[i].last);
		ranges_add(&all, range[i].first, range[i].last);
	}
	ranges_normalise(&all);
	target_set_normalise(&set);
	a = domain_create_set(&set, &ports, NULL);
	b = domain_create(&all, &ports, NULL);
	cr_assert(a != NULL && b != NULL && set.addresses.addr == NULL);
	cr_assert_eq(domain_size(a), domain_size(b));
	cr_assert_eq(domain_addresses(a), domain_addresses(b));
	domain_digest(a, 3, hex[0]);
	domain_digest(b, 3, hex[1]);
	cr_assert_str_eq(hex[0], hex[1]);
	cr_assert(domain_span(a).first == all.range[0].first &&
		  domain_span(a).last == all.range[all.count - 1].last);
	for (int round = 0; round < 100; round++) {
		const unsigned int k = 1 + (unsigned int)(draw() % BLOCK_ITEMS);

		for (unsigned int i = 0; i < k; i++)
			index[i] = i == 0 ? domain_size(a) - 1 : draw() % domain_size(a);
		domain_lookup(a, index, x, p, k);
		domain_lookup(b, index, y, q, k);
		for (unsigned int i = 0; i < k; i++) {
			cr_assert(x[i] == y[i] && p[i] == q[i]);
			cr_assert(domain_index(a, x[i], p[i], &back) && back == index[i]);
		}
	}
	for (int i = 0; i < 2000; i++) {
		const uint32_t other = i % 2 ? (uint32_t)draw() : all.range[draw() % all.count].last + 1;
		uint64_t one, two;
		const bool found = domain_index(a, other, 443, &one);

		cr_assert_eq(found, domain_index(b, other, 443, &two));
		cr_assert(!found || one == two);
	}
	cr_assert_eq(domain_within(a, (struct range){ 1 << 24, 3U << 30 }, &within), 0);
	cr_assert_eq(domain_within(b, (struct range){ 1 << 24, 3U << 30 }, &same), 0);
	cr_assert(within.count == same.count &&
		  (within.count == 0 ||
		   memcmp(within.range, same.range, within.count * sizeof(*within.range)) == 0));
	domain_destroy(a);
	domain_destroy(b);
	ranges_free(&all);
	ranges_free(&within);
	ranges_free(&same);
}

Test(target_set, domain_of_addresses_is_that_of_their_ranges)
{
	static const struct range some[] = { { 5, 9 },
					     { 0x0a000000, 0x0a0000ff },
					     { 0xffffff00, UINT32_MAX } };
	static const uint32_t edges[] = { UINT32_MAX, 0,	  0xffff, 0x10000, 0x10001,
					  0xfffffffe, 0x80000000, 4,	  10,	   7 };
	static const struct range large[] = { { 0x40000000, 0x7fffffff } };
	uint32_t *many = malloc(50000 * sizeof(*many));

	for (uint32_t i = 0; i < 50000; i++)
		many[i] = (uint32_t)draw() % 3 ? (uint32_t)draw() : 0x14000000 + (uint32_t)draw() % 60000;
	check_same(edges, 10, NULL, 0);
	check_same(edges, 10, some, 3);
	check_same(edges, 1, NULL, 0);
	check_same(many, 50000, NULL, 0);
	check_same(many, 50000, some, 3);
	check_same(many, 50000, large, 1); /* which is too large to be written out */
	for (uint32_t i = 0; i < 50000; i++)
		many[i] = 0x0b000000 + i; /* one range */
	check_same(many, 50000, NULL, 0);
	free(many);
}

Test(target_set, an_address_has_four_bytes)
{
	const struct ports ports = { .port = (uint16_t[]){ 80 }, .count = 1 };
	struct target_set set = { .ranges = { 0 } };
	struct domain *d;

	for (uint32_t i = 0; i < 1000000; i++)
		addresses_add(&set.addresses, i * 2654435761u);
	target_set_normalise(&set);
	d = domain_create_set(&set, &ports, NULL);
	cr_assert_eq(domain_size(d), 1000000);
	cr_assert_lt(domain_memory(d), 4000000 + 300000);
	domain_destroy(d);
}

/* What the short way takes the grammar takes too, and means the same. */
Test(target_set, plain_lines)
{
	static const struct {
		const char *text;
		bool plain;
		uint32_t addr;
		int32_t port;
	} line[] = {
		{ "1.2.3.4", true, 0x01020304, -1 },
		{ "255.255.255.255:65535", true, UINT32_MAX, 65535 },
		{ "0.0.0.0:0", true, 0, 0 },
		{ "1.2.3.256", false, 0, 0 },
		{ "1.2.3.04", false, 0, 0 },
		{ "1.2.3", false, 0, 0 },
		{ "1.2.3.", false, 0, 0 },
		{ "1.2.3.4.", false, 0, 0 },
		{ "1.2.3.4.5", false, 0, 0 },
		{ "1.2.3.4:", false, 0, 0 },
		{ "1.2.3.4:080", false, 0, 0 },
		{ "1.2.3.4:65536", false, 0, 0 },
		{ "1.2.3.4:4294967376", false, 0, 0 },
		{ "1.2.3.4294967297", false, 0, 0 },
		{ "1.2.3.4/32", false, 0, 0 },
		{ "1.2.3.4-5", false, 0, 0 },
		{ " 1.2.3.4", false, 0, 0 },
		{ "1.2.3.4 ", false, 0, 0 },
		{ "", false, 0, 0 },
	};

	for (size_t i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
		uint32_t addr;
		int32_t port;
		char *exact = strndup(line[i].text, strlen(line[i].text)); /* ASan looks behind it */

		cr_assert_eq(target_text_plain(exact, strlen(exact), &addr, &port), line[i].plain, "%s",
			     exact);
		cr_assert(!line[i].plain || (addr == line[i].addr && port == line[i].port), "%s", exact);
		free(exact);
	}
}
