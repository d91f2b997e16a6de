/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/hops.h"

#include <errno.h>

#include "io/arp.h"
#include "io/netlink/link.h"
#include "tools/anyscan-pipe/screen.h"

/* The connected prefix. Without one, no address but 0. */
static struct range connected(const struct io_link *link)
{
	return (struct range){ link->onlink_net, link->onlink_net | ~link->onlink_mask };
}

static bool all_on_link(const struct io_link *link, const struct domain *targets)
{
	const struct range all = domain_span(targets), near = connected(link);

	return all.first >= near.first && all.last <= near.last;
}

static int no_gateway(const struct io_link *link, const char *why, struct error *e)
{
	return error_set(e, -EHOSTUNREACH, "%s: %s; give --gateway-mac", link->name, why);
}

/* wire NULL: the kernel has the interface. */
static int find_neighbours(struct scan *s, unsigned int i, const struct arp_wire *wire, struct error *e)
{
	const struct io_link *link = &s->port[i].link;
	struct ranges near = { .count = 0 };
	int rc = domain_within(s->domain, connected(link), &near);

	ranges_normalise(&near);
	if (rc == 0)
		rc = neighbours_resolve(link, &near, wire, &s->neighbours[i], e);
	else
		error_set(e, rc, "%s: out of memory for the targets on the link", link->name);
	ranges_free(&near);
	if (rc != 0)
		return rc;
	s->port[i].neighbours = s->neighbours[i];
	if (s->neighbours[i] != NULL)
		screen_say(LEVEL_NOTICE,
			   "%s: %zu targets on the link answer ARP, %zu do not and are not probed",
			   link->name, neighbours_resolved(s->neighbours[i]),
			   neighbours_missing(s->neighbours[i]));
	return 0;
}

int hops_find(struct scan *s, unsigned int i, struct error *e)
{
	struct io_link *link = &s->port[i].link;
	const bool gateway = !all_on_link(link, s->domain), kernel = link->ifindex > 0;

	if (gateway && kernel)
		netlink_find_gateway(link);
	if (gateway && !link->gateway_mac_known) {
		if (!kernel && link->gateway == 0)
			return error_set(
				e, -EHOSTUNREACH,
				"%s: no kernel knows who is behind it; give --gateway-ip, which is then asked "
				"by ARP, or --gateway-mac",
				link->name);
		if (kernel)
			return no_gateway(link,
					  link->gateway == 0 ? "there is no default route through it" :
							       "the gateway does not answer ARP",
					  e);
	}
	return kernel ? find_neighbours(s, i, NULL, e) : 0;
}

int hops_meet(void *scan, unsigned int i, struct io_port *io, struct error *e)
{
	struct scan *s = scan;
	struct io_link *link = &s->port[i].link;
	struct arp_wire wire;

	if (link->ifindex > 0)
		return 0;
	io->ops->arp(io, &wire);
	if (!link->gateway_mac_known && !all_on_link(link, s->domain)) {
		if (arp_resolve(&wire, link->gateway, link->gateway_mac, NULL) < 0)
			return no_gateway(link, "the gateway does not answer ARP", e);
		link->gateway_mac_known = true;
	}
	return find_neighbours(s, i, &wire, e);
}
