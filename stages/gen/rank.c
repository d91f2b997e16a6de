/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ranks are cut into equal buckets, BUCKETS_PER_PIECE or up to twice as many as there are
 * ranges, and each bucket knows the range of its first rank. A walk visits every rank, so however
 * the ranges cluster, the ranges that lie before a rank in its bucket are count / buckets <= 1/2 on
 * average: one comparison settles most, a second almost all, a loop the rest (stages/gen/rank_forms.c).
 *
 * 10,000 ranges take 80 KB of pieces, 80-160 KB of buckets and twice that of their pieces, of which a lookup mostly
 * reads the last: that stays in L2 beside the frames. Twice the buckets settle more at once and cost more: with AVX2 a
 * probe among 10,000 exclusions then takes 1.18 of a simple one, with these 1.12 (bench/bench_gen_build.c).
 */
#include "stages/gen/rank.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/block.h"
#include "stages/forms.h"

#define BUCKETS_PER_PIECE 2
#define BUCKETS_MIN \
	1024 /* a few ranges that lie close together have most buckets to themselves, 12 KB in all */
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
		r->first[b] = r->piece[i];
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

/* A set of one range, with neither buckets nor a search. */
static void single(const struct rank *r, const uint32_t *rank, uint32_t *addr, unsigned int n)
{
	const uint32_t delta = r->piece[0].delta;

	for (unsigned int k = 0; k < n; k++)
		addr[k] = rank[k] + delta;
}

int rank_init(struct rank *r, const struct ranges *set)
{
	size_t buckets, wanted;

	*r = (struct rank){ .count = set->count, .total = ranges_total(set), .shift = 32 };
	wanted = set->count * BUCKETS_PER_PIECE < BUCKETS_MIN ? BUCKETS_MIN : set->count * BUCKETS_PER_PIECE;
	while (r->shift > 0 && (r->total - 1) >> r->shift < wanted)
		r->shift--;
	buckets = ((r->total - 1) >> r->shift) + 1;

	r->piece = malloc(r->count * sizeof(*r->piece));
	r->bucket = malloc(buckets * sizeof(*r->bucket));
	r->first = malloc(buckets * sizeof(*r->first));
	r->range = malloc(r->count * sizeof(*r->range));
	r->top = malloc(TOPS * sizeof(*r->top));
	if (r->piece == NULL || r->bucket == NULL || r->first == NULL || r->range == NULL || r->top == NULL) {
		rank_fini(r);
		return -ENOMEM;
	}
	r->memory = r->count * (sizeof(*r->piece) + sizeof(*r->range)) +
		    buckets * (sizeof(*r->bucket) + sizeof(*r->first)) + TOPS * sizeof(*r->top);
	memcpy(r->range, set->range, r->count * sizeof(*r->range));
	fill_pieces(r);
	if (r->count > 1) /* a single range is looked up without; for 0/0 its next has wrapped */
		fill_buckets(r, buckets);
	fill_tops(r);
	r->lookup = r->count > 1 ? FORMS_BEST(rank_forms)->fn : single;
	return 0;
}

/*
 * Every lookup is a cache miss, as it is among as many ranges; but the block's are independent, so they overlap, and
 * there is nothing to compare.
 */
static void flat(const struct rank *r, const uint32_t *rank, uint32_t *addr, unsigned int n)
{
	for (unsigned int k = 0; k < n; k++)
		addr[k] = r->addr[rank[k]];
}

int rank_init_flat(struct rank *r, struct addresses *set)
{
	size_t i = 0;

	*r = (struct rank){ .count = addresses_runs(set), .total = set->count, .lookup = flat };
	r->top = malloc(TOPS * sizeof(*r->top));
	if (r->top == NULL)
		return -ENOMEM;
	for (uint32_t high = 0; high < TOPS; high++) {
		while (i < set->count && set->addr[i] >> 16 < high)
			i++;
		r->top[high] = (uint32_t)i;
	}
	r->memory = set->count * sizeof(*r->addr) + TOPS * sizeof(*r->top);
	r->addr = set->addr;
	*set = (struct addresses){ 0 };
	return 0;
}

void rank_fini(struct rank *r)
{
	free(r->addr);
	free(r->top);
	free(r->range);
	free(r->first);
	free(r->bucket);
	free(r->piece);
	*r = (struct rank){ 0 };
}

bool rank_use_form(struct rank *r, const char *name)
{
	for (const struct rank_form *form = rank_forms; form->name != NULL; form++)
		if (strcmp(form->name, name) == 0 && form->supported()) {
			if (r->addr == NULL)
				r->lookup = r->count > 1 ? form->fn : single;
			return true;
		}
	return false;
}

bool rank_next_range(const struct rank *r, size_t *at, struct range *out)
{
	if (*at == (r->addr != NULL ? r->total : r->count))
		return false;
	if (r->addr == NULL) {
		*out = r->range[(*at)++];
		return true;
	}
	out->first = out->last = r->addr[(*at)++];
	while (*at < r->total && r->addr[*at] == out->last + 1) { /* which ascend, so it does not wrap */
		out->last++;
		(*at)++;
	}
	return true;
}

static bool find_flat(const struct rank *r, uint32_t addr, uint32_t *rank)
{
	size_t low = r->top[addr >> 16], high = r->top[(addr >> 16) + 1];

	while (low < high) {
		const size_t middle = (low + high) / 2;

		if (r->addr[middle] < addr)
			low = middle + 1;
		else
			high = middle;
	}
	*rank = (uint32_t)low;
	return low < r->total && r->addr[low] == addr;
}

bool rank_find(const struct rank *r, uint32_t addr, uint32_t *rank)
{
	size_t low = r->top[addr >> 16], high = r->top[(addr >> 16) + 1];

	if (r->addr != NULL)
		return find_flat(r, addr, rank);
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
