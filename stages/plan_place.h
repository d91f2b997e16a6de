/* SPDX-License-Identifier: Apache-2.0 */
/* Which thread on which CPU: the last step of plan_make(). */
#ifndef STAGES_PLAN_PLACE_H
#define STAGES_PLAN_PLACE_H

#include "stages/plan.h"

unsigned int plan_cores(const struct plan_host *); /* that have a usable CPU */
unsigned int
plan_near_cpus(const struct plan_host *); /* on a node that has a port, or all if none is known */
unsigned int plan_nodes(const struct plan_host *); /* that have a port, at least one */

/* Ports of each node in turn: at[host->ports]. */
void plan_order_ports(const struct plan_host *, unsigned int *at);

/* Pins the threads of *p, or none when there are more busy ones than CPUs. 0 or -ENOMEM. */
int plan_place(const struct plan_host *, struct plan *);

#endif
