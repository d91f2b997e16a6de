/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sorted arrays of closed ranges. Every operation is one linear merge over two
 * of them after an O(n log n) sort, so a list of a million lines costs a
 * fraction of a second. Closed ranges hold 255.255.255.255 without a wider type; the price is
 * that "one past the last" must never be computed in 32 bits.
 */
#include "stages/gen/ranges.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

int ranges_add(struct ranges *r, uint32_t first, uint32_t last)
{
	if (r->count == r->room) {
		size_t room = r->room ? r->room * 2 : 64;
		struct range *grown = realloc(r->range, room * sizeof(*grown));

		if (grown == NULL)
			return -ENOMEM;
		r->range = grown;
		r->room = room;
	}
	r->range[r->count++] = (struct range){ first, last };
	return 0;
}

static int by_first(const void *a, const void *b)
{
	const struct range *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

/* True when y starts inside x or right behind it; x.first <= y.first. */
static bool touches(const struct range *x, const struct range *y)
{
	return x->last == UINT32_MAX || y->first <= x->last + 1;
}

void ranges_normalise(struct ranges *r)
{
	bool sorted = true;
	size_t kept = 0;

	for (size_t i = 1; i < r->count && sorted; i++)
		sorted = r->range[i - 1].first <= r->range[i].first;
	if (!sorted) /* most lists come sorted, and sorting is what a load costs */
		qsort(r->range, r->count, sizeof(*r->range), by_first);

	for (size_t i = 1; i < r->count; i++) {
		struct range *top = &r->range[kept];

		if (!touches(top, &r->range[i]))
			r->range[++kept] = r->range[i];
		else if (r->range[i].last > top->last)
			top->last = r->range[i].last;
	}
	if (r->count)
		r->count = kept + 1;
}

static void replace(struct ranges *a, struct ranges *with)
{
	free(a->range);
	*a = *with;
}

int ranges_subtract(struct ranges *a, const struct ranges *b)
{
	struct ranges left = { 0 };
	size_t j = 0;

	for (size_t i = 0; i < a->count; i++) {
		uint64_t first = a->range[i].first; /* may become 2^32: nothing is left */
		const uint64_t last = a->range[i].last;

		while (j < b->count && b->range[j].last < first)
			j++;
		/* the last hole may reach into the next range too, so j stays on it */
		for (size_t k = j; k < b->count && b->range[k].first <= last && first <= last; k++) {
			j = k;
			if (b->range[k].first > first &&
			    ranges_add(&left, (uint32_t)first, b->range[k].first - 1) != 0)
				goto nomem;
			first = (uint64_t)b->range[k].last + 1;
		}
		if (first <= last && ranges_add(&left, (uint32_t)first, (uint32_t)last) != 0)
			goto nomem;
	}
	replace(a, &left);
	return 0;
nomem:
	ranges_free(&left);
	return -ENOMEM;
}

int ranges_intersect(struct ranges *a, const struct ranges *b)
{
	struct ranges both = { 0 };
	size_t i = 0, j = 0;

	while (i < a->count && j < b->count) {
		const struct range *x = &a->range[i], *y = &b->range[j];
		uint32_t first = x->first > y->first ? x->first : y->first;
		uint32_t last = x->last < y->last ? x->last : y->last;

		if (first <= last && ranges_add(&both, first, last) != 0) {
			ranges_free(&both);
			return -ENOMEM;
		}
		if (x->last < y->last)
			i++;
		else
			j++;
	}
	replace(a, &both);
	return 0;
}

uint64_t ranges_total(const struct ranges *r)
{
	uint64_t total = 0;

	for (size_t i = 0; i < r->count; i++)
		total += (uint64_t)r->range[i].last - r->range[i].first + 1;
	return total;
}

void ranges_free(struct ranges *r)
{
	free(r->range);
	*r = (struct ranges){ 0 };
}
