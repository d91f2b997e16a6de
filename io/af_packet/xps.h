/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which CPUs the kernel maps to a tx queue (XPS, Documentation/networking/scaling.rst). With PACKET_QDISC_BYPASS the
 * queue follows from the CPU that sends, so a tx thread should run on a CPU of its queue. Set-up only; any thread.
 */
#ifndef AF_PACKET_XPS_H
#define AF_PACKET_XPS_H

#include <sched.h>

/* Fills *cpus; empty = any CPU (no mask is set). 0, or negative errno: -ENOENT = no such queue, or no XPS. */
int xps_cpus_of_queue(const char *ifname, unsigned int queue, cpu_set_t *cpus);

/* The same below another root than /sys. */
int xps_cpus_below(const char *root, const char *ifname, unsigned int queue, cpu_set_t *cpus);

#endif
