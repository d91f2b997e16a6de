/* SPDX-License-Identifier: Apache-2.0 */
/* Where no kernel sees the port, nobody else answers who asks for our address, and a gateway then forgets us. */
#ifndef DPDK_ARP_H
#define DPDK_ARP_H

#include "io/dpdk/port.h"

/* rx thread: answers those of the n frames, by tx queue 0 of the port. Few at a time; who asks too often waits. */
void dpdk_arp_answer(const struct dpdk_rx *, struct rte_mbuf *const mbuf[], unsigned int n);

#endif
