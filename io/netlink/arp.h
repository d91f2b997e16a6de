/* SPDX-License-Identifier: Apache-2.0 */
/*
 * ARP requests of our own (RFC 826), over AF_PACKET: asks without putting
 * anything into the kernel's neighbour table, whose size a scan of a large
 * prefix would exceed. Needs CAP_NET_RAW. Set-up only; one thread per socket.
 * Addresses in host order, times CLOCK_MONOTONIC in ns.
 */
#ifndef NETLINK_ARP_H
#define NETLINK_ARP_H

#include <stdint.h>

#include "anyscan/error.h"
#include "anyscan/io.h"

#define ARP_TRIES 3
#define ARP_WAIT_NS 330000000ULL /* after each try: about a second in all */

/* A socket for ARP on that link, or a negative errno. Close with close(). */
int arp_open(const struct io_link *, struct error *);
/* Broadcasts who-has addr. 0 or negative errno; -ENOBUFS and -EAGAIN: not sent, ask again later. */
int arp_ask(int fd, const struct io_link *, uint32_t addr);
/* The next reply: 1 and *addr, mac; 0 = none came until then; or negative errno. */
int arp_answer(int fd, uint64_t until_ns, uint32_t *addr, uint8_t mac[6]);
/* All of it for one address: 0 and mac, -ETIMEDOUT after ARP_TRIES, or another negative errno. */
int arp_resolve(const struct io_link *, uint32_t addr, uint8_t mac[6], struct error *);

#endif
