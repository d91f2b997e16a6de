/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One socket and all that belongs to it, without libxdp: its XDP program outlives a kill, its dispatcher fails on new
 * kernels, and it remembers rings across a failed bind. The steps are those of
 * Documentation/networking/af_xdp.rst: memory, rings, frames for the kernel to fill, bind.
 *
 * No SO_PREFER_BUSY_POLL and SO_BUSY_POLL: in copy mode they change nothing (a frame on veth takes 0.90 us of CPU with
 * and without, bench_af_xdp).
 */
#include <errno.h>
#include <linux/if_xdp.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "io/af_xdp/port.h"

#ifndef XDP_MAX_TX_SKB_BUDGET
#define XDP_MAX_TX_SKB_BUDGET 9 /* Linux 6.17 */
#endif

/*
 * After a socket on a queue was closed, the kernel frees its pool late: the queue answers EBUSY for some 20 ms.
 * Measured up to 44 ms.
 */
#define SEND_BUFFER (4 << 20)

#define BUSY_PATIENCE_NS 200000000ULL
#define BUSY_STEP_NS 5000000ULL

struct ring_spec {
	struct xdp_ring *ring;
	int option; /* that makes it */
	uint64_t page; /* where it is mapped */
	const struct xdp_ring_offset *at;
	uint32_t size;
	size_t entry;
};

static int make_ring(const struct xdp_calls *calls, int fd, const struct ring_spec *s)
{
	return calls->set(fd, s->option, &s->size, sizeof(s->size));
}

static int map_ring(const struct xdp_calls *calls, int fd, const struct ring_spec *s)
{
	struct xdp_ring *r = s->ring;
	const size_t bytes = s->at->desc + s->size * s->entry;
	int rc = calls->map(fd, s->page, bytes, &r->map);

	if (rc < 0)
		return rc;
	r->map_bytes = bytes;
	r->producer = (uint32_t *)((char *)r->map + s->at->producer);
	r->consumer = (uint32_t *)((char *)r->map + s->at->consumer);
	r->flags = (uint32_t *)((char *)r->map + s->at->flags);
	r->entries = (char *)r->map + s->at->desc;
	r->size = s->size;
	return 0;
}

static void unmap_ring(struct xdp_ring *r)
{
	if (r->map != NULL)
		munmap(r->map, r->map_bytes);
	r->map = NULL;
}

/*
 * The fill ring has twice the entries that there are frames: the kernel tells late what it has taken, at worst a whole
 * ring of frames, and a frame that comes back must still find a place, or it would be lost to the queue for good.
 */
static int make_rings(struct xdp_queue *q, const struct xdp_calls *calls)
{
	const uint32_t rx = q->umem.rx_frames, tx = q->tx.io.nframes > 0 ? XDP_TX_DEPTH : 0;
	const uint32_t least = 64; /* the kernel wants a fill and a completion ring, used or not */
	struct xdp_mmap_offsets at;
	const struct ring_spec spec[] = {
		{ &q->rx.fill, XDP_UMEM_FILL_RING, XDP_UMEM_PGOFF_FILL_RING, &at.fr, rx > 0 ? 2 * rx : least,
		  sizeof(__u64) },
		{ &q->tx.completion, XDP_UMEM_COMPLETION_RING, XDP_UMEM_PGOFF_COMPLETION_RING, &at.cr,
		  tx > 0 ? tx : least, sizeof(__u64) },
		{ &q->rx.rx, XDP_RX_RING, XDP_PGOFF_RX_RING, &at.rx, rx, sizeof(struct xdp_desc) },
		{ &q->tx.tx, XDP_TX_RING, XDP_PGOFF_TX_RING, &at.tx, tx, sizeof(struct xdp_desc) },
	};
	int rc = 0;

	for (size_t i = 0; i < sizeof(spec) / sizeof(spec[0]) && rc == 0; i++)
		rc = spec[i].size > 0 ? make_ring(calls, q->fd, &spec[i]) : 0;
	if (rc == 0)
		rc = calls->get(q->fd, XDP_MMAP_OFFSETS, &at, sizeof(at));
	for (size_t i = 0; i < sizeof(spec) / sizeof(spec[0]) && rc == 0; i++)
		rc = spec[i].size > 0 ? map_ring(calls, q->fd, &spec[i]) : 0;
	return rc;
}

static int register_memory(const struct xdp_queue *q, const struct xdp_calls *calls)
{
	const struct xdp_umem_reg reg = { .addr = (uintptr_t)q->umem.pages.at,
					  .len = q->umem.bytes,
					  .chunk_size = q->umem.chunk };

	return calls->set(q->fd, XDP_UMEM_REG, &reg, sizeof(reg));
}

static int bind_patiently(const struct xdp_port *port, const struct xdp_queue *q, uint16_t flags)
{
	const struct sockaddr_xdp address = { .sxdp_family = AF_XDP,
					      .sxdp_flags = flags | XDP_USE_NEED_WAKEUP,
					      .sxdp_ifindex = (uint32_t)port->link.ifindex,
					      .sxdp_queue_id = q->index };
	int rc = port->calls->bind(q->fd, &address);

	for (uint64_t waited = 0; rc == -EBUSY && waited < BUSY_PATIENCE_NS; waited += BUSY_STEP_NS) {
		port->calls->wait(BUSY_STEP_NS);
		rc = port->calls->bind(q->fd, &address);
	}
	return rc;
}

/* What was granted, not what was asked for. */
static int check_granted(const struct xdp_port *port, const struct xdp_queue *q, uint16_t flags)
{
	struct xdp_options granted = { 0 };
	int rc = port->calls->get(q->fd, XDP_OPTIONS, &granted, sizeof(granted));

	if (rc < 0)
		return rc;
	return (flags & XDP_ZEROCOPY) && !(granted.flags & XDP_OPTIONS_ZEROCOPY) ? -EOPNOTSUPP : 0;
}

static int open_socket(struct xdp_port *port, struct xdp_queue *q, uint16_t flags, const char **what)
{
	const struct xdp_calls *calls = port->calls;
	const uint32_t budget = XDP_TX_DEPTH;
	const int buffer = SEND_BUFFER;
	int rc;

	*what = "make an AF_XDP socket for";
	q->fd = rc = calls->socket();
	if (rc < 0)
		return rc;
	*what = "pin the frames of";
	rc = register_memory(q, calls);
	if (rc < 0)
		return rc;
	*what = "make the rings of";
	rc = make_rings(q, calls);
	if (rc < 0)
		return rc;
	/* Room for the whole depth in the device's hands; without CAP_NET_ADMIN what net.core.wmem_max allows. */
	if (setsockopt(q->fd, SOL_SOCKET, SO_SNDBUFFORCE, &buffer, sizeof(buffer)) < 0)
		setsockopt(q->fd, SOL_SOCKET, SO_SNDBUF, &buffer, sizeof(buffer));
	/* A whole submit per system call instead of 32 frames. Unknown before Linux 6.17: then kick() calls again. */
	if (q->tx.io.nframes > 0)
		calls->set(q->fd, XDP_MAX_TX_SKB_BUDGET, &budget, sizeof(budget));
	xdp_rx_fill(&q->rx, &q->umem);
	*what = "bind to";
	rc = bind_patiently(port, q, flags);
	if (rc < 0)
		return rc;
	*what = "read what was granted on";
	return check_granted(port, q, flags);
}

static const char *explain(int rc)
{
	switch (rc) {
	case -EBUSY:
		return "; another AF_XDP socket has it";
	case -EOPNOTSUPP:
		return "; the driver does not offer this";
	case -ENOBUFS:
		return "; raise the limit of locked memory: ulimit -l unlimited, or CAP_IPC_LOCK";
	default:
		return "";
	}
}

/* What each of the two threads needs to know. */
static void hand_out(struct xdp_queue *q)
{
	q->tx.io.frames = q->tx.base = q->umem.pages.at;
	q->tx.io.memory = pages_kind_names[q->umem.pages.kind];
	q->tx.fd = q->fd;
	q->rx.base = q->umem.pages.at;
	q->rx.chunk = q->umem.chunk;
	q->rx.fd = q->umem.rx_frames > 0 ? q->fd : -1;
}

void xdp_queue_init(struct xdp_port *port, unsigned int index)
{
	struct xdp_queue *q = &port->queue[index];

	memset(q, 0, sizeof(*q));
	q->fd = q->tx.fd = q->rx.fd = -1;
	q->index = port->first + index;
	q->tx.io = (struct io_txq){
		.port = &port->io, .index = index, .stride = port->stride, .depth = XDP_TX_DEPTH
	};
	q->rx.io = (struct io_rxq){ .port = &port->io, .index = index, .fd = -1 };
}

int xdp_queue_open(struct xdp_port *port, unsigned int index, uint16_t flags, uint32_t chunk, struct error *e)
{
	struct xdp_queue *q = &port->queue[index];
	const bool sends = index < port->txqs, receives = index < port->rx_present;
	const char *what = "find memory for";
	int rc;

	xdp_queue_init(port, index);
	if (!sends && !receives)
		return 0; /* an rx queue that this NIC does not have */
	q->tx.io.nframes = sends ? port->frames + XDP_TX_DEPTH : 0;
	rc = xdp_umem_map(&q->umem, (size_t)q->tx.io.nframes * port->stride, receives ? port->rx_frames : 0,
			  chunk);
	if (rc == 0)
		rc = open_socket(port, q, flags, &what);
	if (rc < 0) {
		xdp_queue_close(q);
		return error_set(e, rc, "cannot %s queue %u of %s: %s%s", what, port->first + index,
				 port->link.name, strerror(-rc), explain(rc));
	}
	hand_out(q);
	return 0;
}

void xdp_queue_close(struct xdp_queue *q)
{
	unmap_ring(&q->rx.fill);
	unmap_ring(&q->rx.rx);
	unmap_ring(&q->tx.completion);
	unmap_ring(&q->tx.tx);
	if (q->fd >= 0)
		close(q->fd);
	q->fd = q->rx.fd = q->tx.fd = -1;
	xdp_umem_unmap(&q->umem);
}
