/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The map of targets seen: one bit per (address, port), in a sparse file that
 * several threads and processes may share and that outlives kill -9. What a
 * simulated world has been asked, so that a test can tell "every target exactly
 * once" whatever happened to the scanner.
 *
 * The file, all numbers little-endian:
 *
 *   0     char magic[16]       "anyscan-seen 1\n"
 *   16    u32 port[256]        slot k holds port[k] - 1; 0 = free. First come, never changed
 *   65536 u8 bits[slots][2^29] address a is bit a % 8 of byte a / 8, addresses in host order
 *
 * The file ends with the last slot in use: 512 MiB each, of which only pages
 * with a bit take room.
 */
#ifndef SIM_SEEN_H
#define SIM_SEEN_H

#include <stdbool.h>
#include <stdint.h>

#include "anyscan/error.h"

#define SEEN_MAGIC "anyscan-seen 1\n"
#define SEEN_PORTS 256 /* distinct ports */
#define SEEN_HEADER 65536 /* bytes before the bits: the largest page of a machine that we run on */
#define SEEN_SLOT (1ULL << 29) /* bytes of one port */

struct seen;

/* Set-up thread. Makes the file, or goes on with one that is there. 0 or negative errno; fills *error. */
int seen_open(const char *path, struct seen **out, struct error *error);
void seen_close(struct seen *);

/*
 * Any thread. True: the first time. One locked instruction, and a page fault for a part of the
 * address space that was never touched (SIGBUS when the disk is full: mmap(2) has no other way
 * to say it). A port beyond SEEN_PORTS cannot be kept: true, and counted as unkept.
 */
bool seen_mark(struct seen *, uint32_t addr, uint16_t port);
uint64_t seen_unkept(const struct seen *);

/* Any thread. */
bool seen_test(struct seen *, uint32_t addr, uint16_t port);

/* Addresses seen with that port: reads the parts of the file that have data. Any thread. */
uint64_t seen_count(struct seen *, uint16_t port);

#endif
