/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sending. Frames leave from where the builder wrote them; a frame is ours again when the PMD frees its mbuf, which most
 * do only while they are given others to send.
 */
#include "io/dpdk/port.h"
#include "io/wire.h"

/*
 * A device empties its queue by itself: by the end of a sleep it has nothing left to send. Where asking is a system call
 * (net_af_packet, net_af_xdp) nothing was lost by it: 1.06 and 0.97 to 1.08 of testpmd.
 */
#define RETRY_NS 2000
#define FLUSH_PATIENCE_NS NS_PER_S
/* A PMD that cleans up only while it sends keeps what has long left: no reason to wait for it. */
#define KEPT_PATIENCE_NS (NS_PER_S / 50)

void dpdk_tx_init(struct dpdk_port *port, unsigned int index)
{
	struct dpdk_tx *q = &port->tx[index];

	q->io.frames = q->pool.frames;
	q->io.stride = q->pool.stride;
	q->io.nframes = q->pool.count - DPDK_OWN;
	q->end = q->pool.frames + q->io.nframes * q->pool.stride;
	for (unsigned int i = 0; i < DPDK_OWN; i++)
		q->own[q->owns++] = q->end + i * q->pool.stride;
	q->io.depth = q->depth;
	q->io.retry_ns = RETRY_NS;
	q->io.memory = rte_eal_has_hugepages() ? "huge pages of DPDK" : "ordinary pages (--no-huge)";
}

/* Two stores: the first four are one. What a PMD reads of the second line it leaves as it was when it frees an mbuf. */
static inline struct rte_mbuf *prepare(uint8_t *frame, uint16_t len)
{
	struct rte_mbuf *mbuf = dpdk_mbuf_of(frame);

	mbuf->data_off = TX_HEADROOM;
	mbuf->refcnt = 1;
	mbuf->nb_segs = 1;
	mbuf->port = RTE_MBUF_PORT_INVALID;
	mbuf->ol_flags = 0;
	mbuf->pkt_len = len;
	mbuf->data_len = len;
	return mbuf;
}

/* The port is dead. */
static unsigned int lose(struct dpdk_tx *q, struct rte_mbuf *const mbuf[], unsigned int n)
{
	memcpy(q->pool.freed.mbuf + q->pool.freed.count, mbuf, n * sizeof(mbuf[0]));
	q->pool.freed.count += n;
	counter_add(&q->lost, n);
	return n;
}

unsigned int dpdk_tx_submit(struct io_txq *io, uint8_t *const frame[], const uint16_t len[], unsigned int n)
{
	struct dpdk_tx *q = (struct dpdk_tx *)io;
	struct rte_mbuf *mbuf[BLOCK_ITEMS];
	unsigned int sent;

	if (n > BLOCK_ITEMS)
		n = BLOCK_ITEMS;
	if (!rte_spinlock_trylock(&q->lock))
		return 0;
	for (unsigned int i = 0; i < n; i++)
		mbuf[i] = prepare(frame[i], len[i]);
	if (unlikely(((struct dpdk_port *)io->port)->dead))
		sent = lose(q, mbuf, n);
	else
		sent = rte_eth_tx_burst(q->port, (uint16_t)io->index, mbuf, (uint16_t)n);
	if (sent == 0)
		rte_eth_tx_done_cleanup(q->port, (uint16_t)io->index, 0);
	rte_spinlock_unlock(&q->lock);
	counter_add(&q->accepted, sent);
	counter_add(&q->refused, n - sent);
	return sent;
}

/* Takes the engine's own frames out of those that were freed. */
static void sweep(struct dpdk_tx *q)
{
	struct dpdk_freed *freed = &q->pool.freed;
	unsigned int kept = 0;

	for (unsigned int i = 0; i < freed->count && q->owns < DPDK_OWN; i++) {
		uint8_t *frame = dpdk_frame_of(freed->mbuf[i]);

		if (frame < q->end)
			continue;
		q->own[q->owns++] = frame;
		freed->mbuf[i] = NULL;
	}
	for (unsigned int i = 0; i < freed->count; i++)
		if (freed->mbuf[i] != NULL)
			freed->mbuf[kept++] = freed->mbuf[i];
	freed->count = kept;
}

/* The last ones, which are in cache, in the order in which they left: frames_refill() finds them where they were. */
unsigned int dpdk_tx_reclaim(struct io_txq *io, uint8_t *frame[], unsigned int n)
{
	struct dpdk_tx *q = (struct dpdk_tx *)io;
	struct dpdk_freed *freed = &q->pool.freed;

	if (!rte_spinlock_trylock(&q->lock))
		return 0;
	if (unlikely(q->owns < DPDK_OWN))
		sweep(q);
	if (n > freed->count)
		n = freed->count;
	freed->count -= n;
	for (unsigned int i = 0; i < n; i++)
		frame[i] = dpdk_frame_of(freed->mbuf[freed->count + i]);
	rte_spinlock_unlock(&q->lock);
	counter_add(&q->given_back, n);
	return n;
}

bool dpdk_tx_own(struct dpdk_tx *q, const void *bytes, uint16_t len)
{
	struct rte_mbuf *mbuf;
	bool sent = false;

	rte_spinlock_lock(&q->lock);
	if (q->owns == 0) {
		/* most PMDs free while they send, and before a scan nobody else does */
		rte_eth_tx_done_cleanup(q->port, (uint16_t)q->io.index, 0);
		sweep(q);
	}
	if (q->owns > 0 && !((const struct dpdk_port *)q->io.port)->dead) {
		uint8_t *frame = q->own[--q->owns];

		memset(frame, 0, WIRE_FRAME_MIN);
		memcpy(frame, bytes, len);
		mbuf = prepare(frame, WIRE_FRAME_MIN);
		sent = rte_eth_tx_burst(q->port, (uint16_t)q->io.index, &mbuf, 1) == 1;
		if (!sent)
			q->own[q->owns++] = frame;
	}
	rte_spinlock_unlock(&q->lock);
	return sent;
}

/* Frames of the builders' that the PMD has. */
static unsigned int in_flight(struct dpdk_tx *q)
{
	sweep(q);
	return (unsigned int)(q->accepted - q->given_back) - q->pool.freed.count;
}

/* A link that went down for good must not keep the end of a scan waiting: what is left after a second is lost. */
static unsigned int give_up(struct dpdk_tx *q, unsigned int left, bool kept)
{
	const uint64_t now = clock_mono_ns();

	if (q->stuck_since == 0)
		q->stuck_since = now;
	if (now - q->stuck_since < (kept ? KEPT_PATIENCE_NS : FLUSH_PATIENCE_NS))
		return left;
	if (!kept && left > q->lost)
		counter_add(&q->lost, left - q->lost);
	return 0;
}

unsigned int dpdk_tx_flush(struct io_txq *io)
{
	struct dpdk_tx *q = (struct dpdk_tx *)io;
	unsigned int before, after;
	int cleaned;

	if (!rte_spinlock_trylock(&q->lock))
		return 1; /* as good as one in flight: asked again */
	before = in_flight(q);
	cleaned = before > 0 ? rte_eth_tx_done_cleanup(q->port, (uint16_t)io->index, 0) : 0;
	if (before > 0)
		rte_eth_tx_burst(q->port, (uint16_t)io->index, NULL, 0);
	after = in_flight(q);
	rte_spinlock_unlock(&q->lock);
	if (after < before)
		q->stuck_since = 0;
	return after == 0 ? 0 : give_up(q, after, cleaned == -ENOTSUP);
}
