/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/gen/intervals.h"

#include <stdlib.h>

static int by_first(const void *a, const void *b)
{
	const struct interval *x = a, *y = b;

	return (x->first > y->first) - (x->first < y->first);
}

size_t intervals_merge(struct interval *part, size_t n)
{
	size_t kept = 0;

	if (n > 1)
		qsort(part, n, sizeof(*part), by_first);
	for (size_t i = 0; i < n; i++) {
		if (part[i].first >= part[i].end)
			continue;
		if (kept > 0 && part[i].pass == part[kept - 1].pass && part[i].first <= part[kept - 1].end) {
			if (part[i].end > part[kept - 1].end)
				part[kept - 1].end = part[i].end;
		} else {
			part[kept++] = part[i];
		}
	}
	return kept;
}

bool intervals_valid(const struct interval *part, size_t n, struct interval all)
{
	for (size_t i = 0; i < n; i++) {
		if (part[i].first >= part[i].end || part[i].end > all.end)
			return false;
		if (i == 0 ? part[i].first < all.first : part[i].first < part[i - 1].end)
			return false;
		if (i > 0 && part[i].first == part[i - 1].end && part[i].pass == part[i - 1].pass)
			return false;
	}
	return true;
}

uint64_t intervals_length(const struct interval *part, size_t n)
{
	uint64_t length = 0;

	for (size_t i = 0; i < n; i++)
		length += part[i].end - part[i].first;
	return length;
}
