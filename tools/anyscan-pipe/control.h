/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who talks to a running scan by --control-socket: one text line a request, one line an answer, in the loop of the
 * set-up thread. Nobody can hold it up: no call waits, a client has one line in hand and one answer on its way, a round
 * answers one line of each, and who sends no whole line or takes no answer for ten seconds is put out.
 *
 * An answer begins with "error: " where the request was wrong, with "failed: " where the scan could not.
 */
#ifndef ANYSCAN_PIPE_CONTROL_H
#define ANYSCAN_PIPE_CONTROL_H

#include <poll.h>
#include <stdbool.h>
#include <stdint.h>

#include "tools/anyscan-pipe/control_request.h"
#include "tools/anyscan-pipe/control_socket.h"

#define CONTROL_CLIENTS 8
#define CONTROL_FDS (1 + CONTROL_CLIENTS)
#define ANSWER_MAX 4096 /* bytes of a line, its newline included */
#define ANSWER_ERROR "error: "
#define ANSWER_FAILED "failed: "

/* Writes the answer, without a newline. True: it may be given once control_actor.settled() says so. */
typedef bool control_answer(void *arg, const struct request *, char *answer, size_t size);

struct control_actor { /* on whose behalf */
	control_answer *answer;
	bool (*settled)(void *arg); /* the last change is in effect */
	void *arg;
};

struct control;

/* 0, or negative errno with *e. */
int control_open(const char *path, const struct control_actor *, struct control **, struct error *);
/* Now and then: a socket whose file was removed gets another. Says so, and once that it cannot. NULL: nothing. */
void control_keep(struct control *);
/* Gives what answers there are, and takes the socket away. NULL: nothing. */
void control_close(struct control *);

/* For poll(2): fills fd[CONTROL_FDS], all of them, and moves *until_ns (CLOCK_MONOTONIC) up to when to look at the latest. */
void control_fds(const struct control *, struct pollfd *fd, uint64_t *until_ns);
/* After it, whether anything is ready or not. */
void control_serve(struct control *, const struct pollfd *fd);

#endif
