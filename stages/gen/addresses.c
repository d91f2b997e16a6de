/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/gen/addresses.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "stages/gen/room.h"
#include "stages/gen/sort_words.h"

static int grow(struct addresses *a, size_t room)
{
	uint32_t *grown = room_for(a->addr, room, sizeof(*grown));

	if (grown == NULL)
		return -ENOMEM;
	a->addr = grown;
	a->room = room;
	return 0;
}

void addresses_expect(struct addresses *a, size_t n)
{
	if (a->room - a->count < n)
		grow(a, a->count + n);
}

int addresses_add(struct addresses *a, uint32_t addr)
{
	if (a->count == a->room && grow(a, a->room > 0 ? a->room * 2 : 64) != 0)
		return -ENOMEM;
	a->addr[a->count++] = addr;
	return 0;
}

DEFINE_SORT_WORDS(sort_addresses, uint32_t)

void addresses_normalise(struct addresses *a)
{
	bool sorted = true;
	size_t kept = 0;

	for (size_t i = 1; i < a->count && sorted; i++)
		sorted = a->addr[i - 1] <= a->addr[i];
	if (!sorted)
		sort_addresses(a->addr, a->count, 24);
	for (size_t i = 1; i < a->count; i++)
		if (a->addr[i] != a->addr[kept])
			a->addr[++kept] = a->addr[i];
	if (a->count > 0)
		a->count = kept + 1;
}

static void filter(struct addresses *a, const struct ranges *r, bool inside)
{
	size_t kept = 0, j = 0;

	for (size_t i = 0; i < a->count; i++) {
		const uint32_t addr = a->addr[i];

		while (j < r->count && r->range[j].last < addr)
			j++;
		if ((j < r->count && r->range[j].first <= addr) == inside)
			a->addr[kept++] = addr;
	}
	a->count = kept;
}

void addresses_within(struct addresses *a, const struct ranges *r)
{
	filter(a, r, true);
}

void addresses_without(struct addresses *a, const struct ranges *r)
{
	filter(a, r, false);
}

/* From the back, so that nothing is overwritten that is still to be moved. */
int addresses_merge(struct addresses *a, const struct ranges *r)
{
	const size_t all = a->count + ranges_total(r);
	size_t i = a->count, to = all;

	if (all > a->room && grow(a, all) != 0)
		return -ENOMEM;
	for (size_t j = r->count; j-- > 0;) {
		while (i > 0 && a->addr[i - 1] > r->range[j].last)
			a->addr[--to] = a->addr[--i];
		for (uint64_t addr = (uint64_t)r->range[j].last + 1; addr-- > r->range[j].first;)
			a->addr[--to] = (uint32_t)addr;
	}
	a->count = all;
	return 0;
}

size_t addresses_runs(const struct addresses *a)
{
	size_t runs = a->count > 0;

	for (size_t i = 1; i < a->count; i++)
		runs += a->addr[i] != a->addr[i - 1] + 1;
	return runs;
}

void addresses_free(struct addresses *a)
{
	free(a->addr);
	*a = (struct addresses){ 0 };
}
