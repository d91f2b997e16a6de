/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending. Frames go out of the memory that the builder wrote them to; a frame is ours again when its address comes
 * back on the completion ring.
 *
 * In copy mode the kernel sends in sendto(), on our time; in zero-copy mode the driver does, and asks for sendto() only
 * when it has gone to sleep.
 */
#include <errno.h>
#include <sys/socket.h>

#include "anyscan/clock.h"
#include "io/af_xdp/port.h"

#define KERNEL_BATCH 32 /* frames that a sendto() sends where the kernel knows no XDP_MAX_TX_SKB_BUDGET */
#define FULL_PAUSE_NS 200000ULL /* the 256 slots of a veth are sent in about as long */
#define FLUSH_PATIENCE_NS NS_PER_S

unsigned int xdp_tx_submit(struct io_txq *io, uint8_t *const frame[], const uint16_t len[], unsigned int n)
{
	struct xdp_tx *q = (struct xdp_tx *)io;
	const uint32_t allowed = XDP_TX_DEPTH - q->in_flight;

	n = ring_room(&q->tx, n < allowed ? n : allowed);
	for (unsigned int i = 0; i < n; i++)
		*ring_desc(&q->tx, q->tx.next + i) =
			(struct xdp_desc){ .addr = (uint64_t)(frame[i] - q->base), .len = len[i] };
	q->in_flight += n;
	ring_publish(&q->tx, n);
	return n;
}

/*
 * EAGAIN: the batch is used up, or the socket's buffer or the completion ring is full; the frames stay in the ring.
 * EBUSY: the device is full and dropped one frame, which completes like any other and is not sent again. Every call
 * while it is full costs one more, so there is none for a while (measured against a peer that is served when nobody
 * else runs: 98% of the frames died when we insisted).
 */
static bool go_on(struct xdp_tx *q, int errnum)
{
	if (errnum == EBUSY) {
		counter_add(&q->errors.lost, 1);
		q->full_until = clock_mono_ns() + FULL_PAUSE_NS;
	}
	counter_add(&q->errors.count[errnum == EAGAIN	? SEND_AGAIN :
				     errnum == EBUSY	? SEND_NOBUFS :
				     errnum == ENOBUFS	? SEND_NOBUFS :
				     errnum == ENOMEM	? SEND_NOMEM :
				     errnum == ENETDOWN ? SEND_DOWN :
				     errnum == ENXIO	? SEND_GONE :
							  SEND_REFUSED],
		    1);
	return errnum == EAGAIN;
}

void xdp_tx_kick(struct io_txq *io)
{
	struct xdp_tx *q = (struct xdp_tx *)io;
	uint32_t waiting;

	/* The driver raises the flag and then looks at the ring; we the other way round. One of us sees the other. */
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!ring_needs_wakeup(&q->tx) || (q->full_until != 0 && clock_mono_ns() < q->full_until))
		return;
	q->full_until = 0;
	waiting = q->tx.next - __atomic_load_n(q->tx.consumer, __ATOMIC_RELAXED);
	for (uint32_t calls = (waiting + KERNEL_BATCH - 1) / KERNEL_BATCH; calls > 0; calls--)
		if (sendto(q->fd, NULL, 0, MSG_DONTWAIT, NULL, 0) >= 0 || !go_on(q, errno))
			return;
}

unsigned int xdp_tx_reclaim(struct io_txq *io, uint8_t *frame[], unsigned int n)
{
	struct xdp_tx *q = (struct xdp_tx *)io;

	n = ring_ready(&q->completion, n);
	for (unsigned int i = 0; i < n; i++)
		frame[i] = q->base + *ring_addr(&q->completion, q->completion.next + i);
	ring_consume(&q->completion, n);
	q->in_flight -= n;
	return n;
}

/* A link that went down for good must not keep the end of a scan waiting: what is left after a second is lost. */
unsigned int xdp_tx_flush(struct io_txq *io)
{
	struct xdp_tx *q = (struct xdp_tx *)io;
	const uint32_t before = q->in_flight - ring_ready(&q->completion, XDP_TX_DEPTH);
	uint32_t after;

	if (before == 0)
		return 0;
	xdp_tx_kick(io);
	after = q->in_flight - ring_ready(&q->completion, XDP_TX_DEPTH);
	if (after < before || q->stuck_since == 0) {
		q->stuck_since = clock_mono_ns();
	} else if (clock_mono_ns() - q->stuck_since > FLUSH_PATIENCE_NS) {
		counter_add(&q->errors.lost, after);
		return 0;
	}
	return after;
}
