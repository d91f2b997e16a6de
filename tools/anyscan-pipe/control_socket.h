/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The socket file of --control-socket: a unix stream socket that its owner alone may open (0600). A file that a killed
 * scan has left is replaced, one where somebody listens is not, nor is anything that is no socket.
 */
#ifndef ANYSCAN_PIPE_CONTROL_SOCKET_H
#define ANYSCAN_PIPE_CONTROL_SOCKET_H

#include <stdbool.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "anyscan/error.h"

struct control_socket {
	int fd; /* listens, does not block; -1: none */
	const char *path;
	struct stat made; /* the file as it was made */
};

/* The address of a path: 0, or -ENAMETOOLONG with *e. */
int control_address(const char *path, struct sockaddr_un *, struct error *);

/* 0 or negative errno. */
int control_socket_open(struct control_socket *, const char *path, struct error *);

/* Any time later: makes a file again that somebody has removed. 0: it is there; 1: again; or negative errno. */
int control_socket_keep(struct control_socket *, struct error *);

/* Takes the file away, unless somebody has put another in its place. */
void control_socket_close(struct control_socket *);

/* Whether who connected may ask: the same user, or root. */
bool control_socket_trusts(int client);

#endif
