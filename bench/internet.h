/* SPDX-License-Identifier: Apache-2.0 */
/* For the benchmarks of generation: domains as scans have them. */
#ifndef BENCH_INTERNET_H
#define BENCH_INTERNET_H

#include <stdlib.h>

#include "stages/gen/domain.h"

/* The address space but its special-purpose blocks and `exclusions` holes of 1..4096 addresses at pseudorandom places. */
static inline struct domain *internet(unsigned int exclusions, const char *port_list)
{
	struct ranges allowed = { 0 }, holes = { 0 };
	struct ports ports;
	struct domain *d;
	uint64_t draw = 1;

	if (ranges_add(&allowed, 0, UINT32_MAX) != 0 ||
	    targets_reserved(RESERVED_UNROUTABLE | RESERVED_SPECIAL, &holes) != 0)
		abort();
	for (unsigned int i = 0; i < exclusions; i++) {
		draw = draw * 6364136223846793005ULL + 1442695040888963407ULL;
		uint32_t first = (uint32_t)(draw >> 32), length = (draw >> 20 & 4095) + 1;
		if (ranges_add(&holes, first, first > UINT32_MAX - length ? UINT32_MAX : first + length) != 0)
			abort();
	}
	ranges_normalise(&holes);
	if (ranges_subtract(&allowed, &holes) != 0 || ports_parse(port_list, &ports, NULL) != 0)
		abort();
	d = domain_create(&allowed, &ports, NULL);
	if (d == NULL)
		abort();
	ports_free(&ports);
	ranges_free(&holes);
	ranges_free(&allowed);
	return d;
}

#endif
