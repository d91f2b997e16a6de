/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ranks are cut into equal buckets, BUCKETS_PER_PIECE or up to twice as many as there are
 * ranges, and each bucket knows the range of its first rank. A walk visits every rank, so however
 * the ranges cluster, the ranges that lie before a rank in its bucket are count / buckets <= 1/4 on
 * average: one comparison without a branch settles almost all, a loop the rest.
 *
 * 10,000 ranges take 80 KB of pieces and 160-320 KB of buckets, which stay in L2.
 */
#include "stages/gen/rank.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/block.h"

#define BUCKETS_PER_PIECE 4
#define TOPS 65537 /* one per /16, and an end */

static void fill_pieces(struct rank *r)
{
	uint64_t start = 0;

	for (size_t i = 0; i < r->count; i++) {
		r->piece[i].delta = r->range[i].first - (uint32_t)start;
		start += (uint64_t)r->range[i].last - r->range[i].first + 1;
		r->piece[i].next = (uint32_t)start; /* the last, above every rank, ends every search */
	}
}

static void fill_buckets(struct rank *r, size_t buckets)
{
	uint32_t i = 0;

	for (size_t b = 0; b < buckets; b++) {
		/* NOLINTNEXTLINE(clang-analyzer-core.UndefinedBinaryOperatorResult): fill_pieces() wrote all of them */
		while (i + 1 < r->count && r->piece[i].next <= b << r->shift)
			i++;
		r->bucket[b] = i;
	}
}

static void fill_tops(struct rank *r)
{
	uint32_t i = 0;

	for (uint32_t high = 0; high < TOPS - 1; high++) {
		while (i < r->count && r->range[i].last < high << 16)
			i++;
		r->top[high] = i;
	}
	r->top[TOPS - 1] = (uint32_t)r->count;
}

int rank_init(struct rank *r, const struct ranges *set)
{
	size_t buckets;

	*r = (struct rank){ .count = set->count, .total = ranges_total(set), .shift = 32 };
	while (r->shift > 0 && (r->total - 1) >> r->shift < set->count * BUCKETS_PER_PIECE)
		r->shift--;
	buckets = ((r->total - 1) >> r->shift) + 1;

	r->piece = malloc(r->count * sizeof(*r->piece));
	r->bucket = malloc(buckets * sizeof(*r->bucket));
	r->range = malloc(r->count * sizeof(*r->range));
	r->top = malloc(TOPS * sizeof(*r->top));
	if (r->piece == NULL || r->bucket == NULL || r->range == NULL || r->top == NULL) {
		rank_fini(r);
		return -ENOMEM;
	}
	r->memory = r->count * (sizeof(*r->piece) + sizeof(*r->range)) + buckets * sizeof(*r->bucket) +
		    TOPS * sizeof(*r->top);
	memcpy(r->range, set->range, r->count * sizeof(*r->range));
	fill_pieces(r);
	if (r->count > 1) /* a single range is looked up without; for 0/0 its next has wrapped */
		fill_buckets(r, buckets);
	fill_tops(r);
	return 0;
}

void rank_fini(struct rank *r)
{
	free(r->top);
	free(r->range);
	free(r->bucket);
	free(r->piece);
	*r = (struct rank){ 0 };
}

static void single(uint32_t delta, const uint32_t *rank, uint32_t *addr, unsigned int n)
{
	for (unsigned int k = 0; k < n; k++)
		addr[k] = rank[k] + delta;
}

void rank_lookup(const struct rank *r, const uint32_t *rank, uint32_t *addr, unsigned int n)
{
	const struct piece *piece = r->piece;
	const uint32_t *bucket = r->bucket;
	const unsigned int shift = r->shift;

	if (r->count == 1) {
		single(piece[0].delta, rank, addr, n);
		return;
	}
	/* passes: the loads of a whole block overlap, instead of three in a row per item */
	uint32_t at[BLOCK_ITEMS];
	for (unsigned int k = 0; k < n; k++)
		at[k] = bucket[rank[k] >> shift];
	for (unsigned int k = 0; k < n; k++) {
		uint32_t i = at[k];

		i += piece[i].next <= rank[k];
		while (__builtin_expect(piece[i].next <= rank[k], 0))
			i++;
		addr[k] = rank[k] + piece[i].delta;
	}
}

bool rank_find(const struct rank *r, uint32_t addr, uint32_t *rank)
{
	size_t low = r->top[addr >> 16], high = r->top[(addr >> 16) + 1];

	/* the first range that ends at or above addr; one that ends above this /16 is at top[next] */
	while (low < high) {
		size_t middle = (low + high) / 2;

		if (r->range[middle].last < addr)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == r->count || addr < r->range[low].first)
		return false;
	*rank = addr - r->piece[low].delta;
	return true;
}
