/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the kernel knew of a NIC before `anyscan-nic bind` took it away: DPDK has no routes and no neighbours. Read from
 * the journal that bind leaves, BOUND_NIC_DIR/bound-PCI.json. Set-up only; any thread.
 */
#ifndef IO_BOUND_NIC_H
#define IO_BOUND_NIC_H

#include "anyscan/error.h"
#include "anyscan/io.h"

#define BOUND_NIC_DIR "/run/anyscan-pipe"

/*
 * Fills addr, gateway, gateway_mac, onlink_net, onlink_mask and mtu of *link, those that are known; mac too where it
 * is all zero. 1: filled; 0: there is no journal of this address ("0000:00:05.0", or "00:05.0"), or it is from before
 * the host was started anew; or a negative errno with a sentence: it is there and cannot be read.
 */
int bound_nic_read(const char *dir, const char *pci, struct io_link *link, struct error *);

#endif
