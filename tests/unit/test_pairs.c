/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of (address, port): the set, what of it is left, and its place in a domain beside ranges x ports. */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/block.h"
#include "stages/gen/domain.h"
#include "stages/gen/pair_rank.h"

static uint64_t state = 1;

static uint64_t draw(void)
{
	state = state * 6364136223846793005ULL + 1442695040888963407ULL;
	return state >> 20;
}

static struct pairs of(const uint64_t *pair, size_t n)
{
	struct pairs p = { 0 };

	for (size_t i = 0; i < n; i++)
		cr_assert_eq(pairs_add(&p, (uint32_t)(pair[i] >> 16), (uint16_t)pair[i]), 0);
	pairs_normalise(&p);
	return p;
}

#define PAIR(a, port) ((uint64_t)(a) << 16 | (port))

Test(pairs, normalise_sorts_and_removes_duplicates)
{
	static const uint64_t in[] = { PAIR(UINT32_MAX, 65535),
				       PAIR(0, 0),
				       PAIR(5, 80),
				       PAIR(5, 443),
				       PAIR(5, 80),
				       PAIR(0, 0),
				       PAIR(4, 443) };
	static const uint64_t out[] = { PAIR(0, 0), PAIR(4, 443), PAIR(5, 80), PAIR(5, 443),
					PAIR(UINT32_MAX, 65535) };
	struct pairs p = of(in, sizeof(in) / sizeof(in[0])), none = { 0 };

	cr_assert_eq(p.count, 5);
	cr_assert_arr_eq(p.pair, out, sizeof(out));
	pairs_free(&p);
	pairs_normalise(&none);
	cr_assert_eq(none.count, 0);
}

/* Both filters against the definition, over an address space of 64. */
Test(pairs, filters_against_sets)
{
	static const uint16_t list[] = { 0, 3, 4, 65535 };
	const struct ports ports = { .port = (uint16_t *)list, .count = 4 };

	for (int round = 0; round < 300; round++) {
		struct pairs all = { 0 }, within, less;
		struct pairs without;
		struct addresses a = { 0 };
		struct ranges r = { 0 };
		size_t in = 0, left = 0, outside = 0;

		for (uint64_t n = draw() % 100; n > 0; n--)
			pairs_add(&all, (uint32_t)(draw() % 64),
				  draw() % 8 == 7 ? 65535 : (uint16_t)(draw() % 6));
		pairs_normalise(&all);
		for (uint64_t n = draw() % 6; n > 0; n--) {
			const uint32_t first = (uint32_t)(draw() % 64);

			ranges_add(&r, first, first + (uint32_t)(draw() % 8));
		}
		ranges_normalise(&r);
		for (uint64_t n = draw() % 6; n > 0; n--)
			addresses_add(&a, (uint32_t)(draw() % 64));
		addresses_normalise(&a);
		within = of(all.pair, all.count);
		without = of(all.pair, all.count);
		less = of(all.pair, all.count);
		pairs_within(&within, &r);
		pairs_without(&without, &r);
		pairs_subtract(&less, &r, &a, &ports);
		for (size_t i = 0; i < all.count; i++) {
			const uint32_t addr = (uint32_t)(all.pair[i] >> 16);
			const uint16_t port = (uint16_t)all.pair[i];
			const bool named = port == 0 || port == 3 || port == 4 || port == 65535;
			bool inside = false, listed = false;

			for (size_t k = 0; k < r.count; k++)
				inside |= addr >= r.range[k].first && addr <= r.range[k].last;
			for (size_t k = 0; k < a.count; k++)
				listed |= addr == a.addr[k];
			if (inside)
				cr_assert(in < within.count && within.pair[in++] == all.pair[i]);
			else
				cr_assert(outside < without.count && without.pair[outside++] == all.pair[i]);
			if (!(inside || listed) || !named)
				cr_assert(left < less.count && less.pair[left++] == all.pair[i]);
		}
		cr_assert_eq(in, within.count);
		cr_assert_eq(outside, without.count);
		cr_assert_eq(left, less.count);
		pairs_free(&all);
		pairs_free(&within);
		pairs_free(&without);
		addresses_free(&a);
		pairs_free(&less);
		ranges_free(&r);
	}
}

/* Of copies, as a domain takes over what it is made of. */
static struct domain *paired(const struct ranges *r, const struct ports *ports, const struct pairs *pairs)
{
	struct target_set set = { .pairs = of(pairs->pair, pairs->count) };

	for (size_t i = 0; i < r->count; i++)
		cr_assert_eq(ranges_add(&set.ranges, r->range[i].first, r->range[i].last), 0);
	return domain_create_set(&set, ports, NULL);
}

/* Every index has one target and every target its index, whatever is in a block: ranges first, then the pairs. */
static void check_domain(const char *targets, const char *port_list, const struct pairs *pairs)
{
	struct ranges r = { 0 };
	struct ports ports = { 0 };
	uint64_t index[BLOCK_ITEMS], back;
	uint32_t addr[BLOCK_ITEMS];
	uint16_t port[BLOCK_ITEMS];
	struct domain *d;

	if (*targets != '\0')
		cr_assert_eq(targets_parse_list(targets, &r, NULL), 0);
	ranges_normalise(&r);
	cr_assert_eq(ports_parse(port_list, &ports, NULL), 0);
	d = paired(&r, &ports, pairs);
	cr_assert_not_null(d);
	const uint64_t size = domain_size(d), first = size - pairs->count;

	cr_assert_eq(size, ranges_total(&r) * ports.count + pairs->count);
	cr_assert_eq(domain_pairs(d), pairs->count);
	cr_assert_eq(domain_addresses(d), ranges_total(&r));
	for (int round = 0; round < 200; round++) {
		const unsigned int n = 1 + (unsigned int)(draw() % BLOCK_ITEMS);

		for (unsigned int k = 0; k < n; k++)
			index[k] = k == 0 ? size - 1 : draw() % size;
		domain_lookup(d, index, addr, port, n);
		for (unsigned int k = 0; k < n; k++) {
			cr_assert(domain_index(d, addr[k], port[k], &back) && back == index[k], "index %lu",
				  index[k]);
			if (index[k] >= first)
				cr_assert_eq(PAIR(addr[k], port[k]), pairs->pair[index[k] - first]);
		}
	}
	for (size_t i = 0; i < pairs->count; i++) {
		const uint32_t a = (uint32_t)(pairs->pair[i] >> 16);

		cr_assert(domain_index(d, a, (uint16_t)pairs->pair[i], &back) && back == first + i);
	}
	cr_assert_not(domain_index(d, 0x01010101, 81, &back));
	domain_destroy(d);
	ranges_free(&r);
	ports_free(&ports);
}

Test(pairs, domain_and_its_inverse)
{
	static const uint64_t edges[] = {
		PAIR(0, 0),	      PAIR(0, 65535),	    PAIR(0xffff, 1),
		PAIR(0x10000, 1),     PAIR(0x0a000001, 22), PAIR(0x0a000001, 23),
		PAIR(0xfffeffff, 80), PAIR(UINT32_MAX, 0),  PAIR(UINT32_MAX, 65535)
	};
	struct pairs few = of(edges, sizeof(edges) / sizeof(edges[0])), one = of(edges + 8, 1), many = { 0 };

	for (int i = 0; i < 20000; i++)
		pairs_add(&many, (uint32_t)draw(), (uint16_t)(1000 + draw() % 60000));
	pairs_normalise(&many);
	for (int m = 0; m < 3; m++) {
		const struct pairs *p = m == 0 ? &few : m == 1 ? &one : &many;

		check_domain("", "80", p);
		check_domain("10.0.0.0/24", "80", p);
		check_domain("10.0.0.0/16,10.2.0.0/20,172.16.0.5", "80,443,445-447", p);
		check_domain("10.0.0.7", "80-90", p);
	}
	pairs_free(&few);
	pairs_free(&one);
	pairs_free(&many);
}

Test(pairs, memory_is_eight_bytes_each)
{
	struct pairs many = { 0 };
	const struct ranges none = { 0 };
	const struct ports ports = { .count = 0 };
	struct domain *d;

	for (uint32_t i = 0; i < 1000000; i++)
		pairs_add(&many, i * 2654435761u, (uint16_t)i);
	pairs_normalise(&many);
	cr_assert_eq(many.count, 1000000);
	d = paired(&none, &ports, &many);
	cr_assert_eq(domain_size(d), 1000000);
	cr_assert_eq(domain_ports(d), 0);
	cr_assert_lt(domain_memory(d), 8000000 + 300000);
	domain_destroy(d);
	pairs_free(&many);
}

Test(pairs, digest_tells_them_apart)
{
	static const uint64_t a[] = { PAIR(5, 80), PAIR(6, 80) }, b[] = { PAIR(5, 80), PAIR(6, 81) };
	const struct ranges r = { .range = (struct range[]){ { 10, 20 } }, .count = 1 };
	const struct ports ports = { .port = (uint16_t[]){ 80 }, .count = 1 };
	struct pairs sets[] = { of(a, 2), of(b, 2), of(a, 1), { 0 } };
	char hex[4][17];

	for (int i = 0; i < 4; i++) {
		struct domain *d = paired(&r, &ports, &sets[i]);

		domain_digest(d, 7, hex[i]);
		domain_destroy(d);
		pairs_free(&sets[i]);
		for (int k = 0; k < i; k++)
			cr_assert_str_neq(hex[i], hex[k]);
	}
}
