/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who we are on a kernel interface and how to leave it: link, address, default
 * route and the gateway's MAC, as the kernel has them configured. Set-up only; any thread.
 */
#ifndef NETLINK_LINK_H
#define NETLINK_LINK_H

#include "anyscan/error.h"
#include "anyscan/io.h"

/*
 * name NULL or "": the interface of the default route. Fails when there is no such interface, it is down, or no
 * Ethernet. No IPv4 address and no gateway are no errors here: addr and gateway stay 0 (--source-ip and
 * --gateway-mac can stand in). Sends nothing.
 */
int netlink_find_link(const char *name, struct io_link *, struct error *);

/*
 * The MAC of link->gateway, unless it is known already: from the kernel's neighbour table, else by an ARP request of
 * our own (up to a second; needs CAP_NET_RAW). gateway_mac_known says whether it was found.
 */
void netlink_find_gateway(struct io_link *);

struct link_counters { /* of the device, since it exists */
	uint64_t rx_packets, tx_packets;
	uint64_t rx_dropped, rx_missed; /* missed: the NIC had no descriptor for it */
	uint64_t tx_dropped, tx_errors;
};

/* 1: up, with a carrier; 0: not; -ENODEV: there is no such interface (any more). Any time. */
int netlink_link_running(int ifindex);

int netlink_link_counters(int ifindex, struct link_counters *);

#endif
