/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/classify/dedup.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/counters.h"
#include "stages/classify/lazy_table.h"

#define SET_KEYS 8 /* one cache line */
#define SET_BYTES (SET_KEYS * sizeof(uint64_t))

enum { /* marks of a target, in the bitmap; a key of the window has SUCCESS alone, being there is the other */
	SUCCESS = 1,
	ANY = 2,
	MARK_BITS = 2,
	PER_BYTE = 8 / MARK_BITS
};

struct dedup {
	struct lazy_table
		table; /* full: MARK_BITS a target; window: sets of SET_KEYS keys, newest first, 0 = none */
	uint64_t *set; /* window: the table, else NULL */
	unsigned int shift; /* 64 - log2 of the number of sets */
	counter forgotten;
};

uint64_t dedup_full_bytes(uint64_t domain)
{
	return domain / PER_BYTE + (domain % PER_BYTE != 0);
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
	if (lazy_table_init(&d->table, dedup_full_bytes(domain)) < 0) {
		free(d);
		return NULL;
	}
	return d;
}

struct dedup *dedup_create_window(size_t memory)
{
	struct dedup *d = calloc(1, sizeof(*d));

	if (d == NULL)
		return NULL;
	d->shift = 63; /* at least two sets */
	while (SET_BYTES << (65 - d->shift) <= memory && d->shift > 1)
		d->shift--;
	if (lazy_table_init(&d->table, SET_BYTES << (64 - d->shift)) < 0) {
		free(d);
		return NULL;
	}
	d->set = (uint64_t *)d->table.at;
	return d;
}

void dedup_destroy(struct dedup *d)
{
	if (d == NULL)
		return;
	lazy_table_fini(&d->table);
	free(d);
}

/* Fibonacci hashing (Knuth 6.4): the upper bits of the product spread well. */
static uint64_t *set_of(const struct dedup *d, uint64_t index)
{
	return &d->set[SET_KEYS * (((index + 1) * 0x9e3779b97f4a7c15ULL) >> d->shift)];
}

static bool bitmap_seen(struct dedup *d, uint64_t index, bool success)
{
	uint8_t *byte = &d->table.at[index / PER_BYTE];
	const unsigned int at = index % PER_BYTE * MARK_BITS, seen = *byte >> at;

	lazy_table_use(&d->table, index / PER_BYTE);
	/* one writer, and others may read: a plain store that cannot tear */
	__atomic_store_n(byte, (uint8_t)(*byte | (success ? ANY | SUCCESS : ANY) << at), __ATOMIC_RELAXED);
	return seen & (success ? SUCCESS : ANY);
}

static bool window_seen(struct dedup *d, uint64_t index, bool success)
{
	const uint64_t key = (index + 1) << 1; /* never 0; an index has 48 bits */
	uint64_t *set = set_of(d, index);

	for (int i = 0; i < SET_KEYS; i++) {
		const uint64_t found = set[i];

		if ((found & ~(uint64_t)SUCCESS) != key)
			continue;
		set[i] |= success;
		return !success || (found & SUCCESS) != 0;
	}
	lazy_table_use(&d->table, (size_t)((uint8_t *)set - d->table.at));
	counter_add(&d->forgotten, set[SET_KEYS - 1] != 0);
	memmove(&set[1], &set[0], (SET_KEYS - 1) * sizeof(set[0]));
	set[0] = key | success;
	return false;
}

bool dedup_seen(struct dedup *d, uint64_t index, bool success)
{
	return d->set != NULL ? window_seen(d, index, success) : bitmap_seen(d, index, success);
}

void dedup_prefetch(const struct dedup *d, uint64_t index)
{
	if (d->set != NULL)
		__builtin_prefetch(set_of(d, index), 1);
	else
		__builtin_prefetch(&d->table.at[index / PER_BYTE], 1);
}

bool dedup_found(const struct dedup *d, uint64_t index)
{
	if (d->set != NULL)
		return false;
	return __atomic_load_n(&d->table.at[index / PER_BYTE], __ATOMIC_RELAXED) >>
		       index % PER_BYTE * MARK_BITS &
	       SUCCESS;
}

bool dedup_exact(const struct dedup *d)
{
	return counter_read(&d->forgotten) == 0;
}

size_t dedup_memory(const struct dedup *d)
{
	return lazy_table_resident(&d->table);
}
