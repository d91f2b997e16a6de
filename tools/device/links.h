/* SPDX-License-Identifier: Apache-2.0 */
/* Every network device of this namespace, as rtnetlink tells them. */
#ifndef DEVICE_LINKS_H
#define DEVICE_LINKS_H

#include <net/if.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/error.h"

enum xdp_attached { /* IFLA_XDP_ATTACHED, linux/if_link.h */
	XDP_NOTHING,
	XDP_NATIVE,
	XDP_GENERIC,
	XDP_OFFLOADED,
	XDP_SEVERAL,
};

struct device {
	int ifindex;
	char name[IFNAMSIZ];
	char kind[16]; /* "veth", ...; "" for hardware */
	unsigned short type; /* ARPHRD_... */
	unsigned int flags; /* IFF_... */
	unsigned int mtu, mtu_least, mtu_most; /* 0: not said */
	uint8_t mac[6];
	int master; /* bridge or bond that it belongs to; 0: none */
	int below; /* the device that it sits on, or is the peer of, in this namespace; 0: none */
	int xdp; /* enum xdp_attached */
	uint32_t xdp_program; /* its id, one of them where there are several */
};

/* *out by ifindex; free() it. 0 or a negative errno. */
int devices_read(struct device **out, size_t *count, struct error *);
const struct device *device_named(const struct device *, size_t count, const char *name); /* or NULL */
/* 0, or a negative errno with a sentence that says how to list them. */
int device_find(const char *name, struct device *, struct error *);

/* Traffic of device `of` passes `through`: the same one, or a part of its bridge or bond, or below its VLAN. */
bool device_passes(const struct device *, size_t count, int of, int through);

#endif
