/* SPDX-License-Identifier: Apache-2.0 */
/* What a port can be asked for: our wishes within what its driver says of itself. Pure: any driver can be tried. */
#ifndef DPDK_LIMITS_H
#define DPDK_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "anyscan/error.h"

#define DPDK_TX_DESCRIPTORS 512 /* wished for; in flight per queue at most */
#define DPDK_RX_DESCRIPTORS 4096 /* one queue; fewer of each the more queues there are */
#define DPDK_RX_DESCRIPTORS_LEAST 1024

struct rte_eth_dev_info;

struct dpdk_wish {
	const char *name; /* of the port, for messages */
	unsigned int tx_queues, rx_queues;
};

struct dpdk_limits {
	uint16_t tx_queues, rx_queues;
	uint16_t tx_descriptors, rx_descriptors; /* of each queue */
	unsigned int tx_free; /* frames that it may keep after they have left */
	bool fast_free; /* RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE */
	uint64_t rss; /* RTE_ETH_RSS_* to spread replies by; 0: nothing to spread, or it cannot */
	char said[256]; /* what it does not grant, for people; "" */
};

/* 0, or -EINVAL with *e: it has not that many queues, or its limits contradict each other. */
int dpdk_limits_choose(const struct rte_eth_dev_info *, const struct dpdk_wish *, struct dpdk_limits *,
		       struct error *e);

/*
 * rx queues that must be opened whoever serves them, as somebody else chooses among them (a fanout of sockets, the other
 * end of a vhost): 0: as many as we like, and RSS chooses among those.
 */
unsigned int dpdk_limits_rx_queues(const struct rte_eth_dev_info *);

#endif
