/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Ethernet addresses of whom we send to, where --gateway-mac does not say: the gateway's, if a target is behind it,
 * and those of targets on the link. Set-up thread.
 */
#ifndef ANYSCAN_PIPE_HOPS_H
#define ANYSCAN_PIPE_HOPS_H

#include "tools/anyscan-pipe/scan.h"

/*
 * Before the port is open: where the kernel has the interface, by its tables and by ARP; else only whether hops_meet() will
 * have somebody to ask for. 0, or negative errno and *error.
 */
int hops_find(struct scan *, unsigned int port, struct error *);

/* Once it is open, as meet() of struct pipeline_options: the rest, by ARP over the port itself. scan is a struct scan. */
int hops_meet(void *scan, unsigned int port, struct io_port *, struct error *);

#endif
