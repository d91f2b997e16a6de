/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Position -> pair is two loads; the way back, one per validated reply, a binary search among the pairs of a /16.
 */
#include "stages/gen/pair_rank.h"

#include <errno.h>
#include <stdlib.h>

#define TOPS 65537 /* one per /16, and an end */

int pair_rank_init(struct pair_rank *r, const struct pairs *pairs)
{
	size_t i = 0;

	*r = (struct pair_rank){ .count = pairs->count };
	if (pairs->count == 0)
		return 0;
	r->addr = malloc(pairs->count * sizeof(*r->addr));
	r->port = malloc(pairs->count * sizeof(*r->port));
	r->top = malloc(TOPS * sizeof(*r->top));
	if (r->addr == NULL || r->port == NULL || r->top == NULL) {
		pair_rank_fini(r);
		return -ENOMEM;
	}
	r->memory = pairs->count * (sizeof(*r->addr) + sizeof(*r->port)) + TOPS * sizeof(*r->top);
	for (uint32_t high = 0; high < TOPS; high++) {
		r->top[high] = (uint32_t)i;
		for (; i < pairs->count && pairs->pair[i] >> 32 == high; i++) {
			r->addr[i] = (uint32_t)(pairs->pair[i] >> 16);
			r->port[i] = (uint16_t)pairs->pair[i];
		}
	}
	return 0;
}

void pair_rank_fini(struct pair_rank *r)
{
	free(r->top);
	free(r->port);
	free(r->addr);
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

		if (((uint64_t)r->addr[middle] << 16 | r->port[middle]) < wanted)
			low = middle + 1;
		else
			high = middle;
	}
	*position = (uint32_t)low;
	return low < r->count && r->addr[low] == addr && r->port[low] == port;
}
