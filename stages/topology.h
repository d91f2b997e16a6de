/* SPDX-License-Identifier: Apache-2.0 */
/* Cores and NUMA nodes of CPUs, by hwloc, as plain data for a plan. Set-up only. */
#ifndef STAGES_TOPOLOGY_H
#define STAGES_TOPOLOGY_H

#include <sched.h>

#include "stages/plan.h"

/*
 * Fills cpu[CPU_COUNT(usable)], ascending, and returns how many. synthetic: an hwloc description, as
 * "node:2 core:32 pu:2", of the machine to look at; NULL: this one. A CPU that hwloc does not know, or all of them
 * when it cannot look, is a core of its own on no known node.
 */
unsigned int topology_read(const char *synthetic, const cpu_set_t *usable, struct plan_cpu *cpu);

/* The NUMA node that an interface, or a PCI address, is on. -1: none, or not known. */
int topology_node_of_interface(const char *ifname);

/* The same below another root than /sys. */
int topology_node_below(const char *root, const char *ifname);

#endif
