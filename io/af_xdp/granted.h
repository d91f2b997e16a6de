/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which mode of AF_XDP an interface grants, tried by doing: an XDP program is attached, a socket bound to each queue,
 * and all are taken away again. Set-up only; any thread. Needs CAP_NET_ADMIN, CAP_NET_RAW and CAP_BPF.
 */
#ifndef AF_XDP_GRANTED_H
#define AF_XDP_GRANTED_H

#include "anyscan/error.h"

enum xdp_mode { /* in the order in which they are tried */
	XDP_MODE_ZEROCOPY, /* the driver sends from and receives into our memory */
	XDP_MODE_COPY, /* native XDP; frames are copied */
	XDP_MODE_SKB, /* any driver: XDP after the kernel has made its own buffer */
	XDP_MODES,
};

extern const char *const xdp_mode_names[XDP_MODES]; /* as in --xdp-mode */

struct xdp_refusals { /* why the modes before the granted one were not; "" = not tried */
	char why[XDP_MODES][256];
};

/*
 * The best mode that the interface grants on so many queues, from that one on: enum xdp_mode, or a negative errno with a sentence. The
 * program counts nothing and redirects nothing, so traffic goes on; some drivers take the link down for a moment to
 * attach one. -EEXIST: another XDP program is there; it is named and left alone. refusals may be NULL.
 */
int xdp_granted_mode(const char *ifname, unsigned int queue, unsigned int queues, struct xdp_refusals *,
		     struct error *);

#endif
