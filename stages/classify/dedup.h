/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Duplicate detection by domain index. A target has two marks: a success is a repeat of a success only, so
 * that a RST or an ICMP error that came first never hides an open port; anything else is a repeat of anything.
 *
 * full:   two bits per target: exact for any number of ports.
 * window: a hash set of cache-line sets that forgets the oldest of a set when it is full: exact until then.
 *
 * Either table is one line per target and, in a large scan, that line is not in cache: whoever has several targets
 * at hand calls dedup_prefetch() for all of them before dedup_seen() for the first.
 */
#ifndef CLASSIFY_DEDUP_H
#define CLASSIFY_DEDUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dedup;

/* What full may come to hold for a domain of N targets: when targets all over it have answered. */
uint64_t dedup_full_bytes(uint64_t domain);

/* domain: N. memory: bytes it may come to hold. exact asked for and does not fit: NULL with errno ENOSPC. */
struct dedup *dedup_create_full(uint64_t domain, size_t memory);
struct dedup *dedup_create_window(size_t memory);
void dedup_destroy(struct dedup *);

/* classify thread: was (index) seen before in that sense? Marks it. */
bool dedup_seen(struct dedup *, uint64_t index, bool success);
void dedup_prefetch(const struct dedup *, uint64_t index);

/* Any thread. */
/* Set once a success was seen, a moment later. full only: a window moves what it holds, and has found nobody. */
bool dedup_found(const struct dedup *, uint64_t index);
bool dedup_exact(const struct dedup *); /* false once anything was forgotten */
size_t dedup_memory(const struct dedup *); /* bytes resident; for tests, it asks the kernel page by page */

#endif
