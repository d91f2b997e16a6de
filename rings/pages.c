/* SPDX-License-Identifier: Apache-2.0 */
#include "rings/pages.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#ifndef MADV_COLLAPSE
#define MADV_COLLAPSE 25 /* Linux 6.1; glibc 2.36 does not have it yet */
#endif

#define ORDINARY_PAGE 4096

const char *const pages_kind_names[PAGES_KINDS] = {
	[PAGES_ORDINARY] = "ordinary pages",
	[PAGES_REFUSED] = "ordinary pages, as the host grants no huge ones",
	[PAGES_TRANSPARENT] = "transparent huge pages",
	[PAGES_RESERVED] = "reserved huge pages",
};

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) / to * to;
}

/* The allocator's, so that a sanitizer sees what is written past the end. */
static int get_small(struct pages *p, size_t bytes)
{
	void *at;

	if (posix_memalign(&at, ORDINARY_PAGE, bytes) != 0)
		return -ENOMEM;
	memset(at, 0, bytes);
	*p = (struct pages){ .at = at, .kind = PAGES_ORDINARY };
	return 0;
}

/* Fails at once when too few pages are reserved and free. */
static int get_reserved(struct pages *p, size_t bytes)
{
	void *at = mmap(NULL, bytes, PROT_READ | PROT_WRITE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_HUGETLB | MAP_POPULATE, -1, 0);

	if (at == MAP_FAILED)
		return -ENOMEM;
	*p = (struct pages){ .at = at, .mapped = bytes, .kind = PAGES_RESERVED };
	return 0;
}

/* A huge page more than needed, whose ends go back: only what is aligned can become huge. */
static int get_aligned(struct pages *p, size_t bytes)
{
	uint8_t *map = mmap(NULL, bytes + PAGES_HUGE_SIZE, PROT_READ | PROT_WRITE,
			    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	size_t head;

	if (map == MAP_FAILED)
		return -ENOMEM;
	head = -(uintptr_t)map & (PAGES_HUGE_SIZE - 1);
	if (head > 0)
		munmap(map, head);
	munmap(map + head + bytes, PAGES_HUGE_SIZE - head);
	*p = (struct pages){ .at = map + head, .mapped = bytes, .kind = PAGES_REFUSED };
	return 0;
}

int pages_get(struct pages *p, size_t bytes)
{
	if (bytes < PAGES_HUGE_FROM)
		return get_small(p, bytes);
	if (bytes > SIZE_MAX / 2)
		return -ENOMEM;
	bytes = round_up(bytes, PAGES_HUGE_SIZE);
	if (get_reserved(p, bytes) == 0)
		return 0;
	if (get_aligned(p, bytes) != 0)
		return -ENOMEM;
	const int asked = madvise(p->at, bytes, MADV_HUGEPAGE); /* EINVAL: a kernel without them */

	memset(p->at, 0, bytes); /* fault now, not while sending */
	/* "never", or no free huge page when it was touched: a last try, and the answer; of nothing, whether it knows the call */
	if (asked == 0 &&
	    (madvise(p->at, bytes, MADV_COLLAPSE) == 0 || madvise(p->at, 0, MADV_COLLAPSE) != 0))
		p->kind = PAGES_TRANSPARENT;
	return 0;
}

void pages_put(struct pages *p)
{
	if (p->mapped > 0)
		munmap(p->at, p->mapped);
	else
		free(p->at);
	*p = (struct pages){ 0 };
}
