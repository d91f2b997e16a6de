/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The world on a port of DPDK. It is polled on the EAL's interrupt thread, from alarms: PMDs whose peer is a process
 * hear of its end there, and memif unmaps its rings at once, whoever is reading them.
 */
#ifndef ANYSCAN_WORLD_DPDK_PORT_H
#define ANYSCAN_WORLD_DPDK_PORT_H

#include "io/dpdk/rte.h"

#include <semaphore.h>
#include <stdbool.h>

#include "respond.h"
#include "world_port.h"

struct dpdk_port {
	struct world_port port;
	struct responder responder;
	const char *device; /* as it was named */
	char words[80];
	uint16_t id;
	bool started, closing; /* closing: atomic, asks the polling to end */
	sem_t ended; /* it has */
	bool registered; /* the interrupt thread, for a cache of the pool */
	struct rte_mempool *pool;
	unsigned int
		waiting; /* answers that the wire had no room for, in order; no frame is taken meanwhile */
	struct rte_mbuf *wait[2 * RESPOND_BURST];
};

/* dpdk_link.c: starts the port, on the service thread of the EAL; closes it, also where it did not start. */
int dpdk_link_up(struct dpdk_port *, struct error *e);
void dpdk_link_down(struct dpdk_port *);

/* dpdk_poll.c: begins to answer; ends it, closes the port and waits until that is done. 0 or negative errno. */
int dpdk_poll_start(struct dpdk_port *);
void dpdk_poll_stop(struct dpdk_port *);

#endif
