/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Addresses that were excluded while the scan runs. tx looks for them, as the last stage before the wire: a probe that
 * was composed before the exclusion is held back too. Costs nothing while there are none; else a load of the frame,
 * which lies in the cache or is about to be copied from it, and a search.
 */
#ifndef TX_EXCLUDE_H
#define TX_EXCLUDE_H

#include <stdbool.h>
#include <stdint.h>

#include "anyscan/block.h"
#include "stages/gen/ranges.h"

/* Whether one of n ranges (at least 1, sorted and disjoint) holds the address. No branch to guess: 12 steps for 4096. */
static inline bool exclusion_holds(const struct range *range, uint32_t n, uint32_t addr)
{
	while (n > 1) {
		const uint32_t half = n / 2;

		range += range[half].first <= addr ? half : 0;
		n -= half;
	}
	return range->first <= addr && addr <= range->last;
}

/*
 * Takes the probes to one of n ranges (at least 1) out of frame[sent..count) of the block and leaves the others in
 * their order: count sinks, and the frames behind it are blank. Returns how many.
 */
uint32_t exclude_frames(struct frame_block *, uint32_t sent, const struct range *, uint32_t n);

#endif
