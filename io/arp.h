/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ARP requests of our own (RFC 826), over whatever reaches the link: a packet socket where the kernel has the interface
 * (io/netlink/arp.h), the port itself where it has not (arp() of struct io_ops). Nothing gets into the kernel's neighbour
 * table, whose size a scan of a large prefix would exceed. Set-up only; one thread per wire. Addresses in host order,
 * times CLOCK_MONOTONIC in ns.
 */
#ifndef IO_ARP_H
#define IO_ARP_H

#include <stdbool.h>
#include <stdint.h>

#include "anyscan/error.h"
#include "anyscan/io.h"

#define ARP_TRIES 3
#define ARP_WAIT_NS 330000000ULL /* after each try: about a second in all */

struct arp_frame;

/* An ARP reply: addr says that it is at mac. True: no more are wanted. */
typedef bool arp_taker(void *arg, uint32_t addr, const uint8_t mac[6]);

struct arp_wire {
	const struct io_link *link; /* who asks: mac and addr */
	/* 0 or negative errno; -ENOBUFS and -EAGAIN: not sent, ask again later */
	int (*send)(const struct arp_wire *, const struct arp_frame *);
	/* Hands over every reply until then, or until the taker has enough. 0 or negative errno. */
	int (*listen)(const struct arp_wire *, uint64_t until_ns, arp_taker *, void *arg);
	int fd; /* of a socket */
	struct io_port *port; /* of an engine */
};

/* Broadcasts who-has addr. As send(). */
int arp_ask(const struct arp_wire *, uint32_t addr);
/* All of it for one address: 0 and mac, -ETIMEDOUT after ARP_TRIES, or another negative errno. */
int arp_resolve(const struct arp_wire *, uint32_t addr, uint8_t mac[6], struct error *);

#endif
