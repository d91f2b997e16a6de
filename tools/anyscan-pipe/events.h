/* SPDX-License-Identifier: Apache-2.0 */
/* What wakes the loop around a running scan: signals, and a second that has passed. */
#ifndef ANYSCAN_PIPE_EVENTS_H
#define ANYSCAN_PIPE_EVENTS_H

#include <stdbool.h>

#include "anyscan/error.h"

struct events {
	int signals; /* signalfd(2), -1: closed */
	int timer; /* CLOCK_MONOTONIC: clock steps and time spent suspended are none of its seconds */
};

/*
 * Before any thread starts, which inherits that these signals are blocked. hang_up: SIGHUP is wanted even of a scan
 * that nohup(1) has started. 0 or negative errno.
 */
int events_open(struct events *, bool hang_up, struct error *);
/* From the start of sending, so that the first line shows a whole second. */
void events_start_timer(const struct events *);
void events_close(struct events *);

#endif
