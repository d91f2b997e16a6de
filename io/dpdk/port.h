/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the files of this engine share. Private to io/dpdk (and its tests).
 *
 * Each queue has a lock that its thread takes once for a batch. It is free, but while the service thread resets the
 * device or another queue's thread has something to do here: then the call does nothing, as if the queue were full or
 * empty, and its thread comes again.
 */
#ifndef DPDK_PORT_H
#define DPDK_PORT_H

#include "io/dpdk/rte.h"

#include <rte_spinlock.h>

#include "anyscan/block.h"
#include "anyscan/io.h"
#include "io/dpdk/limits.h"
#include "io/dpdk/spread.h"
#include "io/dpdk/tx_pool.h"
#include "io/netlink/link.h"
#include "rings/lines.h"

#define DPDK_VIEWS BLOCK_ITEMS /* frames received at once */
#define DPDK_OWN 16 /* frames of a tx queue for what the engine itself has to send */

struct dpdk_tx {
	struct io_txq io;
	uint16_t port;
	rte_spinlock_t lock;
	struct dpdk_tx_pool pool;
	unsigned int depth;
	uint8_t *own[DPDK_OWN],
		*end; /* frames from `end` on are those for dpdk_tx_own(); of whoever has the lock */
	unsigned int owns; /* in our hands */
	uint64_t stuck_since; /* CLOCK_MONOTONIC, while flush() sees no progress; 0 = it does */
	counter accepted, refused, lost;
	counter given_back; /* of accepted */
	uint8_t apart[LINES_APART]; /* from another thread's */
} __attribute__((aligned(2 * CACHE_LINE)));

struct dpdk_rx {
	struct io_rxq io;
	uint16_t port;
	rte_spinlock_t lock;
	struct rte_mempool *pool;
	bool answers; /* ARP requests are for us to answer */
	unsigned int held; /* mbufs of the last receive */
	bool fresh; /* something came since rx_next() was asked last */
	uint64_t busy_ns; /* when it saw so */
	struct rte_mbuf *mbuf[DPDK_VIEWS];
	uint8_t apart[LINES_APART];
} __attribute__((aligned(2 * CACHE_LINE)));

struct dpdk_port {
	struct io_port io;
	struct io_link link;
	uint16_t id;
	unsigned int frames; /* of each tx queue, without those in flight */
	struct dpdk_limits limits;
	struct rte_eth_dev_info info;
	bool configured, started, watched;
	bool reset_wanted;
	bool dead; /* did not survive a reset; of whoever has a queue's lock */
	unsigned int resets;
	struct rte_timer timer;
	struct dpdk_tx *tx;
	struct dpdk_rx *rx;
	char spread[DPDK_SPREAD_TEXT]; /* where replies go, for people */
	char text[768]; /* mode() */
};

/* port.c; on the service thread. up: what is done again after a reset, pools are there. */
int dpdk_port_up(struct dpdk_port *, struct error *);
int dpdk_port_start(struct dpdk_port *, struct error *);
void dpdk_port_stop(struct dpdk_port *);

/* link.c */
bool dpdk_link_up(struct io_port *);
int dpdk_find_link(const char *name, struct io_link *, struct error *);

/* tx_queue.c. own: any thread; a frame of up to 60 bytes. False: not sent, as while DPDK_OWN of them are on their way. */
bool dpdk_tx_own(struct dpdk_tx *, const void *bytes, uint16_t len);
void dpdk_tx_init(struct dpdk_port *, unsigned int index); /* its pool is there */
unsigned int dpdk_tx_submit(struct io_txq *, uint8_t *const frame[], const uint16_t len[], unsigned int n);
unsigned int dpdk_tx_reclaim(struct io_txq *, uint8_t *frame[], unsigned int n);
unsigned int dpdk_tx_flush(struct io_txq *);

/* rx_queue.c */
unsigned int dpdk_rx_receive(struct io_rxq *, struct frame_view[], unsigned int n);
void dpdk_rx_release(struct io_rxq *);
uint64_t dpdk_rx_next(struct io_rxq *, uint64_t now_ns);

/* stats.c */
size_t dpdk_stats(struct io_port *, struct reading *, size_t max);

#endif
