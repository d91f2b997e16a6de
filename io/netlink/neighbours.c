/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An open-addressed table of every on-link target, filled half at most, so that
 * a look-up is one multiplication and about one and a half cache lines. What
 * was asked and did not answer stays in it as missing.
 */
#include "io/netlink/neighbours.h"
#include "anyscan/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/netlink/arp.h"
#include "io/netlink/kernel_neighbours.h"

#define REQUESTS_PER_SECOND 10000 /* a switch's CPU sees every broadcast */
#define REQUEST_BURST 10 /* requests between two looks at the clock: 1 ms */
#define BURST_NS (REQUEST_BURST * 1000000000ULL / REQUESTS_PER_SECOND)

struct entry {
	uint32_t addr; /* 0: empty; 0.0.0.0 is nobody's address */
	uint8_t mac[6];
	bool found;
};

struct neighbours {
	uint32_t net, mask;
	size_t asked, resolved;
	unsigned int shift; /* 32 - log2(slots) */
	uint32_t slot_mask;
	struct entry slot[];
};

/* The slot of addr, or the empty one where it belongs. Fibonacci hashing (Knuth, TAOCP 3, 6.4). */
static struct entry *slot_of(const struct neighbours *n, uint32_t addr)
{
	uint32_t i = addr * 2654435769U >> n->shift;

	while (n->slot[i].addr != addr && n->slot[i].addr != 0)
		i = (i + 1) & n->slot_mask;
	return (struct entry *)&n->slot[i];
}

static bool take_answer(void *arg, uint32_t addr, const uint8_t mac[6])
{
	struct neighbours *n = arg;
	struct entry *entry = slot_of(n, addr);

	if (entry->addr == 0 || entry->found) /* never asked for, or told twice: the first answer stands */
		return false;
	memcpy(entry->mac, mac, 6);
	entry->found = true;
	n->resolved++;
	return n->resolved == n->asked;
}

static void take_known(void *arg, uint32_t addr, const uint8_t mac[6])
{
	take_answer(arg, addr, mac);
}

/* One request to each that is still missing, then a wait for stragglers. */
static int ask_missing(struct neighbours *n, const struct arp_wire *wire)
{
	uint64_t next = clock_mono_ns() + BURST_NS;
	unsigned int burst = 0;
	int rc = 0;

	for (uint32_t i = 0; i <= n->slot_mask && rc == 0; i++) {
		if (n->slot[i].addr == 0 || n->slot[i].found)
			continue;
		rc = arp_ask(wire, n->slot[i].addr);
		if (rc == -ENOBUFS || rc == -EAGAIN) /* one of its tries is lost; two are left */
			rc = 0;
		if (rc == 0 && ++burst == REQUEST_BURST) {
			rc = wire->listen(wire, next, take_answer, n);
			next += BURST_NS;
			burst = 0;
		}
	}
	if (rc < 0 || n->resolved == n->asked)
		return rc;
	return wire->listen(wire, clock_mono_ns() + ARP_WAIT_NS, take_answer, n);
}

static int ask_all(struct neighbours *n, const struct arp_wire *wire, struct error *error)
{
	int rc = 0;

	for (int i = 0; i < ARP_TRIES && n->resolved < n->asked && rc == 0; i++)
		rc = ask_missing(n, wire);
	return rc < 0 ? error_set(error, rc, "cannot resolve neighbours on %s: %s", wire->link->name,
				  strerror(-rc)) :
			0;
}

/* The kernel's table first; if it cannot be read, ARP asks them all. */
static int ask_on_kernel_link(struct neighbours *n, const struct io_link *link, struct error *error)
{
	struct arp_wire wire;
	int rc;

	netlink_kernel_neighbours(link->ifindex, take_known, n);
	if (n->resolved == n->asked)
		return 0;
	rc = arp_socket_open(link, &wire, error);
	if (rc < 0)
		return rc;
	rc = ask_all(n, &wire, error);
	arp_socket_close(&wire);
	return rc;
}

static struct neighbours *allocate(const struct io_link *link, size_t count)
{
	unsigned int bits = 2;
	struct neighbours *n;

	while ((size_t)1 << bits < 2 * count)
		bits++;
	n = calloc(1, sizeof(*n) + (sizeof(n->slot[0]) << bits));
	if (n == NULL)
		return NULL;
	n->net = link->onlink_net;
	n->mask = link->onlink_mask;
	n->shift = 32 - bits;
	n->slot_mask = (1U << bits) - 1;
	return n;
}

/* The targets within the connected prefix, in *out. */
static int select_onlink(const struct io_link *link, const struct ranges *targets, struct ranges *out)
{
	const uint32_t last = link->onlink_net | ~link->onlink_mask;

	for (size_t i = 0; i < targets->count; i++) {
		uint32_t from = targets->range[i].first, to = targets->range[i].last;

		from = from > link->onlink_net ? from : link->onlink_net;
		to = to < last ? to : last;
		if (from <= to && ranges_add(out, from, to) < 0)
			return -ENOMEM;
	}
	return 0;
}

static int resolve(const struct io_link *link, const struct ranges *onlink, const struct arp_wire *wire,
		   struct neighbours **out, struct error *error)
{
	const uint64_t count = ranges_total(onlink);
	struct neighbours *n;
	int rc;

	if (count > NEIGHBOURS_MAX)
		return error_set(
			error, -E2BIG,
			"%llu targets are in the prefix of %s itself, more than the %d that can be resolved by ARP: "
			"exclude them, or send everything to one router with --gateway-mac",
			(unsigned long long)count, link->name, NEIGHBOURS_MAX);
	n = allocate(link, count);
	if (n == NULL)
		return error_set(error, -ENOMEM, "no memory for the neighbours of %s", link->name);
	for (size_t i = 0; i < onlink->count; i++)
		for (uint64_t addr = onlink->range[i].first; addr <= onlink->range[i].last; addr++)
			if (addr != 0)
				slot_of(n, (uint32_t)addr)->addr = (uint32_t)addr, n->asked++;
	rc = wire != NULL ? ask_all(n, wire, error) : ask_on_kernel_link(n, link, error);
	if (rc < 0) {
		neighbours_destroy(n);
		return rc;
	}
	*out = n;
	return 0;
}

int neighbours_resolve(const struct io_link *link, const struct ranges *targets, const struct arp_wire *wire,
		       struct neighbours **out, struct error *error)
{
	struct ranges onlink = { 0 };
	int rc;

	*out = NULL;
	if (link->onlink_net == 0 && link->onlink_mask == 0xffffffffU)
		return 0;
	rc = select_onlink(link, targets, &onlink);
	if (rc < 0)
		error_set(error, rc, "no memory for the on-link targets of %s", link->name);
	else if (onlink.count > 0)
		rc = resolve(link, &onlink, wire, out, error);
	ranges_free(&onlink);
	return rc;
}

void neighbours_destroy(struct neighbours *n)
{
	free(n);
}

enum neighbour neighbours_find(const struct neighbours *n, uint32_t addr, uint8_t mac[6])
{
	const struct entry *entry;

	if ((addr & n->mask) != n->net)
		return NEIGHBOUR_ROUTED;
	entry = slot_of(n, addr);
	if (!entry->found)
		return NEIGHBOUR_MISSING;
	memcpy(mac, entry->mac, 6);
	return NEIGHBOUR_FOUND;
}

size_t neighbours_resolved(const struct neighbours *n)
{
	return n->resolved;
}

size_t neighbours_missing(const struct neighbours *n)
{
	return n->asked - n->resolved;
}
