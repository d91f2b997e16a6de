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

static int segment_init(struct segment *s, const struct ranges *allowed, const struct ports *ports)
{
	if (allowed->count == 0)
		return 0;
	if (rank_init(&s->rank, allowed) != 0)
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
	const struct pairs none = { .count = 0 };

	return domain_create_paired(allowed, ports, &none, e);
}

struct domain *domain_create_paired(const struct ranges *allowed, const struct ports *ports,
				    const struct pairs *pairs, struct error *e)
{
	const bool no_address = allowed->count + pairs->count == 0;
	struct domain *d;

	if (no_address || (allowed->count > 0 && ports->count == 0)) {
		error_set(e, -EINVAL, "%s",
			  no_address ? "no address is left to scan: widen the targets or exclude less" :
				       "no port is left to scan: name at least one");
		return NULL;
	}
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		goto nomem;
	if (segment_init(&d->segment, allowed, ports) != 0)
		goto free_domain;
	if (pair_rank_init(&d->pairs, pairs) != 0)
		goto free_segment;
	d->size = d->segment.count + d->pairs.count;
	return d;

free_segment:
	segment_fini(&d->segment);
free_domain:
	free(d);
nomem:
	error_set(e, -ENOMEM, "out of memory for a domain of %zu ranges, %u ports and %zu pairs",
		  allowed->count, ports->count, pairs->count);
	return NULL;
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
		addr[k] = d->pairs.addr[position];
		port[k] = d->pairs.port[position];
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

/* SipHash is a keyed permutation of what came before: each word is hashed under the hash so far. */
void domain_digest(const struct domain *d, uint64_t seed, char hex[17])
{
	const struct rank *rank = &d->segment.rank;
	const struct portset *ports = &d->segment.ports;
	uint64_t h = cookie_siphash(DIGEST_KEY, DIGEST_KEY, DIGEST_VERSION);

	h = cookie_siphash(h, DIGEST_KEY, seed);
	h = cookie_siphash(h, DIGEST_KEY, rank->count); /* lengths first: no two lists read alike */
	for (size_t i = 0; i < rank->count; i++)
		h = cookie_siphash(h, DIGEST_KEY, (uint64_t)rank->range[i].first << 32 | rank->range[i].last);
	h = cookie_siphash(h, DIGEST_KEY, ports->count);
	for (uint32_t i = 0; i < ports->count; i++)
		h = cookie_siphash(h, DIGEST_KEY, ports->port[i]);
	if (d->pairs.count > 0) /* without pairs the digest is what it was before there were any */
		h = cookie_siphash(h, DIGEST_KEY, d->pairs.count);
	for (size_t i = 0; i < d->pairs.count; i++)
		h = cookie_siphash(h, DIGEST_KEY, (uint64_t)d->pairs.addr[i] << 16 | d->pairs.port[i]);
	snprintf(hex, 17, "%016llx", (unsigned long long)h);
}
