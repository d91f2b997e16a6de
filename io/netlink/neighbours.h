/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Next hops of on-link targets. Built at set-up by a bounded ARP of our own,
 * const afterwards. Addresses in host order.
 */
#ifndef NETLINK_NEIGHBOURS_H
#define NETLINK_NEIGHBOURS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/error.h"
#include "anyscan/io.h"
#include "io/arp.h"
#include "stages/gen/ranges.h"

#define NEIGHBOURS_MAX 65536 /* on-link targets that we are ready to resolve */

struct neighbours;

/*
 * Resolves targets within the link's connected prefix: at most NEIGHBOURS_MAX of them (-E2BIG fills *error with the
 * way out: --gateway-mac), 3 tries each, at most 10,000 requests/s. *out = NULL when no target is on-link. Blocks for about a second at most
 * plus the time the requests take. wire: how to ask where the kernel has no interface of the link; NULL: it has one.
 */
int neighbours_resolve(const struct io_link *, const struct ranges *targets, const struct arp_wire *wire,
		       struct neighbours **out, struct error *);
void neighbours_destroy(struct neighbours *);

enum neighbour {
	NEIGHBOUR_ROUTED,
	NEIGHBOUR_FOUND,
	NEIGHBOUR_MISSING
};

/* Hot when on-link: ROUTED = by the gateway; FOUND fills mac. */
enum neighbour neighbours_find(const struct neighbours *, uint32_t addr, uint8_t mac[6]);
size_t neighbours_resolved(const struct neighbours *);
size_t neighbours_missing(const struct neighbours *);

#endif
