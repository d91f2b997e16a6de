/* SPDX-License-Identifier: Apache-2.0 */
/* Interfaces that are not to be disturbed without being asked. */
#ifndef DEVICE_GUARD_H
#define DEVICE_GUARD_H

#include <stdbool.h>
#include <stddef.h>

#include "anyscan/error.h"

/*
 * Whether this host's default route, or the connection that the user works over, passes the interface, also
 * through a bridge, bond or VLAN above it. By route, never by name. 1: *why begins with a verb ("carries
 * the default route"); 0: no; or a negative errno with a sentence: it could not be found out.
 */
int guard_check(int ifindex, char *why, size_t size, struct error *);

#endif
