/* SPDX-License-Identifier: Apache-2.0 */
/* Which interface traffic leaves by, as the kernel routes it. IPv4 and IPv6. */
#ifndef DEVICE_ROUTES_H
#define DEVICE_ROUTES_H

#include <stddef.h>
#include <stdint.h>

#include "anyscan/error.h"

struct route_address {
	int family; /* AF_INET, AF_INET6 */
	uint8_t bytes[16]; /* network order */
};

#define ROUTES_DEFAULT_MAX 16

/*
 * The interfaces of the default routes that win, by metric, in the main table, all next hops of each; and
 * those by which the internet is reached, whatever rules, other tables and halves of the address space lead
 * there. At most ROUTES_DEFAULT_MAX. How many, or a negative errno.
 */
int routes_default(int ifindex[ROUTES_DEFAULT_MAX], struct error *);

/* The interface by which `to` is reached, from `from` unless NULL; 0: there is no route. Or a negative errno. */
int route_to(const struct route_address *to, const struct route_address *from);

#endif
