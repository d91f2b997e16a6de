/* SPDX-License-Identifier: Apache-2.0 */
/* What a driver says of its XDP, by the genetlink family "netdev" (Linux 6.3 and later). */
#ifndef DEVICE_XDP_FEATURES_H
#define DEVICE_XDP_FEATURES_H

#include <stddef.h>
#include <stdint.h>

struct xdp_features {
	uint64_t flags;
	uint32_t zerocopy_segments; /* most fragments of a zero-copy frame; 0: not said */
};

/* By bit of flags (enum netdev_xdp_act); NULL-terminated. */
extern const char *const xdp_feature_names[];

/* 0 or a negative errno; -ENOENT: this kernel has no such family. */
int xdp_features(int ifindex, struct xdp_features *);

#endif
