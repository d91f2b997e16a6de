/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/classify/lazy_table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1; glibc 2.36 does not have it yet */
#endif

int lazy_table_init(struct lazy_table *t, size_t bytes)
{
	const size_t head = LAZY_REGION - 1; /* to align, cut off again */
	uint8_t *map;
	size_t skip;

	t->bytes = (bytes + LAZY_REGION - 1) & ~(LAZY_REGION - 1);
	t->uses = calloc(t->bytes / LAZY_REGION, 1);
	if (t->uses == NULL)
		return -ENOMEM;
	map = mmap(NULL, t->bytes + head, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE,
		   -1, 0);
	if (map == MAP_FAILED) {
		free(t->uses);
		return -ENOMEM;
	}
	skip = -(uintptr_t)map & (LAZY_REGION - 1);
	t->at = map + skip;
	if (skip > 0)
		munmap(map, skip);
	munmap(t->at + t->bytes, head - skip);
	/* Where the host gives everybody huge pages, one answer would make 2 MiB resident. */
	madvise(t->at, t->bytes, MADV_NOHUGEPAGE);
	return 0;
}

void lazy_table_fini(struct lazy_table *t)
{
	if (t->at != NULL)
		munmap(t->at, t->bytes);
	free(t->uses);
	*t = (struct lazy_table){ 0 };
}

/* About 0.2 ms. A kernel that cannot, or has no huge page left, leaves the small ones: slower, not wrong. */
void lazy_table_thicken(struct lazy_table *t, size_t region)
{
	uint8_t *start = t->at + region * LAZY_REGION;

	if (madvise(start, LAZY_REGION, MADV_HUGEPAGE) == 0)
		madvise(start, LAZY_REGION, MADV_COLLAPSE);
}

size_t lazy_table_resident(const struct lazy_table *t)
{
	const size_t page = (size_t)sysconf(_SC_PAGESIZE), pages = t->bytes / page;
	unsigned char *resident = malloc(pages);
	size_t n = 0;

	if (resident == NULL || mincore(t->at, t->bytes, resident) < 0) {
		free(resident);
		return t->bytes;
	}
	for (size_t i = 0; i < pages; i++)
		n += resident[i] & 1;
	free(resident);
	return n * page;
}
