/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/gen/domain.h"

#include <errno.h>
#include <stdlib.h>

#include "anyscan/block.h"
#include "anyscan/cookie.h"
#include "stages/gen/portset.h"
#include "stages/gen/rank.h"

/* Raise it when the same targets and seed come to mean another order, so that old digests no longer match. */
#define DIGEST_VERSION 1
#define DIGEST_KEY 0x616e797363616e70ULL /* "anyscanp" */

/* Indices [base, base + count): address ranges x ports, the ports of an address side by side. */
struct segment {
	uint64_t base, count;
	struct rank rank;
	struct portset ports;
};

struct domain {
	uint64_t size;
	struct segment segment; /* a list of one: there is one kind so far */
};

struct domain *domain_create(const struct ranges *allowed, const struct ports *ports, struct error *e)
{
	struct domain *d;

	if (allowed->count == 0 || ports->count == 0) {
		error_set(e, -EINVAL, "%s",
			  allowed->count == 0 ?
				  "no address is left to scan: widen the targets or exclude less" :
				  "no port is left to scan: name at least one");
		return NULL;
	}
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		goto nomem;
	if (rank_init(&d->segment.rank, allowed) != 0)
		goto free_domain;
	if (portset_init(&d->segment.ports, ports) != 0)
		goto free_rank;
	d->segment.count = d->segment.rank.total * d->segment.ports.count;
	d->size = d->segment.base + d->segment.count;
	return d;

free_rank:
	rank_fini(&d->segment.rank);
free_domain:
	free(d);
nomem:
	error_set(e, -ENOMEM, "out of memory for a domain of %zu ranges and %u ports", allowed->count,
		  ports->count);
	return NULL;
}

void domain_destroy(struct domain *d)
{
	if (d == NULL)
		return;
	portset_fini(&d->segment.ports);
	rank_fini(&d->segment.rank);
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

size_t domain_memory(const struct domain *d)
{
	return sizeof(*d) + d->segment.rank.memory + d->segment.ports.memory;
}

void domain_lookup(const struct domain *d, const uint64_t *index, uint32_t *addr, uint16_t *port,
		   unsigned int n)
{
	uint32_t rank[BLOCK_ITEMS];

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

	if (!portset_find(&s->ports, port, &position) || !rank_find(&s->rank, addr, &rank))
		return false;
	*index = s->base + (uint64_t)rank * s->ports.count + position;
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
	snprintf(hex, 17, "%016llx", (unsigned long long)h);
}
