/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The identity of a port that is no kernel interface: always the same
 * addresses, so that what such an engine makes depends on nothing of the host.
 */
#ifndef IO_FIXED_LINK_H
#define IO_FIXED_LINK_H

#include "anyscan/io.h"

#define FIXED_LINK_ADDR 0xc6120001u /* 198.18.0.1, of the benchmark prefix (RFC 2544) */
#define FIXED_LINK_GATEWAY 0xc6120002u
#define FIXED_LINK_QUEUES 64

/* Set-up thread. kind: the engine; -ENAMETOOLONG fills *error. */
int fixed_link(const char *name, const char *kind, unsigned int tx_queues, unsigned int rx_queues,
	       struct io_link *out, struct error *error);

#endif
