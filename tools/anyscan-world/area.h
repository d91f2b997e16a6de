/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The part of the address space that the world answers for: one range of
 * addresses times some ports, and a bit for each pair.
 */
#ifndef ANYSCAN_WORLD_AREA_H
#define ANYSCAN_WORLD_AREA_H

#include <stdbool.h>
#include <stdint.h>

#include "anyscan/error.h"
#include "io/sim/seen.h"
#include "stages/gen/ranges.h"
#include "stages/gen/targets.h"

#define AREA_BITS_MAX (1ULL << 27) /* 16 MiB of bitmap, which the kernel pins */

struct area {
	uint32_t first, last; /* inclusive, host order */
	struct ports ports;
	bool echo; /* --ports icmp: hosts that answer ICMP echo; ports is 0 alone */
	uint16_t index[65536]; /* of a port in ports, or NO_PORT */
};

/* net: CIDR or a range; ports: as for --target-ports, or "icmp". Free with area_free(). */
int area_parse(const char *net, const char *ports, struct area *, struct error *);
void area_free(struct area *);

uint64_t area_bits(const struct area *); /* addresses x ports */
size_t area_words(const struct area *); /* 64-bit words that hold them */

/*
 * The map in a file (io/sim/seen.h), the same as the sim engine writes. Marks of an earlier run stay:
 * remove the file to begin anew. bitmap: bit (address - first) * ports + index.
 */
int area_save(const char *path, const struct area *, const uint64_t *bitmap, struct error *);
int area_load(const char *path, struct seen **, struct error *); /* for reading: must exist */

#endif
