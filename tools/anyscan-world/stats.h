/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANYSCAN_WORLD_STATS_H
#define ANYSCAN_WORLD_STATS_H

#include <stdio.h>

#include "world_port.h"

/* What the world has counted: one JSON object and a newline. */
void stats_print(struct world_port *, const struct area *, FILE *);

#endif
