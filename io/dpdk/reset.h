/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A device that asks to be reset (ena, when its watchdog finds it hung): ten times a second the service thread looks
 * whether one did, and brings it up again while its queues hold still. What was in flight may not have left.
 */
#ifndef DPDK_RESET_H
#define DPDK_RESET_H

#include "io/dpdk/port.h"

/* On the service thread, after the port was started and before it is stopped. */
void dpdk_reset_watch(struct dpdk_port *);
void dpdk_reset_unwatch(struct dpdk_port *);

/* On the service thread. A port that does not come up again is dead: it takes frames, and they count as lost. */
void dpdk_reset(struct dpdk_port *);

#endif
