/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The memory of frames and blocks: in huge pages where the host has them and enough is asked for to be worth one, so that a
 * queue of frames 2048 bytes apart takes a few TLB entries instead of thousands. Reserved ones first
 * (vm.nr_hugepages), else transparent ones, else ordinary pages.
 *
 * Set-up thread.
 */
#ifndef RINGS_PAGES_H
#define RINGS_PAGES_H

#include <stddef.h>
#include <stdint.h>

#define PAGES_HUGE_SIZE (2UL << 20)
#define PAGES_HUGE_FROM (PAGES_HUGE_SIZE / 2) /* bytes; below, most of a huge page would lie idle */

enum pages_kind { /* what was granted */
	PAGES_ORDINARY, /* less than PAGES_HUGE_FROM was asked for */
	PAGES_REFUSED, /* ordinary ones too: the host granted no huge ones */
	PAGES_TRANSPARENT, /* asked for; granted for all of it where the kernel can tell (Linux 6.1) */
	PAGES_RESERVED,
	PAGES_KINDS,
};

extern const char *const pages_kind_names[PAGES_KINDS]; /* for people: "ordinary pages", ... */

struct pages {
	uint8_t *at; /* zeroed, faulted in; on a page boundary, a huge one from PAGES_HUGE_FROM bytes on */
	size_t mapped; /* bytes; 0: from the allocator */
	enum pages_kind kind;
};

int pages_get(struct pages *, size_t bytes); /* 0 or -ENOMEM */
void pages_put(struct pages *); /* may be all zeros */

#endif
