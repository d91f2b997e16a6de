/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The IANA IPv4 Special-Purpose Address Registry (RFC 6890, updated by RFC
 * 8190), plus multicast (RFC 5771), as far as a scan must not go there. Blocks that the
 * registry calls globally reachable (192.31.196.0/24, 192.52.193.0/24, 192.175.48.0/24) are left in.
 */
#include <stddef.h>

#include "stages/gen/targets.h"

struct row {
	uint32_t first, last;
	enum reserved kind;
	const char *name;
};

#define BLOCK(a, b, c, d, len) \
	((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d)), \
		((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d) | (uint32_t)((1ULL << (32 - (len))) - 1))

/* A block inside another comes first: the first that holds an address names it. */
static const struct row rows[] = {
	{ BLOCK(0, 0, 0, 0, 8), RESERVED_UNROUTABLE, "this network, RFC 791" },
	{ BLOCK(10, 0, 0, 0, 8), RESERVED_SPECIAL, "private-use, RFC 1918" },
	{ BLOCK(100, 64, 0, 0, 10), RESERVED_SPECIAL, "shared address space, RFC 6598" },
	{ BLOCK(127, 0, 0, 0, 8), RESERVED_UNROUTABLE, "loopback, RFC 1122" },
	{ BLOCK(169, 254, 0, 0, 16), RESERVED_UNROUTABLE, "link-local, RFC 3927" },
	{ BLOCK(172, 16, 0, 0, 12), RESERVED_SPECIAL, "private-use, RFC 1918" },
	{ BLOCK(192, 0, 0, 0, 24), RESERVED_SPECIAL, "IETF protocol assignments, RFC 6890" },
	{ BLOCK(192, 0, 2, 0, 24), RESERVED_SPECIAL, "documentation (TEST-NET-1), RFC 5737" },
	{ BLOCK(192, 88, 99, 0, 24), RESERVED_SPECIAL, "deprecated 6to4 relay anycast, RFC 7526" },
	{ BLOCK(192, 168, 0, 0, 16), RESERVED_SPECIAL, "private-use, RFC 1918" },
	{ BLOCK(198, 18, 0, 0, 15), RESERVED_SPECIAL, "benchmarking, RFC 2544" },
	{ BLOCK(198, 51, 100, 0, 24), RESERVED_SPECIAL, "documentation (TEST-NET-2), RFC 5737" },
	{ BLOCK(203, 0, 113, 0, 24), RESERVED_SPECIAL, "documentation (TEST-NET-3), RFC 5737" },
	{ BLOCK(224, 0, 0, 0, 4), RESERVED_UNROUTABLE, "multicast, RFC 5771" },
	{ BLOCK(255, 255, 255, 255, 32), RESERVED_UNROUTABLE, "limited broadcast, RFC 919" },
	{ BLOCK(240, 0, 0, 0, 4), RESERVED_UNROUTABLE, "reserved, RFC 1112" },
};

int targets_reserved(unsigned int which, struct ranges *out)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		int err = rows[i].kind & which ? ranges_add(out, rows[i].first, rows[i].last) : 0;

		if (err)
			return err;
	}
	ranges_normalise(out);
	return 0;
}

const char *targets_reserved_name(uint32_t addr)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (addr >= rows[i].first && addr <= rows[i].last)
			return rows[i].name;
	return NULL;
}
