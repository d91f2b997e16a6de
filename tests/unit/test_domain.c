/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/block.h"
#include "stages/gen/domain.h"
#include "stages/gen/portset.h"

static uint64_t draw_state = 1;

static uint64_t draw(void)
{
	draw_state = draw_state * 6364136223846793005ULL + 1442695040888963407ULL;
	return draw_state ^ draw_state >> 29;
}

/* The first `count` of a spread that has no pattern a bucket could like; 65536 = all. */
static struct ports some_ports(uint32_t count)
{
	struct ports p = { calloc(count, sizeof(uint16_t)), 0 };

	for (uint32_t i = 0; i < 65536 && p.count < count; i++)
		if (65536 - i == count - p.count || draw() % 65536 < count)
			p.port[p.count++] = (uint16_t)i;
	return p;
}

static struct ranges some_ranges(size_t count, uint32_t longest)
{
	struct ranges r = { 0 };

	for (size_t i = 0; i < count; i++) {
		uint32_t first = (uint32_t)draw(), length = (uint32_t)(draw() % longest);

		cr_assert_eq(ranges_add(&r, first, first > UINT32_MAX - length ? UINT32_MAX : first + length),
			     0);
	}
	ranges_normalise(&r);
	return r;
}

static struct domain *create(const struct ranges *r, const struct ports *p)
{
	struct error e = { 0 };
	struct domain *d = domain_create(r, p, &e);

	cr_assert_not_null(d, "%s", e.text);
	cr_assert_eq(domain_addresses(d), ranges_total(r));
	cr_assert_eq(domain_ports(d), p->count);
	cr_assert_eq(domain_size(d), ranges_total(r) * p->count);
	return d;
}

/* Index by index, in the order of the definition. */
static void check_exhaustively(const struct ranges *r, const struct ports *p)
{
	struct domain *d = create(r, p);
	uint64_t index = 0, back;

	for (size_t i = 0; i < r->count; i++)
		for (uint64_t a = r->range[i].first; a <= r->range[i].last; a++)
			for (uint32_t k = 0; k < p->count; k++, index++) {
				uint32_t addr;
				uint16_t port;

				domain_lookup(d, &index, &addr, &port, 1);
				cr_assert(addr == a && port == p->port[k], "index %lu", index);
				cr_assert(domain_index(d, addr, port, &back) && back == index);
			}
	cr_assert_eq(index, domain_size(d));
	domain_destroy(d);
}

/* Random blocks: the address is allowed, the port too, and the inverse finds the index. */
static void check_randomly(const struct ranges *r, const struct ports *p, int blocks)
{
	struct domain *d = create(r, p);
	uint64_t index[BLOCK_ITEMS], back;
	uint32_t addr[BLOCK_ITEMS];
	uint16_t port[BLOCK_ITEMS];

	for (int b = 0; b < blocks; b++) {
		unsigned int n = 1 + (unsigned int)(draw() % BLOCK_ITEMS);

		for (unsigned int i = 0; i < n; i++)
			index[i] = draw() % domain_size(d);
		index[0] = b == 0 ? 0 : index[0];
		index[n - 1] = b == 1 ? domain_size(d) - 1 : index[n - 1];
		domain_lookup(d, index, addr, port, n);
		for (unsigned int i = 0; i < n; i++) {
			cr_assert(domain_index(d, addr[i], port[i], &back), "%x:%u", addr[i], port[i]);
			cr_assert_eq(back, index[i]);
		}
	}
	domain_destroy(d);
}

/* history 1 */
Test(domain, every_index_of_small_domains)
{
	static const uint32_t counts[] = { 1, 2, 3, 255, 256, 257 };

	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
		struct ports p = some_ports(counts[c]);

		for (size_t pieces = 1; pieces < 60; pieces += 1 + pieces / 3) {
			struct ranges r = some_ranges(pieces, 20);

			check_exhaustively(&r, &p);
			ranges_free(&r);
		}
		ports_free(&p);
	}
}

Test(domain, edges_of_the_address_space)
{
	struct ranges r = { 0 };
	struct ports p = some_ports(2);

	ranges_add(&r, 0, 0);
	ranges_add(&r, 0xffff, 0x10001);
	ranges_add(&r, 0xfffeffff, 0xffff0000);
	ranges_add(&r, 0xffffffff, 0xffffffff);
	check_exhaustively(&r, &p);
	ranges_free(&r);
	ports_free(&p);
}

Test(domain, clustered_ranges)
{
	struct ranges r = { 0 };
	struct ports p = some_ports(1);

	/* ten thousand in one /16, then one huge: most ranges share a bucket */
	for (uint32_t i = 0; i < 10000; i++)
		ranges_add(&r, i * 3, i * 3 + 1);
	check_exhaustively(&r, &p);
	ranges_add(&r, 0x40000000, 0xbfffffff);
	check_randomly(&r, &p, 2000);
	struct domain *d = create(&r, &p);
	for (uint64_t index = 0; index < 20010; index++) {
		uint64_t back;
		uint32_t addr;
		uint16_t port;

		domain_lookup(d, &index, &addr, &port, 1);
		cr_assert_eq(addr, index < 20000 ? index / 2 * 3 + index % 2 : 0x40000000 + index - 20000);
		cr_assert(domain_index(d, addr, port, &back) && back == index);
	}
	domain_destroy(d);
	ranges_free(&r);
	ports_free(&p);
}

Test(domain, round_trips_of_large_domains)
{
	static const uint32_t counts[] = { 1, 2, 3, 255, 256, 257, 65535, 65536 };
	static const size_t pieces[] = { 1, 2, 100, 10000, 100000 };

	for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++)
		for (size_t k = 0; k < sizeof(pieces) / sizeof(pieces[0]); k++) {
			struct ranges r = some_ranges(pieces[k], pieces[k] == 1 ? 1U << 31 : 1 << 15);
			struct ports p = some_ports(counts[c]);

			check_randomly(&r, &p, 300);
			ranges_free(&r);
			ports_free(&p);
		}
}

Test(domain, all_addresses_and_all_ports)
{
	struct ranges r = { 0 };
	struct ports p = some_ports(65536);

	ranges_add(&r, 0, UINT32_MAX);
	struct domain *d = create(&r, &p);
	cr_assert_eq(domain_size(d), DOMAIN_SIZE_MAX);
	domain_destroy(d);
	check_randomly(&r, &p, 2000);
	ranges_free(&r);
	ports_free(&p);
}

Test(domain, what_is_not_in_it_has_no_index)
{
	struct ranges r = { 0 };
	struct ports p;
	uint64_t index;

	cr_assert_eq(ports_parse("80,443", &p, NULL), 0);
	ranges_add(&r, 0x0a000000, 0x0a0000ff);
	ranges_add(&r, 0x0a000200, 0x0b000000);
	struct domain *d = create(&r, &p);
	cr_assert(domain_index(d, 0x0a0000ff, 80, &index) && index == 510);
	cr_assert(domain_index(d, 0x0a000200, 443, &index) && index == 513);
	cr_assert_not(domain_index(d, 0x0a000100, 80, &index));
	cr_assert_not(domain_index(d, 0x0a0001ff, 80, &index));
	cr_assert_not(domain_index(d, 0x09ffffff, 80, &index));
	cr_assert_not(domain_index(d, 0x0b000001, 80, &index));
	cr_assert_not(domain_index(d, 0, 80, &index));
	cr_assert_not(domain_index(d, 0xffffffff, 80, &index));
	cr_assert_not(domain_index(d, 0x0a000000, 81, &index));
	cr_assert_not(domain_index(d, 0x0a000000, 0, &index));
	cr_assert_not(domain_index(d, 0x0a000000, 65535, &index));
	domain_destroy(d);
	ranges_free(&r);
	ports_free(&p);
}

Test(domain, refuses_nothing)
{
	struct ranges none = { 0 }, one = { &(struct range){ 1, 1 }, 1, 1 };
	struct ports no_ports = { 0 }, one_port = { &(uint16_t){ 80 }, 1 };
	struct error e;

	cr_assert_null(domain_create(&none, &one_port, &e));
	cr_assert_eq(e.code, -EINVAL);
	cr_assert_str_eq(e.text, "no address is left to scan: widen the targets or exclude less");
	cr_assert_null(domain_create(&one, &no_ports, &e));
	cr_assert_str_eq(e.text, "no port is left to scan: name at least one");
}

/* The split is a division: at the edges of every quotient, and everywhere. */
Test(domain, reciprocal_is_exact)
{
	for (uint32_t count = 1; count <= 65536; count += count < 600 || count > 65000 ? 1 : 97) {
		struct ports p = { calloc(count, sizeof(uint16_t)), count };
		struct portset s;
		uint64_t index[16];
		uint32_t rank[16];
		uint16_t port[16];

		for (uint32_t i = 0; i < count; i++)
			p.port[i] = (uint16_t)i;
		cr_assert_eq(portset_init(&s, &p), 0);
		uint64_t most = (1ULL << 32) * count - 1; /* of a domain with that many ports */
		for (int round = 0; round < 8; round++) {
			uint64_t multiple = draw() % (1ULL << 32) * count;
			uint64_t pick[16] = { 0,
					      count - 1,
					      count,
					      most,
					      most - 1,
					      most - count,
					      most - count + 1,
					      multiple,
					      multiple ? multiple - 1 : 0,
					      multiple + count - 1,
					      draw() % (most + 1),
					      draw() % (most + 1),
					      draw() % (most + 1),
					      most / 2,
					      most / 2 + 1,
					      draw() % count };

			for (int i = 0; i < 16; i++)
				index[i] = pick[i] > most ? most : pick[i];
			portset_split(&s, index, rank, port, 16);
			for (int i = 0; i < 16; i++) {
				cr_assert_eq(rank[i], index[i] / count, "%lu / %u", index[i], count);
				cr_assert_eq(port[i], index[i] % count, "%lu %% %u", index[i], count);
			}
		}
		portset_fini(&s);
		ports_free(&p);
	}
}

Test(domain, memory_is_small)
{
	struct ranges all = { 0 }, many = some_ranges(100000, 4096);
	struct ports one = some_ports(1), every = some_ports(65536);
	struct domain *d;

	ranges_add(&all, 0, UINT32_MAX);
	d = create(&all, &one);
	cr_assert_lt(domain_memory(d), 512 * 1024);
	domain_destroy(d);
	d = create(&many, &every);
	cr_assert_lt(domain_memory(d), 8 << 20);
	domain_destroy(d);
	ranges_free(&all);
	ranges_free(&many);
	ports_free(&one);
	ports_free(&every);
}

static void digest(const char *targets, const char *port_list, uint64_t seed, char hex[17])
{
	struct ranges r = { 0 };
	struct ports p;

	cr_assert_eq(targets_parse_list(targets, &r, NULL), 0);
	ranges_normalise(&r);
	cr_assert_eq(ports_parse(port_list, &p, NULL), 0);
	struct domain *d = create(&r, &p);
	domain_digest(d, seed, hex);
	domain_destroy(d);
	ranges_free(&r);
	ports_free(&p);
}

Test(domain, digest_tells_domains_apart)
{
	char one[17], other[17];

	digest("10.0.0.0/24,10.0.2.0/24", "80,443", 1, one);
	cr_assert_eq(strlen(one), 16);
	cr_assert_eq(strspn(one, "0123456789abcdef"), 16);
	digest("10.0.2.0-10.0.2.255,10.0.0.0/25,10.0.0.128/25", "443,80,80", 1, other);
	cr_assert_str_eq(one, other, "the same set, written otherwise");
	digest("10.0.0.0/24,10.0.2.0/24", "80,443", 2, other);
	cr_assert_str_neq(one, other);
	digest("10.0.0.0/24,10.0.3.0/24", "80,443", 1, other);
	cr_assert_str_neq(one, other);
	digest("10.0.0.0/24,10.0.2.0/24", "80,444", 1, other);
	cr_assert_str_neq(one, other);
	digest("10.0.0.0/24,10.0.2.0/24", "80", 1, other);
	cr_assert_str_neq(one, other);
}

/* Pinned: a change here means that checkpoints and shards of older builds no longer match. */
Test(domain, digest_is_the_same_on_every_build)
{
	char hex[17];

	digest("10.0.0.0/8", "80,443", 42, hex);
	cr_assert_str_eq(hex, "ccdb6df20b0eb0df");
}
