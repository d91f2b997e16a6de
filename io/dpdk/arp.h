/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where no kernel sees the port, nobody else answers who asks for our address, and a gateway then forgets us; and nobody
 * else asks where the gateway is.
 */
#ifndef DPDK_ARP_H
#define DPDK_ARP_H

#include "io/arp.h"
#include "io/dpdk/port.h"

/* rx thread: answers those of the n frames, by tx queue 0 of the port. Few at a time; who asks too often waits. */
void dpdk_arp_answer(const struct dpdk_rx *, struct rte_mbuf *const mbuf[], unsigned int n);

/* As arp() of struct io_ops: asks by tx queue 0, hears every rx queue. */
void dpdk_arp_wire(struct io_port *, struct arp_wire *);

#endif
