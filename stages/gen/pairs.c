/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/gen/pairs.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "stages/gen/targets.h"

static uint32_t address_of(uint64_t pair)
{
	return (uint32_t)(pair >> 16);
}

int pairs_add(struct pairs *p, uint32_t addr, uint16_t port)
{
	if (p->count == p->room) {
		size_t room = p->room ? p->room * 2 : 64;
		uint64_t *grown = realloc(p->pair, room * sizeof(*grown));

		if (grown == NULL)
			return -ENOMEM;
		p->pair = grown;
		p->room = room;
	}
	p->pair[p->count++] = (uint64_t)addr << 16 | port;
	return 0;
}

static int ascending(const void *a, const void *b)
{
	const uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;

	return (x > y) - (x < y);
}

void pairs_normalise(struct pairs *p)
{
	size_t kept = 0;

	if (p->count == 0)
		return;
	qsort(p->pair, p->count, sizeof(*p->pair), ascending);
	for (size_t i = 1; i < p->count; i++)
		if (p->pair[i] != p->pair[kept])
			p->pair[++kept] = p->pair[i];
	p->count = kept + 1;
}

static bool has_port(const struct ports *ports, uint16_t port)
{
	uint32_t low = 0, high = ports->count;

	while (low < high) {
		const uint32_t middle = (low + high) / 2;

		if (ports->port[middle] < port)
			low = middle + 1;
		else
			high = middle;
	}
	return low < ports->count && ports->port[low] == port;
}

/* One merge of both: those in the set stay but for the ports named, those outside when `outside`. */
static void filter(struct pairs *p, const struct ranges *r, const struct ports *not_these, bool outside)
{
	size_t kept = 0, j = 0;

	for (size_t i = 0; i < p->count; i++) {
		const uint32_t addr = address_of(p->pair[i]);
		bool in;

		while (j < r->count && r->range[j].last < addr)
			j++;
		in = j < r->count && r->range[j].first <= addr;
		if (in ? not_these == NULL || !has_port(not_these, (uint16_t)p->pair[i]) : outside)
			p->pair[kept++] = p->pair[i];
	}
	p->count = kept;
}

void pairs_within(struct pairs *p, const struct ranges *r)
{
	filter(p, r, NULL, false);
}

void pairs_subtract(struct pairs *p, const struct ranges *r, const struct ports *ports)
{
	filter(p, r, ports, true);
}

int pairs_addresses(const struct pairs *p, struct ranges *out)
{
	for (size_t i = 0; i < p->count; i++) {
		const uint32_t addr = address_of(p->pair[i]);

		if (i > 0 && addr == address_of(p->pair[i - 1]))
			continue;
		if (ranges_add(out, addr, addr) != 0)
			return -ENOMEM;
	}
	return 0;
}

void pairs_free(struct pairs *p)
{
	free(p->pair);
	*p = (struct pairs){ 0 };
}
