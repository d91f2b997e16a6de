/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The addresses and routes of an interface that is about to leave the kernel. Each is kept as the message in which
 * the kernel tells it, in hexadecimal, as `ip route save` does: nothing of it is lost, whatever it consists of.
 */
#ifndef DEVICE_KEPT_H
#define DEVICE_KEPT_H

#include <json-c/json.h>

#include "anyscan/error.h"

/* Two new arrays of text. What the kernel makes by itself (local routes, those of a prefix) is left out. */
int kept_read(int ifindex, struct json_object **addresses, struct json_object **routes, struct error *);

/*
 * Gives them to the interface `now`, which was `was` when they were read. Those that are there stay as they are, so
 * it can be repeated. Routes need it up. 0, or the first negative errno, after all have been tried.
 */
int kept_bring(int was, int now, struct json_object *messages, struct error *);

#endif
