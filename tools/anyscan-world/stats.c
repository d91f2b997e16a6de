/* SPDX-License-Identifier: Apache-2.0 */
#include "stats.h"

void stats_print(struct world_port *port, const struct area *area, FILE *f)
{
	const uint64_t *seen = port->ops->seen(port);
	struct counts sum;
	uint64_t targets = 0, answers;

	port->ops->counts(port, &sum);
	for (size_t i = 0; i < area_words(area); i++)
		targets += (uint64_t)__builtin_popcountll(seen[i]);
	fprintf(f, "{\"mode\":\"%s\"", port->mode);
#define X(name) fprintf(f, ",\"" #name "\":%llu", (unsigned long long)sum.name);
	COUNTS(X)
#undef X
	answers = sum.open + sum.closed + sum.unreach + sum.forged - sum.lost - sum.failed + sum.duplicated;
	fprintf(f, ",\"answers\":%llu,\"targets_seen\":%llu,\"seconds\":%.6f}\n", (unsigned long long)answers,
		(unsigned long long)targets, (double)(sum.last_ns - sum.first_ns) / 1e9);
}
