/* SPDX-License-Identifier: Apache-2.0 */
/* What send calls answered, counted by cause, and what each means for the frame at the head. */
#ifndef IO_SEND_ERRORS_H
#define IO_SEND_ERRORS_H

#include "anyscan/counters.h"

enum send_cause {
	SEND_AGAIN, /* the socket's buffer is full */
	SEND_NOBUFS, /* the device's queue is full or stopped */
	SEND_NOMEM,
	SEND_DOWN, /* the link is down: it may come back */
	SEND_GONE, /* the interface was removed */
	SEND_TOO_LONG,
	SEND_REFUSED, /* anything else */
	SEND_CAUSES,
};

enum send_verdict {
	SEND_LATER, /* back-pressure, or the link is away: the frame was not sent and stays the caller's */
	SEND_NEVER, /* no retry can help: the frame counts as taken, and as lost */
};

struct send_errors { /* one writer: the queue's thread */
	counter count[SEND_CAUSES];
	counter lost; /* frames given up */
};

extern const char *const send_cause_names[SEND_CAUSES];

/* Counts errno; for SEND_NEVER one frame is counted as lost. */
enum send_verdict send_failed(struct send_errors *, int errnum);

#endif
