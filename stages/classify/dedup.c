/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/classify/dedup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "anyscan/counters.h"

#define PAGE_BITS 16 /* targets a page: 8 KiB; a scan of 1% hits touches most, of a corner few */
#define PAGE_BYTES ((size_t)1 << (PAGE_BITS - 3))
#define SET_KEYS 8 /* one cache line */

enum plane {
	PLANE_ANY,
	PLANE_SUCCESS,
	PLANES
};

struct dedup {
	uint8_t **page[PLANES]; /* full: NULL until a target of the page answers */
	uint64_t pages;
	uint64_t *
		set; /* window: SET_KEYS keys a set, newest first, 0 = none, so a fresh page is an empty one */
	size_t set_bytes;
	unsigned int shift; /* 64 - log2 of the number of sets */
	counter forgotten;
	counter bytes;
};

uint64_t dedup_full_bytes(uint64_t domain)
{
	return (domain / 8 + (domain % 8 != 0)) * PLANES;
}

struct dedup *dedup_create_full(uint64_t domain, size_t memory)
{
	struct dedup *d;

	if (dedup_full_bytes(domain) > memory) {
		errno = ENOSPC;
		return NULL;
	}
	d = calloc(1, sizeof(*d));
	if (d == NULL)
		return NULL;
	d->pages = (domain >> PAGE_BITS) + 1;
	for (int p = 0; p < PLANES; p++) {
		d->page[p] = calloc(d->pages, sizeof(*d->page[p]));
		if (d->page[p] == NULL) {
			dedup_destroy(d);
			return NULL;
		}
	}
	counter_add(&d->bytes, PLANES * d->pages * sizeof(*d->page[0]));
	return d;
}

/* Zero pages that exist once a key falls into them: 4 KiB each, where huge ones would take all of it at once. */
static uint64_t *map_lazily(size_t bytes)
{
	void *set =
		mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (set == MAP_FAILED)
		return NULL;
	madvise(set, bytes, MADV_NOHUGEPAGE); /* EINVAL: this kernel has no huge ones */
	return set;
}

struct dedup *dedup_create_window(size_t memory)
{
	const size_t line = SET_KEYS * sizeof(uint64_t);
	struct dedup *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->shift = 63; /* at least two sets */
	while (line << (65 - d->shift) <= memory && d->shift > 1)
		d->shift--;
	d->set_bytes = line << (64 - d->shift);
	d->set = map_lazily(d->set_bytes);
	if (d->set == NULL) {
		dedup_destroy(d);
		return NULL;
	}
	counter_add(&d->bytes, d->set_bytes);
	return d;
}

void dedup_destroy(struct dedup *d)
{
	if (d == NULL)
		return;
	for (int p = 0; p < PLANES; p++) {
		for (uint64_t i = 0; d->page[p] != NULL && i < d->pages; i++)
			free(d->page[p][i]);
		free(d->page[p]);
	}
	if (d->set != NULL)
		munmap(d->set, d->set_bytes);
	free(d);
}

static bool bitmap_seen(struct dedup *d, enum plane plane, uint64_t index)
{
	uint8_t **page = &d->page[plane][index >> PAGE_BITS];
	const uint64_t bit = index & (((uint64_t)1 << PAGE_BITS) - 1);
	const uint8_t mask = (uint8_t)(1u << (bit & 7));
	bool seen;

	if (*page == NULL) {
		*page = calloc(1, PAGE_BYTES);
		if (*page == NULL) { /* better a repeat than a result lost */
			counter_add(&d->forgotten, 1);
			return false;
		}
		counter_add(&d->bytes, PAGE_BYTES);
	}
	seen = ((*page)[bit >> 3] & mask) != 0;
	(*page)[bit >> 3] |= mask;
	return seen;
}

static bool window_seen(struct dedup *d, uint64_t key)
{
	/* Fibonacci hashing (Knuth 6.4): the upper bits of the product spread well. */
	uint64_t *set = &d->set[SET_KEYS * ((key * 0x9e3779b97f4a7c15ULL) >> d->shift)];

	for (int i = 0; i < SET_KEYS; i++) {
		if (set[i] == key)
			return true;
	}
	counter_add(&d->forgotten, set[SET_KEYS - 1] != 0);
	memmove(&set[1], &set[0], (SET_KEYS - 1) * sizeof(set[0]));
	set[0] = key;
	return false;
}

static bool plane_seen(struct dedup *d, enum plane plane, uint64_t index)
{
	return d->set != NULL ? window_seen(d, 1 + index * PLANES + plane) : bitmap_seen(d, plane, index);
}

bool dedup_seen(struct dedup *d, uint64_t index, bool success)
{
	bool any = plane_seen(d, PLANE_ANY, index);

	return success ? plane_seen(d, PLANE_SUCCESS, index) : any;
}

bool dedup_exact(const struct dedup *d)
{
	return counter_read(&d->forgotten) == 0;
}

size_t dedup_memory(const struct dedup *d)
{
	return counter_read(&d->bytes);
}
