/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bottleneck of --world: "bottleneck=silent,capacity=20k/10k@15s/20k@30s": 20,000 frames a second from the first
 * one on, 10,000 from 15 seconds after it.
 */
#ifndef SIM_BOTTLENECK_SPEC_H
#define SIM_BOTTLENECK_SPEC_H

#include "anyscan/error.h"
#include "anyscan/world.h"

/* 0, or -EINVAL with *error. text may be taken apart. */
int bottleneck_parse_kind(const char *text, struct world_bottleneck *, struct error *error);
int bottleneck_parse_capacity(char *text, struct world_bottleneck *, struct error *error);
/* Once all is parsed: what is left out is given its default. */
int bottleneck_check(struct world_bottleneck *, struct error *error);

#endif
