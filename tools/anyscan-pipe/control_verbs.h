/* SPDX-License-Identifier: Apache-2.0 */
/* What each request of --control-socket does to the scan. */
#ifndef ANYSCAN_PIPE_CONTROL_VERBS_H
#define ANYSCAN_PIPE_CONTROL_VERBS_H

#include "tools/anyscan-pipe/control.h"
#include "tools/anyscan-pipe/report.h"

struct controlled { /* the caller's, and set-up thread's alone */
	struct report *report; /* its pipeline runs, or has run */
	void (*stop)(void *arg); /* as the first interrupt; called again, it does nothing */
	/* Writes a checkpoint now: 0 or negative errno with *e. NULL: none is configured. */
	int (*checkpoint)(void *arg, struct error *e);
	void *arg; /* of both */
};

/* control_actor of a struct controlled. */
control_answer controlled_answer;
bool controlled_settled(void *);

#endif
