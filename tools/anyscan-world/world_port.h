/* SPDX-License-Identifier: Apache-2.0 */
/* Where probes come from and answers go: the world's end of a wire. Set-up thread. */
#ifndef ANYSCAN_WORLD_WORLD_PORT_H
#define ANYSCAN_WORLD_WORLD_PORT_H

#include <stddef.h>
#include <stdint.h>

#include "anyscan/error.h"
#include "anyscan/world.h"
#include "area.h"
#include "responder.h"

struct world_port_options {
	const char *dev;
	const char *eal; /* --dpdk-eal, or NULL */
	const struct area *area; /* outlives the port */
	const struct world *world;
	uint32_t times_room; /* of how many frames the time of arrival is kept; 0: of none */
};

struct world_port { /* the first member of what open() makes */
	const struct world_port_ops *ops;
	const char *mode; /* for the counters */
	const char *words; /* for people: what answers */
};

struct world_port_ops {
	/* Answers from then on. NULL fills *e. What it leaves on the host ends with this process, however that ends. */
	struct world_port *(*open)(const struct world_port_options *, struct error *e);
	void (*close)(struct world_port *);
	/* Live, but whole only once traffic has ended. */
	void (*counts)(struct world_port *, struct counts *sum);
	const uint64_t *(*seen)(struct world_port *); /* bitmap of the area */
	/* Times of arrival, CLOCK_MONOTONIC ns, in order of arrival; returns how many. */
	size_t (*times)(struct world_port *, const uint64_t **times);
};

extern const struct world_port_ops world_xdp; /* --dev: responder.bpf.c on an interface */
extern const struct world_port_ops world_dpdk __attribute__((weak)); /* --dpdk; NULL: built without libdpdk */

#endif
