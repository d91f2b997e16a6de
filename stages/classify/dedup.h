/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Duplicate detection by domain index. Two planes: a success is a repeat of a success only, so
 * that a RST or an ICMP error that came first never hides an open port; anything else is a repeat of anything.
 *
 * full:   a lazily paged bitmap per plane: exact for any number of ports.
 * window: a hash set of cache-line sets that forgets the oldest of a set when it is full: exact until then.
 */
#ifndef CLASSIFY_DEDUP_H
#define CLASSIFY_DEDUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct dedup;

/* What full may come to hold for a domain of N targets: when every target answered, in both planes. */
uint64_t dedup_full_bytes(uint64_t domain);

/* domain: N. memory: bytes it may come to hold. exact asked for and does not fit: NULL with errno ENOSPC. */
struct dedup *dedup_create_full(uint64_t domain, size_t memory);
struct dedup *dedup_create_window(size_t memory);
void dedup_destroy(struct dedup *);

/* classify thread: was (index) seen before in that plane? Marks it. */
bool dedup_seen(struct dedup *, uint64_t index, bool success);

/* Any thread. */
bool dedup_exact(const struct dedup *); /* false once anything was forgotten */
size_t dedup_memory(const struct dedup *);

#endif
