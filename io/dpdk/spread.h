/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which rx queues the NIC's RSS sends replies to: read back from what it was set up to, since one that it sends to and
 * nobody reads loses replies, and nobody counts them.
 */
#ifndef DPDK_SPREAD_H
#define DPDK_SPREAD_H

#include "io/dpdk/limits.h"

#define DPDK_SPREAD_TEXT 160

/*
 * Service thread, the port is started. A table that leaves out a queue of ours, or names another, is written anew, evenly.
 * said: for people, what is known of the spread and what the driver does not tell; "" where there is one queue.
 * 0, or negative errno and *e: replies would be lost, or a queue stay without any.
 */
int dpdk_spread_check(uint16_t port, const struct rte_eth_dev_info *, const struct dpdk_limits *,
		      const char *name, char said[DPDK_SPREAD_TEXT], struct error *e);

#endif
