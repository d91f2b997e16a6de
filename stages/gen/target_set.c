/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/gen/target_set.h"

void target_set_normalise(struct target_set *t)
{
	ranges_normalise(&t->ranges);
	addresses_normalise(&t->addresses);
	addresses_without(&t->addresses, &t->ranges);
	pairs_normalise(&t->pairs);
}

bool target_set_empty(const struct target_set *t)
{
	return t->ranges.count == 0 && t->addresses.count == 0 && t->pairs.count == 0;
}

void target_set_subtract_ports(struct target_set *t, const struct ports *ports)
{
	pairs_subtract(&t->pairs, &t->ranges, &t->addresses, ports);
}

uint64_t target_set_ported(const struct target_set *t)
{
	return ranges_total(&t->ranges) + t->addresses.count;
}

uint64_t target_set_addresses(const struct target_set *t)
{
	return target_set_ported(t) + pairs_addresses(&t->pairs);
}

uint32_t target_set_first(const struct target_set *t)
{
	uint32_t first = UINT32_MAX;

	if (t->ranges.count > 0)
		first = t->ranges.range[0].first;
	if (t->addresses.count > 0 && t->addresses.addr[0] < first)
		first = t->addresses.addr[0];
	if (t->pairs.count > 0 && t->pairs.pair[0] >> 16 < first)
		first = (uint32_t)(t->pairs.pair[0] >> 16);
	return first;
}

int target_set_subtract(struct target_set *t, const struct ranges *out)
{
	if (out->count == 0)
		return 0;
	addresses_without(&t->addresses, out);
	pairs_without(&t->pairs, out);
	return ranges_subtract(&t->ranges, out);
}

int target_set_intersect(struct target_set *t, const struct ranges *in)
{
	addresses_within(&t->addresses, in);
	pairs_within(&t->pairs, in);
	return ranges_intersect(&t->ranges, in);
}

void target_set_free(struct target_set *t)
{
	ranges_free(&t->ranges);
	addresses_free(&t->addresses);
	pairs_free(&t->pairs);
}
