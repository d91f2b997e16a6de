/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Position -> pair is one load; the way back, one per validated reply, a binary search among the pairs of a /16. Six bytes
 * would hold a pair, in two arrays: at the price of a second cache miss a probe, and of both forms while they are made.
 */
#include "stages/gen/pair_rank.h"

#include <errno.h>
#include <stdlib.h>

#define TOPS 65537 /* one per /16, and an end */

int pair_rank_init(struct pair_rank *r, struct pairs *pairs)
{
	size_t i = 0;

	*r = (struct pair_rank){ .count = pairs->count };
	if (pairs->count == 0)
		return 0;
	r->top = malloc(TOPS * sizeof(*r->top));
	if (r->top == NULL)
		return -ENOMEM;
	for (uint32_t high = 0; high < TOPS; high++) {
		while (i < pairs->count && pairs->pair[i] >> 32 < high)
			i++;
		r->top[high] = (uint32_t)i;
	}
	r->memory = pairs->count * sizeof(*r->pair) + TOPS * sizeof(*r->top);
	r->pair = pairs->pair;
	*pairs = (struct pairs){ 0 };
	return 0;
}

void pair_rank_fini(struct pair_rank *r)
{
	free(r->top);
	free(r->pair);
	*r = (struct pair_rank){ 0 };
}

bool pair_rank_find(const struct pair_rank *r, uint32_t addr, uint16_t port, uint32_t *position)
{
	const uint64_t wanted = (uint64_t)addr << 16 | port;
	size_t low, high;

	if (r->count == 0)
		return false;
	low = r->top[addr >> 16];
	high = r->top[(addr >> 16) + 1];
	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (r->pair[middle] < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	*position = (uint32_t)low;
	return low < r->count && r->pair[low] == wanted;
}
