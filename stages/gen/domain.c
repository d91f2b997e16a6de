/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/gen/domain.h"

#include <errno.h>
#include <stdlib.h>

#include "anyscan/block.h"
#include "anyscan/cookie.h"
#include "stages/gen/pair_rank.h"
#include "stages/gen/portset.h"
#include "stages/gen/rank.h"

/* Raise it when the same targets and seed come to mean another order, so that old digests no longer match. */
#define DIGEST_VERSION 1
#define DIGEST_KEY 0x616e797363616e70ULL /* "anyscanp" */

/* Indices [0, count): address ranges x ports, the ports of an address side by side. */
struct segment {
	uint64_t count;
	struct rank rank;
	struct portset ports;
};

struct domain {
	uint64_t size;
	struct segment segment;
	struct pair_rank pairs; /* indices [segment.count, size) */
};

/* Addresses one by one where that takes less than the ranges that they make. The set's lists are used up. */
static int rank_init_set(struct rank *r, struct ranges *ranges, struct addresses *addresses)
{
	const size_t count = ranges->count + addresses_runs(addresses);
	struct range run = { 0, 0 };
	struct rank single;
	int rc = 0;

	if (addresses->count == 0)
		return rank_init(r, ranges);
	if ((ranges_total(ranges) + addresses->count) * RANK_ADDRESS_BYTES <= count * RANK_RANGE_BYTES)
		return addresses_merge(addresses, ranges) == 0 ? rank_init_flat(r, addresses) : -ENOMEM;
	if (rank_init_flat(&single, addresses) != 0)
		return -ENOMEM;
	for (size_t at = 0; rc == 0 && rank_next_range(&single, &at, &run);)
		rc = ranges_add(ranges, run.first, run.last);
	rank_fini(&single);
	ranges_normalise(ranges);
	return rc == 0 ? rank_init(r, ranges) : rc;
}

static int segment_init(struct segment *s, struct ranges *ranges, struct addresses *addresses,
			const struct ports *ports)
{
	if (ranges->count + addresses->count == 0)
		return 0;
	if (rank_init_set(&s->rank, ranges, addresses) != 0)
		return -ENOMEM;
	if (portset_init(&s->ports, ports) != 0) {
		rank_fini(&s->rank);
		return -ENOMEM;
	}
	s->count = s->rank.total * s->ports.count;
	return 0;
}

static void segment_fini(struct segment *s)
{
	if (s->count == 0)
		return;
	portset_fini(&s->ports);
	rank_fini(&s->rank);
}

struct domain *domain_create(const struct ranges *allowed, const struct ports *ports, struct error *e)
{
	struct target_set copy = { .ranges = { 0 } };

	for (size_t i = 0; i < allowed->count; i++) {
		if (ranges_add(&copy.ranges, allowed->range[i].first, allowed->range[i].last) != 0) {
			ranges_free(&copy.ranges);
			error_set(e, -ENOMEM, "out of memory for a domain of %zu ranges", allowed->count);
			return NULL;
		}
	}
	return domain_create_set(&copy, ports, e);
}

static struct domain *create(struct target_set *set, const struct ports *ports, struct error *e)
{
	const size_t ranges = set->ranges.count, addresses = set->addresses.count, pairs = set->pairs.count;
	struct domain *d;

	if (target_set_empty(set) || (ranges + addresses > 0 && ports->count == 0)) {
		error_set(e, -EINVAL, "%s",
			  target_set_empty(set) ?
				  "no address is left to scan: widen the targets or exclude less" :
				  "no port is left to scan: name at least one");
		return NULL;
	}
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		goto nomem;
	if (segment_init(&d->segment, &set->ranges, &set->addresses, ports) != 0)
		goto free_domain;
	if (pair_rank_init(&d->pairs, &set->pairs) != 0)
		goto free_segment;
	d->size = d->segment.count + d->pairs.count;
	return d;

free_segment:
	segment_fini(&d->segment);
free_domain:
	free(d);
nomem:
	error_set(e, -ENOMEM,
		  "out of memory for a domain of %zu ranges, %zu addresses, %u ports and %zu pairs", ranges,
		  addresses, ports->count, pairs);
	return NULL;
}

struct domain *domain_create_set(struct target_set *set, const struct ports *ports, struct error *e)
{
	struct domain *d = create(set, ports, e);

	target_set_free(set);
	return d;
}

void domain_destroy(struct domain *d)
{
	if (d == NULL)
		return;
	pair_rank_fini(&d->pairs);
	segment_fini(&d->segment);
	free(d);
}

uint64_t domain_size(const struct domain *d)
{
	return d->size;
}

uint64_t domain_addresses(const struct domain *d)
{
	return d->segment.rank.total;
}

uint32_t domain_ports(const struct domain *d)
{
	return d->segment.ports.count;
}

uint64_t domain_pairs(const struct domain *d)
{
	return d->pairs.count;
}

size_t domain_memory(const struct domain *d)
{
	return sizeof(*d) + d->segment.rank.memory + d->segment.ports.memory + d->pairs.memory;
}

/* Those of the pairs; the ranges are asked for index 0 in their place, so that both passes stay straight. */
static __attribute__((noinline)) void lookup_mixed(const struct domain *d, const uint64_t *index,
						   uint32_t *addr, uint16_t *port, unsigned int n)
{
	const struct segment *s = &d->segment;
	uint64_t within[BLOCK_ITEMS];
	uint32_t rank[BLOCK_ITEMS];

	if (s->count > 0) {
		for (unsigned int k = 0; k < n; k++)
			within[k] = index[k] < s->count ? index[k] : 0;
		portset_split(&s->ports, within, rank, port, n);
		rank_lookup(&s->rank, rank, addr, n);
	}
	for (unsigned int k = 0; k < n; k++) {
		const uint64_t position = index[k] - s->count;

		if (index[k] < s->count)
			continue;
		addr[k] = (uint32_t)(d->pairs.pair[position] >> 16);
		port[k] = (uint16_t)d->pairs.pair[position];
	}
}

void domain_lookup(const struct domain *d, const uint64_t *index, uint32_t *addr, uint16_t *port,
		   unsigned int n)
{
	uint32_t rank[BLOCK_ITEMS];

	if (__builtin_expect(d->pairs.count > 0, 0)) { /* once a block */
		lookup_mixed(d, index, addr, port, n);
		return;
	}
	portset_split(&d->segment.ports, index, rank, port, n);
	rank_lookup(&d->segment.rank, rank, addr, n);
}

bool domain_use_form(struct domain *d, const char *name)
{
	return rank_use_form(&d->segment.rank, name);
}

bool domain_index(const struct domain *d, uint32_t addr, uint16_t port, uint64_t *index)
{
	const struct segment *s = &d->segment;
	uint32_t rank, position;

	if (s->count > 0 && portset_find(&s->ports, port, &position) && rank_find(&s->rank, addr, &rank)) {
		*index = (uint64_t)rank * s->ports.count + position;
		return true;
	}
	if (!pair_rank_find(&d->pairs, addr, port, &position))
		return false;
	*index = s->count + position;
	return true;
}

static uint32_t pair_address(const struct domain *d, size_t i)
{
	return (uint32_t)(d->pairs.pair[i] >> 16);
}

struct range domain_span(const struct domain *d)
{
	struct range span = { UINT32_MAX, 0 }, r;
	const size_t pairs = d->pairs.count;

	for (size_t at = 0; rank_next_range(&d->segment.rank, &at, &r);) {
		span.first = r.first < span.first ? r.first : span.first;
		span.last = r.last;
	}
	if (pairs > 0 && pair_address(d, 0) < span.first)
		span.first = pair_address(d, 0);
	if (pairs > 0 && pair_address(d, pairs - 1) > span.last)
		span.last = pair_address(d, pairs - 1);
	return span;
}

int domain_within(const struct domain *d, struct range in, struct ranges *out)
{
	struct range r;
	int rc = 0;

	for (size_t at = 0; rc == 0 && rank_next_range(&d->segment.rank, &at, &r);) {
		const uint32_t first = r.first > in.first ? r.first : in.first;
		const uint32_t last = r.last < in.last ? r.last : in.last;

		if (first <= last)
			rc = ranges_add(out, first, last);
	}
	for (size_t i = 0; rc == 0 && i < d->pairs.count; i++) {
		const uint32_t addr = pair_address(d, i);

		if (addr >= in.first && addr <= in.last)
			rc = ranges_add(out, addr, addr);
	}
	return rc;
}

/* SipHash is a keyed permutation of what came before: each word is hashed under the hash so far. */
void domain_digest(const struct domain *d, uint64_t seed, char hex[17])
{
	const struct rank *rank = &d->segment.rank;
	const struct portset *ports = &d->segment.ports;
	uint64_t h = cookie_siphash(DIGEST_KEY, DIGEST_KEY, DIGEST_VERSION);
	struct range r;

	h = cookie_siphash(h, DIGEST_KEY, seed);
	h = cookie_siphash(h, DIGEST_KEY, rank->count); /* lengths first: no two lists read alike */
	for (size_t at = 0; rank_next_range(rank, &at, &r);)
		h = cookie_siphash(h, DIGEST_KEY, (uint64_t)r.first << 32 | r.last);
	h = cookie_siphash(h, DIGEST_KEY, ports->count);
	for (uint32_t i = 0; i < ports->count; i++)
		h = cookie_siphash(h, DIGEST_KEY, ports->port[i]);
	if (d->pairs.count > 0) /* without pairs the digest is what it was before there were any */
		h = cookie_siphash(h, DIGEST_KEY, d->pairs.count);
	for (size_t i = 0; i < d->pairs.count; i++)
		h = cookie_siphash(h, DIGEST_KEY, d->pairs.pair[i]);
	snprintf(hex, 17, "%016llx", (unsigned long long)h);
}
