/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is read out of single rtnetlink messages (rtnetlink(7)). Every attribute is checked for its length before it
 * is used. Addresses in host order, 0 = absent. All return false for a message that is of another kind, does not
 * concern us, or is cut short.
 */
#ifndef NETLINK_PARSE_H
#define NETLINK_PARSE_H

#include <libmnl/libmnl.h>
#include <net/if.h>
#include <stdbool.h>
#include <stdint.h>

struct netlink_link { /* RTM_NEWLINK */
	int ifindex;
	char name[IFNAMSIZ];
	char kind[16]; /* IFLA_INFO_KIND, "" for hardware */
	unsigned short type; /* ARPHRD_ETHER, ... */
	unsigned int flags; /* IFF_UP, ... */
	unsigned int mtu, tx_queues, rx_queues;
	uint8_t mac[6]; /* zero when the link has no address of six bytes */
	uint64_t rx_packets, tx_packets, rx_dropped, tx_dropped, rx_missed, tx_errors; /* IFLA_STATS64 */
};
bool netlink_parse_link(const struct nlmsghdr *, struct netlink_link *);

struct netlink_address { /* RTM_NEWADDR, IPv4 */
	int ifindex;
	uint32_t local, net, mask; /* net = the connected prefix */
	bool secondary;
	uint8_t scope; /* RT_SCOPE_UNIVERSE, ... */
};
bool netlink_parse_address(const struct nlmsghdr *, struct netlink_address *);

/*
 * RTM_NEWROUTE: an IPv4 default route of the main table. only != 0: its next hop through that interface; else its
 * first next hop.
 */
struct netlink_route {
	int ifindex;
	uint32_t gateway, source; /* 0: none given */
	uint32_t metric; /* lower wins */
};
bool netlink_parse_default_route(const struct nlmsghdr *, int only, struct netlink_route *);

struct netlink_neighbour { /* RTM_NEWNEIGH, IPv4, with a usable Ethernet address */
	int ifindex;
	uint32_t addr;
	uint8_t mac[6];
};
bool netlink_parse_neighbour(const struct nlmsghdr *, struct netlink_neighbour *);

#endif
