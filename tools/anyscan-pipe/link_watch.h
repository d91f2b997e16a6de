/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks once a second whether the interfaces of a scan are there and up, and says when that changes. It changes
 * nothing itself: queues find out at the next frame, and keep it until the link takes it.
 */
#ifndef ANYSCAN_PIPE_LINK_WATCH_H
#define ANYSCAN_PIPE_LINK_WATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "stages/pipeline.h"

enum link_look {
	LINK_LOOK_UP, /* or nobody could tell */
	LINK_LOOK_DOWN, /* by its administrator, or without a carrier */
	LINK_LOOK_GONE,
};

struct link_watch {
	struct {
		enum link_look now;
		uint64_t since_ns; /* CLOCK_MONOTONIC, while it is not up */
		uint64_t down_ns; /* before that */
	} port[PIPELINE_PORTS_MAX];
};

/* What one interface is found to be, for link_watch_note(). */
enum link_look link_watch_look(int ifindex);

/* How it was found at now_ns. True: this is news. */
bool link_watch_note(struct link_watch *, unsigned int port, enum link_look, uint64_t now_ns);

/* Looks at all of them and says what is new. Returns the first that has gone, or -1. */
int link_watch_tick(struct link_watch *, struct pipeline *, const struct pipeline_port *, unsigned int nports,
		    uint64_t now_ns);

/* Whether all were up when last looked at. */
bool link_watch_up(const struct link_watch *, unsigned int nports);

/* Seconds that the interface was found down or gone, to a second. */
double link_watch_down_s(const struct link_watch *, unsigned int port, uint64_t now_ns);

#endif
