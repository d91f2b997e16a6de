/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Domain lookup on one core: index -> (address, port) as gen does it, in blocks of the walk's order, and the inverse
 * as classify does it. The roof: the same block written from the indices alone, with one load per item from a table as
 * large as the domain's own where there is one.
 */
#include <stdio.h>
#include <stdlib.h>

#include "anyscan/block.h"
#include "bench/internet.h"
#include "bench/report.h"
#include "stages/gen/walk.h"

#define ITEMS (2u << 20) /* per run */

struct rig {
	struct domain *domain;
	uint64_t *index;
	uint32_t *addr;
	uint16_t *port;
	uint32_t *table;
	uint32_t mask; /* of the table: entries - 1 */
};

static volatile uint64_t result; /* keeps the work */

static double forward(void *arg)
{
	struct rig *r = arg;
	const double start = bench_cpu();
	uint32_t addr[BLOCK_ITEMS];
	uint16_t port[BLOCK_ITEMS];

	for (uint32_t i = 0; i < ITEMS; i += BLOCK_ITEMS) {
		domain_lookup(r->domain, r->index + i, addr, port, BLOCK_ITEMS);
		result = addr[i / BLOCK_ITEMS % BLOCK_ITEMS] + port[0];
	}
	return (bench_cpu() - start) * 1e9 / ITEMS;
}

static double forward_bare(void *arg)
{
	struct rig *r = arg;
	const double start = bench_cpu();
	uint32_t addr[BLOCK_ITEMS];
	uint16_t port[BLOCK_ITEMS];

	for (uint32_t i = 0; i < ITEMS; i += BLOCK_ITEMS) {
		for (uint32_t k = 0; k < BLOCK_ITEMS; k++) {
			const uint32_t rank = (uint32_t)r->index[i + k];

			addr[k] = rank + (r->mask != 0 ? r->table[rank * 2654435761u & r->mask] : 1);
			port[k] = 443;
		}
		result = addr[i / BLOCK_ITEMS % BLOCK_ITEMS] + port[0];
	}
	return (bench_cpu() - start) * 1e9 / ITEMS;
}

static double inverse(void *arg)
{
	struct rig *r = arg;
	const double start = bench_cpu();
	uint64_t sum = 0, index;

	for (uint32_t i = 0; i < ITEMS; i++) {
		if (!domain_index(r->domain, r->addr[i], r->port[i], &index))
			abort();
		sum += index;
	}
	result = sum;
	return (bench_cpu() - start) * 1e9 / ITEMS;
}

static double inverse_bare(void *arg)
{
	struct rig *r = arg;
	const double start = bench_cpu();
	uint64_t sum = 0;

	for (uint32_t i = 0; i < ITEMS; i++)
		sum += r->addr[i] + r->port[i] +
		       (r->mask != 0 ? r->table[r->addr[i] * 2654435761u & r->mask] : 0);
	result = sum;
	return (bench_cpu() - start) * 1e9 / ITEMS;
}

static void run(unsigned int exclusions)
{
	struct rig r = { .domain = internet(exclusions, "443"),
			 .index = malloc(ITEMS * sizeof(uint64_t)),
			 .addr = malloc(ITEMS * sizeof(uint32_t)),
			 .port = malloc(ITEMS * sizeof(uint16_t)) };
	struct bench_result b = { .cores = 1 };
	struct walk_cursor c;
	struct walk w;
	char name[64];

	while (exclusions > 0 && r.mask + 1 < domain_memory(r.domain) / 2 / sizeof(uint32_t))
		r.mask = 2 * r.mask + 1;
	r.table = calloc(r.mask + 1, sizeof(uint32_t));
	if (r.index == NULL || r.addr == NULL || r.port == NULL || r.table == NULL)
		abort();
	walk_init(&w, domain_size(r.domain), 1);
	walk_seek(&w, 0, &c);
	for (uint32_t have = 0; have < ITEMS;) {
		uint64_t index[BLOCK_ITEMS];
		const unsigned int n = walk_next(&w, &c, BLOCK_ITEMS, index);

		for (unsigned int i = 0; i < n && have < ITEMS; i++)
			r.index[have++] = index[i];
	}
	for (uint32_t i = 0; i < ITEMS; i += BLOCK_ITEMS)
		domain_lookup(r.domain, r.index + i, r.addr + i, r.port + i, BLOCK_ITEMS);

	snprintf(name, sizeof(name), "%u exclusions", exclusions);
	b.case_name = name;
	b.bench = "domain";
	b.roof = exclusions == 0 ? "bare loop: an addition" : "bare loop: one load from such a table";
	bench_pair(b, forward, forward_bare, &r);
	b.bench = "domain inverse";
	bench_pair(b, inverse, inverse_bare, &r);
	free(r.table);
	free(r.port);
	free(r.addr);
	free(r.index);
	domain_destroy(r.domain);
}

int main(void)
{
	bench_pin_here();
	run(0);
	run(1000);
	run(10000);
	run(100000);
	return 0;
}
