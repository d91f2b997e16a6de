/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who the user is connected from: the far ends of the established TCP connections of this process and of
 * those that started it, up to init, and of SSH_CONNECTION, SSH_CLIENT. sudo and su drop the variables and
 * keep the ancestry; a terminal multiplexer drops the ancestry and keeps the variables.
 */
#ifndef DEVICE_SESSION_H
#define DEVICE_SESSION_H

#include <stdbool.h>

#include "tools/device/routes.h"

#define SESSION_MAX 64

struct session_peer {
	struct route_address near, far;
	bool near_known;
};

/* How many, at most SESSION_MAX. Descriptors of other users' processes are seen by root only. */
size_t session_peers(struct session_peer out[SESSION_MAX]);

#endif
