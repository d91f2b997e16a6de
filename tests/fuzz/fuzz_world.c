/* SPDX-License-Identifier: Apache-2.0 */
/* --world: what is taken is a world, whose shares are at most all of it. */
#include <stdbool.h>

#include "io/sim/world_spec.h"
#include "tests/fuzz/fuzz_text.h"

#define ALL 4294967296ULL /* 2^32 */
#define HOUR_NS 3600000000000ULL

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size), *seen = malloc(16);
	struct error e = { 0 };
	struct world w;
	const int r = world_parse(text, &w, seen, 16, &e);

	if (r < 0) {
		must_say(r, &e);
	} else {
		must(w.open <= ALL && w.closed <= ALL && w.unreach <= ALL && w.forged <= ALL);
		must(w.open + w.closed + w.unreach + w.forged <= ALL);
		must(w.loss <= ALL && w.dup <= ALL && w.late <= ALL);
		must(w.rtt_ns <= HOUR_NS && w.late_ns <= HOUR_NS);
		must(w.bottleneck.kind < BOTTLENECK_KINDS && w.bottleneck.capacities <= WORLD_CAPACITIES);
		must((w.bottleneck.kind == BOTTLENECK_NONE) == (w.bottleneck.capacities == 0));
		for (__u64 i = 0; i < w.bottleneck.capacities; i++)
			must(w.bottleneck.capacity[i].rate >= 1 &&
			     w.bottleneck.capacity[i].from_ns <= HOUR_NS);
		must(strlen(seen) < 16);
	}
	free(seen);
	free(text);
	return 0;
}
