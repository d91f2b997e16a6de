/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a scan gives up once its sockets are open. It reads what strangers send, so whoever takes it over through a
 * reply should find nothing: no capability, no program to start, no file to open.
 *
 * Both calls act on the calling thread and on threads that it starts later, and cannot be taken back: they belong
 * between pipeline_open() and pipeline_run().
 */
#ifndef STAGES_CONFINE_H
#define STAGES_CONFINE_H

#include <stdbool.h>

#include "anyscan/error.h"

/*
 * Clears every capability (the uid stays) and sets no_new_privs, so that no program started later gets them back
 * either. As root, too: files of others are then closed to it as to any user. 0 or negative errno.
 */
int confine_rights(struct error *);

enum confine_answer { /* to a system call that is not allowed */
	CONFINE_REFUSE, /* EPERM: a path nobody has tried costs a message, not the scan */
	CONFINE_KILL, /* ends the process with SIGSYS: for tests, where it must not pass unseen */
};

struct confine_options {
	enum confine_answer answer;
	bool control; /* connections are accepted, and a socket is taken away: --control-socket */
	bool files; /* files are still opened, written and renamed: metadata, checkpoints, rows of results, new logs */
};

/*
 * Allows only the system calls of running stages and of the loop around them (confine_calls.c). 0, negative errno, or
 * -ENOSYS: this kernel has no filters, or the build cannot live with one; *e says which, and the scan may go on.
 */
int confine_calls(const struct confine_options *, struct error *);

#endif
