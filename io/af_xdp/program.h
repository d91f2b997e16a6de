/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The XDP program of one NIC: loaded once, attached by a bpf_link that dies with this process, however that ends.
 * Set-up thread; counters at any time.
 */
#ifndef AF_XDP_PROGRAM_H
#define AF_XDP_PROGRAM_H

#include "anyscan/error.h"
#include "anyscan/io.h"
#include "io/af_xdp/calls.h"
#include "io/af_xdp/redirect.h"

struct xdp_program;

/* queues: indices that sockets may be put at. */
int xdp_program_load(const struct xdp_calls *, const struct io_match *, unsigned int queues,
		     struct xdp_program **, struct error *);
void xdp_program_free(struct xdp_program *); /* detaches */

/* mode: XDP_FLAGS_DRV_MODE or XDP_FLAGS_SKB_MODE. -EEXIST: see xdp_program_foreign(). */
int xdp_program_attach(struct xdp_program *, const struct io_link *, uint32_t mode, struct error *);
void xdp_program_detach(struct xdp_program *);
int xdp_program_put(struct xdp_program *, unsigned int queue, int socket);

void xdp_program_counts(const struct xdp_program *, uint64_t count[FILTER_SLOTS]);

/* -EEXIST and a sentence that names it if somebody's program is on the interface; else 0. */
int xdp_program_foreign(const struct xdp_calls *, const struct io_link *, struct error *);

#endif
