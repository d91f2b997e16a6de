/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a plan sends on a machine, from what a probe costs in each stage. The model:
 *
 *   - a thread has the sum of what its stages do for a probe, times their share of the probes, and a hop for each edge
 *     that leaves it or comes to it from another thread;
 *     where there are fewer CPUs than threads it is a wake-up, as often as the edge runs full or empty;
 *   - a pinned thread has a core, or its part of smt_yield of a core that several share; threads that are not pinned
 *     share all cores;
 *   - the slowest thread, all cores together, the NIC's wire or the provider's allowance is the limit, whichever is least.
 *
 * It knows nothing of caches, memory bandwidth, clock frequencies that fall as cores are used, or locks in the kernel.
 */
#ifndef MACHINE_MODEL_H
#define MACHINE_MODEL_H

#include "stages/plan.h"

#define MODEL_WIRE_BITS 672 /* of the shortest frame: 84 bytes with preamble, FCS and gap (IEEE 802.3) */

struct stage_costs { /* ns of a core per probe */
	double gen, build, tx;
	double rx; /* rx and classify together, for the replies to one probe */
	double kernel; /* outside of our threads */
	double rx_asleep; /* what rx costs more in a pipeline with fewer CPUs than threads: rx is woken more often */
	double hop; /* on each side of an edge between two threads that have a CPU each */
	double hop_asleep; /* build>tx, both sides together, of threads that sleep for want of CPUs: mostly waking */
};

struct model_limits { /* packets/s; 0: none */
	double port; /* of the slowest port */
	const char *port_name; /* "wire", "NIC", for people */
	double allowance; /* of all ports together */
};

struct prediction {
	double pps;
	const char *limit; /* a stage's name, "cpus", port_name or "allowance" */
};

struct prediction model_predict(const struct plan *, const struct plan_host *, double smt_yield,
				const struct stage_costs *, const struct model_limits *);

#endif
