/* SPDX-License-Identifier: Apache-2.0 */
#include "area.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "responder.h"

static int parse_net(const char *net, struct area *area, struct error *e)
{
	struct ranges ranges = { 0 };
	int rc = targets_parse(net, &ranges, e);

	if (rc == -ENOENT)
		rc = error_set(e, -EINVAL, "--net %s is a name; it takes addresses, like 10.0.0.0/12", net);
	if (rc == 0) {
		ranges_normalise(&ranges);
		area->first = ranges.range[0].first;
		area->last = ranges.range[0].last;
	}
	ranges_free(&ranges);
	return rc;
}

int area_parse(const char *net, const char *ports, struct area *area, struct error *e)
{
	int rc;

	memset(area, 0, sizeof(*area));
	rc = parse_net(net, area, e);
	if (rc != 0)
		return rc;
	area->echo = strcmp(ports, "icmp") == 0;
	rc = ports_parse(area->echo ? "0" : ports, &area->ports, e);
	if (rc != 0)
		return rc;
	if (area->ports.count > NO_PORT || area_bits(area) > AREA_BITS_MAX) {
		rc = error_set(e, -EINVAL,
			       "--net %s with %u ports is %llu targets; the map holds 2^27: "
			       "take a longer prefix or fewer ports",
			       net, area->ports.count, (unsigned long long)area_bits(area));
		area_free(area);
		return rc;
	}
	memset(area->index, 0xff, sizeof(area->index));
	for (uint32_t i = 0; i < area->ports.count; i++)
		area->index[area->ports.port[i]] = (uint16_t)i;
	return 0;
}

void area_free(struct area *area)
{
	ports_free(&area->ports);
}

uint64_t area_bits(const struct area *area)
{
	return ((uint64_t)area->last - area->first + 1) * area->ports.count;
}

size_t area_words(const struct area *area)
{
	return (size_t)((area_bits(area) + 63) / 64);
}

int area_save(const char *path, const struct area *area, const uint64_t *bitmap, struct error *e)
{
	const uint64_t bits = area_bits(area);
	struct seen *seen;
	uint32_t addr = area->first, k = 0;
	int rc = seen_open(path, &seen, e);

	if (rc != 0)
		return rc;
	for (uint64_t bit = 0; bit < bits; bit++) {
		if (bitmap[bit >> 6] >> (bit & 63) & 1)
			seen_mark(seen, addr, area->ports.port[k]);
		if (++k == area->ports.count) {
			k = 0;
			addr++;
		}
	}
	if (seen_unkept(seen) > 0)
		rc = error_set(e, -ENOSPC, "%s keeps %d ports at most: %llu targets could not be marked",
			       path, SEEN_PORTS, (unsigned long long)seen_unkept(seen));
	seen_close(seen);
	return rc;
}

int area_load(const char *path, struct seen **seen, struct error *e)
{
	if (access(path, R_OK) != 0) /* seen_open() would make it */
		return error_set(e, -errno, "cannot read %s: %m", path);
	return seen_open(path, seen, e);
}
