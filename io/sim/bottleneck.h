/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A way to the world that carries only so many frames: struct world_bottleneck, at work. The time is the caller's, so
 * that a test may let it run as it likes.
 *
 * One of a port, whose tx queues share it. A batch of one queue is between bottleneck_enter() and bottleneck_leave();
 * they cost a locked instruction a batch, and a port without a bottleneck calls neither.
 */
#ifndef SIM_BOTTLENECK_H
#define SIM_BOTTLENECK_H

#include <ck_spinlock.h>
#include <stdbool.h>
#include <stdint.h>

#include "anyscan/world.h"

#define BOTTLENECK_BURST_NS 10000000.0 /* of the capacity: what a policer lets pass at once after a silence */

struct bottleneck {
	ck_spinlock_t lock;
	struct world_bottleneck spec;
	bool begun;
	uint64_t start_ns, now_ns; /* of the first batch and of this one */
	double interval_ns; /* between two frames at the capacity there is now */
	double clear_ns; /* when the last frame that passed has passed, since the start */
	/* ramp: */
	double window_ns; /* when the load is looked at next, since the start */
	double window_begin_ns;
	uint64_t frames; /* since the last look */
	double share, fraction; /* of the frames that are lost; what of one is due */
};

void bottleneck_init(struct bottleneck *, const struct world_bottleneck *);

/* A batch at now_ns (CLOCK_MONOTONIC): which capacity holds. */
void bottleneck_enter(struct bottleneck *, uint64_t now_ns);
/* One frame of it. False: it is dropped. */
bool bottleneck_pass(struct bottleneck *);
/* How much longer the answer to the frame that has just passed takes. */
uint64_t bottleneck_delay_ns(const struct bottleneck *);
/* Returns when the sender may go on, CLOCK_MONOTONIC; in the past but for BOTTLENECK_CPU. */
uint64_t bottleneck_leave(struct bottleneck *);

/* Frames/s, now_ns after the first frame. */
double bottleneck_capacity(const struct world_bottleneck *, uint64_t after_ns);

#endif
