/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The index domain: every (address, port) of the scan has one index in
 * [0, domain_size). Excluded space is compiled out, not skipped: index ->
 * address is a rank lookup with a first-level table, and it has an inverse.
 *
 * A domain is a list of segments {count, decode}; an index belongs to the
 * segment whose [base, base + count) holds it: address ranges x ports first, then
 * a list of (address, port) pairs. Either may be empty, not both.
 *
 * Const after domain_create(): any thread may read.
 */
#ifndef GEN_DOMAIN_H
#define GEN_DOMAIN_H

#include <stdbool.h>
#include <stdint.h>

#include "anyscan/error.h"
#include "stages/gen/ranges.h"
#include "stages/gen/target_set.h"
#include "stages/gen/targets.h"

#define DOMAIN_SIZE_MAX (1ULL << 48) /* 2^32 addresses x 65536 ports */

struct domain;

/* allowed: normalised and not empty. ports: at least one; for probes without ports pass {0}. Copies both. */
struct domain *domain_create(const struct ranges *allowed, const struct ports *ports, struct error *);
/*
 * Of a normalised set, not empty, with no pair that is in its (ranges and addresses) x ports. Takes the memory of its lists
 * over, whether it succeeds or not. ports: not looked at where there are but pairs.
 */
struct domain *domain_create_set(struct target_set *, const struct ports *ports, struct error *);
void domain_destroy(struct domain *);

uint64_t domain_size(const struct domain *); /* N, 1..DOMAIN_SIZE_MAX */
uint64_t domain_addresses(const struct domain *); /* with the ports of the scan, beside pairs */
uint32_t domain_ports(const struct domain *); /* of each of them; 0 without */
uint64_t domain_pairs(const struct domain *); /* beside them */
size_t domain_memory(const struct domain *); /* bytes held */

/* index[i] < domain_size for all i < n <= BLOCK_ITEMS. Hot: no division, no branch that depends on the walk. */
void domain_lookup(const struct domain *, const uint64_t *index, uint32_t *addr, uint16_t *port,
		   unsigned int n);

/* Set-up, for tests and benchmarks: looks up by the form of that name (stages/gen/rank.h). False: it does not run here. */
bool domain_use_form(struct domain *, const char *name);

/* The inverse: true and *index when (addr, port) is in the domain. */
bool domain_index(const struct domain *, uint32_t addr, uint16_t port, uint64_t *index);

/* Set-up: the lowest and the highest address, of pairs too. */
struct range domain_span(const struct domain *);
/* Set-up: appends the addresses within, of pairs too. 0 or -ENOMEM. */
int domain_within(const struct domain *, struct range, struct ranges *out);

/*
 * 64-bit digest, as 16 hex digits, of (format version, targets, ports, seed):
 * two runs that do not mean the same domain and order differ in it.
 */
void domain_digest(const struct domain *, uint64_t seed, char hex[17]);

#endif
