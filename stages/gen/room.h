/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GEN_ROOM_H
#define GEN_ROOM_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>

#define ROOM_HUGE (2UL << 20)

/*
 * An array of so many items, with what it held. One that is large asks for huge pages: a walk reads it in random
 * order, and no CPU has TLB entries for 400 MB of small ones. NULL: out of memory, and the array is as it was.
 */
static inline void *room_for(void *array, size_t items, size_t size)
{
	void *grown = items <= SIZE_MAX / size ? realloc(array, items * size) : NULL;
	const uintptr_t at = (uintptr_t)grown;
	const uintptr_t first = (at + ROOM_HUGE - 1) / ROOM_HUGE * ROOM_HUGE;
	const uintptr_t end = (at + items * size) / ROOM_HUGE * ROOM_HUGE;

	if (grown != NULL && first < end) /* advice: a kernel that takes none has small ones */
		(void)madvise((void *)first, end - first, MADV_HUGEPAGE);
	return grown;
}

#endif
