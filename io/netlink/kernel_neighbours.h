/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's own table of IPv4 neighbours. Set-up only; any thread. */
#ifndef NETLINK_KERNEL_NEIGHBOURS_H
#define NETLINK_KERNEL_NEIGHBOURS_H

#include <stdint.h>

/* Calls each() for every usable entry of that interface; an entry may come twice. 0 or negative errno. */
int netlink_kernel_neighbours(int ifindex, void (*each)(void *arg, uint32_t addr, const uint8_t mac[6]),
			      void *arg);

#endif
