/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mode of a NIC is chosen once, before anything runs: from the best to the floor, each rung tried with all that it
 * takes (program, and a socket with memory of its own for every queue), and all of that taken away again where one
 * part is refused. Nothing of a rung is used by the next.
 *
 * How the program is attached (native or generic) and how sockets are bound (zero-copy or copy) are two things; a rung
 * names both.
 */
#include <errno.h>
#include <linux/if_link.h>
#include <stdio.h>
#include <string.h>

#include "io/af_xdp/port.h"
#include "io/netlink/xdp_features.h"

const char *const xdp_mode_names[XDP_MODES] = {
	[XDP_MODE_ZEROCOPY] = "zerocopy",
	[XDP_MODE_COPY] = "copy",
	[XDP_MODE_SKB] = "skb",
};

static const struct rung {
	uint32_t attach;
	uint16_t bind;
	uint32_t
		chunk; /* some drivers take pages only without a copy (ENA); where the kernel copies, half is enough */
	uint64_t features; /* of the driver; refused without them, unless nobody knows */
} rungs[XDP_MODES] = {
	[XDP_MODE_ZEROCOPY] = { XDP_FLAGS_DRV_MODE, XDP_ZEROCOPY, 4096, XDP_FEATURE_ZEROCOPY },
	[XDP_MODE_COPY] = { XDP_FLAGS_DRV_MODE, XDP_COPY, 2048, XDP_FEATURE_BASIC | XDP_FEATURE_REDIRECT },
	[XDP_MODE_SKB] = { XDP_FLAGS_SKB_MODE, XDP_COPY, 2048, 0 },
};

static int open_queues(struct xdp_port *port, const struct rung *rung, struct error *e)
{
	for (unsigned int i = 0; i < port->queues; i++) {
		int rc = xdp_queue_open(port, i, rung->bind, rung->chunk, e);

		if (rc < 0)
			return rc;
		if (i >= port->rx_present)
			continue; /* nothing is redirected to it */
		rc = xdp_program_put(port->program, port->first + i, port->queue[i].fd);
		if (rc < 0)
			return error_set(e, rc, "the map of sockets does not take that of queue %u of %s: %s",
					 port->first + i, port->link.name, strerror(-rc));
	}
	return 0;
}

void xdp_ladder_leave(struct xdp_port *port)
{
	/* the program first: what arrives from now on is the kernel's */
	if (port->program != NULL)
		xdp_program_detach(port->program);
	for (unsigned int i = 0; i < port->queues; i++)
		xdp_queue_close(&port->queue[i]);
}

static int try_rung(struct xdp_port *port, const struct rung *rung, bool known, uint64_t features,
		    struct error *e)
{
	int rc = 0;

	if (known && (features & rung->features) != rung->features)
		return error_set(e, -EOPNOTSUPP, "the driver of %s does not offer it (XDP features %#llx)",
				 port->link.name, (unsigned long long)features);
	if (port->program != NULL)
		rc = xdp_program_attach(port->program, &port->link, rung->attach, e);
	if (rc == 0)
		rc = open_queues(port, rung, e);
	if (rc < 0)
		xdp_ladder_leave(port);
	return rc;
}

/*
 * Where the limit of locked memory stands against the frames of all queues (8 MiB for most users, without
 * CAP_IPC_LOCK), fewer of them bridge a shorter absence of their reader: better than no scan, and said by mode().
 */
static int try_frames(struct xdp_port *port, const struct rung *rung, bool known, uint64_t features,
		      struct error *e)
{
	int rc;

	port->rx_frames = port->rx_wanted;
	while ((rc = try_rung(port, rung, known, features, e)) == -ENOBUFS && port->rx_present > 0 &&
	       port->rx_frames > XDP_RX_FRAMES_LEAST)
		port->rx_frames /= 2;
	return rc;
}

/* "zerocopy: why; copy: why" of the first n modes. */
static void list_refusals(const struct xdp_refusals *r, unsigned int n, char *buf, size_t size)
{
	size_t used = 0;

	buf[0] = '\0';
	for (unsigned int m = 0; m < n; m++)
		if (r->why[m][0] != '\0' && used < size)
			used += (size_t)snprintf(buf + used, size - used, "%s%s: %s", used > 0 ? "; " : "",
						 xdp_mode_names[m], r->why[m]);
}

static int refuse(const struct xdp_port *port, int only, int rc, struct error *e)
{
	char list[900];

	if (only >= 0)
		return error_set(e, rc, "--xdp-mode %s is not granted on %s: %s; auto takes the best that is",
				 xdp_mode_names[only], port->link.name, port->refused.why[only]);
	list_refusals(&port->refused, XDP_MODES, list, sizeof(list));
	return error_set(e, rc, "%s grants AF_XDP in no mode: %s; use --io-engine af_packet", port->link.name,
			 list);
}

static void describe(struct xdp_port *port)
{
	char list[800], fewer[160] = "";

	list_refusals(&port->refused, port->mode, list, sizeof(list));
	if (port->rx_frames < port->rx_wanted)
		snprintf(fewer, sizeof(fewer),
			 "%s%u of %u RX frames a queue: raise the limit of locked memory, ulimit -l, or give "
			 "CAP_IPC_LOCK",
			 list[0] != '\0' ? "; " : "", port->rx_frames, port->rx_wanted);
	snprintf(port->text, sizeof(port->text), "%s%s%s%s%s", xdp_mode_names[port->mode],
		 list[0] != '\0' || fewer[0] != '\0' ? " (" : "", list, fewer,
		 list[0] != '\0' || fewer[0] != '\0' ? ")" : "");
}

int xdp_ladder_climb(struct xdp_port *port, int only, struct error *e)
{
	uint64_t features = 0;
	/* without a program there is nothing that a driver must offer but memory */
	const bool known = port->calls->features(port->link.ifindex, &features) == 0;
	const unsigned int last = port->program != NULL ? XDP_MODE_SKB : XDP_MODE_COPY;
	struct error why;
	int rc = -EOPNOTSUPP;

	for (unsigned int m = 0; m <= last; m++) {
		if (only >= 0 && m != (unsigned int)only)
			continue;
		rc = try_frames(port, &rungs[m], known && (port->program != NULL || m == XDP_MODE_ZEROCOPY),
				features, &why);
		if (rc == 0) {
			port->mode = (enum xdp_mode)m;
			describe(port);
			return 0;
		}
		if (rc == -EEXIST)
			return error_set(e, rc, "%s", why.text);
		snprintf(port->refused.why[m], sizeof(port->refused.why[m]), "%.255s", why.text);
	}
	return refuse(port, only, rc, e);
}
