/* SPDX-License-Identifier: Apache-2.0 */
/* ARP over a packet socket: on an interface that the kernel has. Needs CAP_NET_RAW. */
#ifndef NETLINK_ARP_H
#define NETLINK_ARP_H

#include "io/arp.h"

/* 0 and *wire, which arp_socket_close() ends, or negative errno. The link must outlive it. */
int arp_socket_open(const struct io_link *, struct arp_wire *, struct error *);
void arp_socket_close(const struct arp_wire *);

#endif
