/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/gen/pairs.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "stages/gen/room.h"
#include "stages/gen/sort_words.h"
#include "stages/gen/targets.h"

static uint32_t address_of(uint64_t pair)
{
	return (uint32_t)(pair >> 16);
}

static int grow(struct pairs *p, size_t room)
{
	uint64_t *grown = room_for(p->pair, room, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	p->pair = grown;
	p->room = room;
	return 0;
}

void pairs_expect(struct pairs *p, size_t n)
{
	if (p->room - p->count < n)
		grow(p, p->count + n);
}

int pairs_add(struct pairs *p, uint32_t addr, uint16_t port)
{
	if (p->count == p->room && grow(p, p->room > 0 ? p->room * 2 : 64) != 0)
		return -ENOMEM;
	p->pair[p->count++] = (uint64_t)addr << 16 | port;
	return 0;
}

DEFINE_SORT_WORDS(sort_pairs, uint64_t)

void pairs_normalise(struct pairs *p)
{
	bool sorted = true;
	size_t kept = 0;

	for (size_t i = 1; i < p->count && sorted; i++)
		sorted = p->pair[i - 1] <= p->pair[i];
	if (!sorted)
		sort_pairs(p->pair, p->count, 40);
	for (size_t i = 1; i < p->count; i++)
		if (p->pair[i] != p->pair[kept])
			p->pair[++kept] = p->pair[i];
	if (p->count > 0)
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

/* A walk along ranges and addresses, for questions that ascend. */
struct members {
	const struct ranges *ranges;
	const struct addresses *addresses;
	size_t i, j;
};

static bool member(struct members *m, uint32_t addr)
{
	while (m->i < m->ranges->count && m->ranges->range[m->i].last < addr)
		m->i++;
	while (m->j < m->addresses->count && m->addresses->addr[m->j] < addr)
		m->j++;
	return (m->i < m->ranges->count && m->ranges->range[m->i].first <= addr) ||
	       (m->j < m->addresses->count && m->addresses->addr[m->j] == addr);
}

static void filter(struct pairs *p, const struct ranges *r, bool inside)
{
	const struct addresses none = { 0 };
	struct members m = { .ranges = r, .addresses = &none };
	size_t kept = 0;

	for (size_t i = 0; i < p->count; i++)
		if (member(&m, address_of(p->pair[i])) == inside)
			p->pair[kept++] = p->pair[i];
	p->count = kept;
}

void pairs_within(struct pairs *p, const struct ranges *r)
{
	filter(p, r, true);
}

void pairs_without(struct pairs *p, const struct ranges *r)
{
	filter(p, r, false);
}

void pairs_subtract(struct pairs *p, const struct ranges *r, const struct addresses *a,
		    const struct ports *ports)
{
	struct members m = { .ranges = r, .addresses = a };
	size_t kept = 0;

	for (size_t i = 0; i < p->count; i++)
		if (!member(&m, address_of(p->pair[i])) || !has_port(ports, (uint16_t)p->pair[i]))
			p->pair[kept++] = p->pair[i];
	p->count = kept;
}

size_t pairs_addresses(const struct pairs *p)
{
	size_t n = p->count > 0;

	for (size_t i = 1; i < p->count; i++)
		n += address_of(p->pair[i]) != address_of(p->pair[i - 1]);
	return n;
}

void pairs_free(struct pairs *p)
{
	free(p->pair);
	*p = (struct pairs){ 0 };
}
