/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --io-engine auto: the best engine that this host grants as it is. No NIC changes its driver, and none that carries the
 * default route or the connection that the user works over is touched by more than af_packet, which adds a socket.
 */
#ifndef ANYSCAN_PIPE_AUTO_ENGINE_H
#define ANYSCAN_PIPE_AUTO_ENGINE_H

#include "tools/anyscan-pipe/interface_list.h"
#include "tools/anyscan-pipe/scan.h"

/*
 * What -i names decides: DPDK's devices are dpdk's, and nobody asked the kernel for them. Else af_packet for now, and
 * engine_open is set until auto_engine_choose(). Opens nothing. 0 or negative errno.
 */
int auto_engine_named(struct scan *, char *name, size_t size, struct error *);

/* Before ports are opened: tries af_xdp on each interface, takes it where all grant it, and says why. */
void auto_engine_choose(struct scan *, const struct interface_name *, unsigned int count);

#endif
