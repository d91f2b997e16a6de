/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the driver of an interface says of itself about XDP (generic netlink, family "netdev", Linux 6.3;
 * Documentation/netlink/specs/netdev.yaml). It says what is built in, not what a bind grants. Set-up only; any thread.
 */
#ifndef NETLINK_XDP_FEATURES_H
#define NETLINK_XDP_FEATURES_H

#include <stdint.h>

enum xdp_feature { /* NETDEV_XDP_ACT_... */
	XDP_FEATURE_BASIC = 1, /* native programs that drop, pass and abort */
	XDP_FEATURE_REDIRECT = 2,
	XDP_FEATURE_NDO_XMIT = 4, /* others may redirect to it */
	XDP_FEATURE_ZEROCOPY = 8, /* AF_XDP without copies */
	XDP_FEATURE_HW_OFFLOAD = 16,
	XDP_FEATURE_RX_SG = 32, /* frames longer than a page */
	XDP_FEATURE_NDO_XMIT_SG = 64,
};

/* 0 and the features; -EOPNOTSUPP: this kernel does not tell; or another negative errno. */
int netlink_xdp_features(int ifindex, uint64_t *features);

#endif
