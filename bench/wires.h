/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the benchmarks of engines on a kernel interface: devices in a network namespace that ends with the process, and a
 * whole scan over one of them.
 */
#ifndef BENCH_WIRES_H
#define BENCH_WIRES_H

#include <stdbool.h>

#include "anyscan/io.h"

/* Into a namespace of one's own. False: it was said of this benchmark that it is skipped, and why. */
bool wires_begin(const char *bench);

/* "bench0", whose peer is "bench1"; or NULL: this host does not let us. drop: the peer drops every frame in XDP. */
const char *wires_veth(bool drop);

/* Both in turn, with two queues: run(device, "veth"), whose peer drops, and run(device, "ifb"); or that they cannot be made is said. */
void wires_each(const char *bench, void (*run)(const char *device, const char *kind));

/* The identity of a device, its gateway's address made up. Ends the process with a sentence if there is none. */
void wires_link(const char *bench, const char *device, struct io_link *);

/*
 * Gen to wire: over one queue of it, everything on the CPU that this thread is pinned to, or over two by two fused threads on
 * the first two CPUs; nothing answers. Nanoseconds a probe from the first to the last; ends the process with a sentence if not all `probes` of `net` were sent.
 */
double wires_scan(const char *bench, const struct io_ops *, const struct io_link *, const char *xdp_mode,
		  unsigned int cores, const char *net, uint64_t probes);

#endif
