/* SPDX-License-Identifier: Apache-2.0 */
/* responder.bpf.c on an interface. */
#ifndef ANYSCAN_WORLD_WORLD_XDP_H
#define ANYSCAN_WORLD_WORLD_XDP_H

#include <stdint.h>
#include <stdio.h>

#include "anyscan/error.h"
#include "anyscan/world.h"
#include "area.h"

struct world_xdp;

/*
 * Loads and attaches. NULL fills *e. The program is held by a bpf_link: it
 * leaves the interface with this process, however that ends. area must outlive it.
 * times_room: of how many frames the time of arrival is kept, 0 = of none.
 */
struct world_xdp *world_xdp_open(const char *dev, const struct area *, const struct world *,
				 uint32_t times_room, struct error *);
void world_xdp_close(struct world_xdp *);

const char *world_xdp_mode(const struct world_xdp *); /* "native" or "skb" */
const uint64_t *world_xdp_seen(const struct world_xdp *); /* the live bitmap of area */
/* Times of arrival, CLOCK_MONOTONIC ns, in order of arrival; returns how many. */
size_t world_xdp_times(const struct world_xdp *, const uint64_t **times);
void world_xdp_stats(const struct world_xdp *, FILE *); /* one JSON object and a newline */

#endif
