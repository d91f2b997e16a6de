/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receiving. A frame lies where the kernel wrote it until it is released, and then goes back to the fill ring, so that
 * every frame is always in exactly one of: fill ring, kernel, RX ring, our hands.
 *
 * Nobody waits by poll(): in copy mode a poll of the socket sends what is in its TX ring, on the wrong thread.
 */
#include <sys/socket.h>

#include "anyscan/clock.h"
#include "io/af_xdp/port.h"

/*
 * Between looks at a queue that is empty: a quarter of the time that it has been so. While replies come there are
 * frames for milliseconds of them, so a shorter sleep would only cost wake-ups; the longest one is the error of a
 * reply's time.
 */
#define PAUSE_MIN_NS 100000ULL
#define PAUSE_MAX_NS 1000000ULL

void xdp_rx_fill(struct xdp_rx *q, const struct xdp_umem *umem)
{
	for (uint32_t i = 0; i < umem->rx_frames; i++)
		*ring_addr(&q->fill, i) = umem->tx_bytes + (uint64_t)i * umem->chunk;
	ring_publish(&q->fill, umem->rx_frames);
}

/* The driver has used up the fill ring before we filled it, and waits to be told. */
static void wake_driver(struct xdp_rx *q)
{
	__atomic_thread_fence(__ATOMIC_SEQ_CST); /* as in xdp_tx_kick() */
	if (ring_needs_wakeup(&q->fill))
		recvfrom(q->fd, NULL, 0, MSG_DONTWAIT, NULL, NULL);
}

unsigned int xdp_rx_receive(struct io_rxq *io, struct frame_view view[], unsigned int n)
{
	struct xdp_rx *q = (struct xdp_rx *)io;
	uint64_t now;

	if (q->fd < 0)
		return 0;
	n = ring_ready(&q->rx, n);
	q->held = n;
	if (n == 0) {
		wake_driver(q);
		return 0;
	}
	q->fresh = true;
	now = clock_real_ns();
	for (unsigned int i = 0; i < n; i++) {
		const struct xdp_desc *desc = ring_desc(&q->rx, q->rx.next + i);

		view[i] =
			(struct frame_view){ .data = q->base + desc->addr, .len = desc->len, .time_ns = now };
	}
	return n;
}

/* The fill ring has room for twice the frames that there are (queue.c): it never refuses one. */
void xdp_rx_release(struct io_rxq *io)
{
	struct xdp_rx *q = (struct xdp_rx *)io;

	for (uint32_t i = 0; i < q->held; i++)
		*ring_addr(&q->fill, q->fill.next + i) = ring_desc(&q->rx, q->rx.next + i)->addr &
							 ~(uint64_t)(q->chunk - 1);
	ring_consume(&q->rx, q->held);
	ring_publish(&q->fill, q->held);
	q->held = 0;
}

uint64_t xdp_rx_next(struct io_rxq *io, uint64_t now_ns)
{
	struct xdp_rx *q = (struct xdp_rx *)io;
	uint64_t pause;

	if (q->fd < 0)
		return UINT64_MAX;
	if (q->fresh)
		q->busy_ns = now_ns;
	q->fresh = false;
	pause = (now_ns - q->busy_ns) / 4;
	return now_ns + (pause < PAUSE_MIN_NS ? PAUSE_MIN_NS : pause > PAUSE_MAX_NS ? PAUSE_MAX_NS : pause);
}
