/* SPDX-License-Identifier: Apache-2.0 */
#include "io/dpdk/arp.h"
#include "io/dpdk/port.h"

/*
 * Between looks at a queue that is empty: a quarter of the time that it has been so. A ring has frames for 50 us of 40 M
 * replies a second; the longest pause is the error of a reply's time.
 */
#define PAUSE_MIN_NS 50000ULL
#define PAUSE_MAX_NS 1000000ULL

unsigned int dpdk_rx_receive(struct io_rxq *io, struct frame_view view[], unsigned int n)
{
	struct dpdk_rx *q = (struct dpdk_rx *)io;
	uint64_t now;

	q->held = 0;
	if (!rte_spinlock_trylock(&q->lock))
		return 0;
	if (unlikely(((const struct dpdk_port *)io->port)->dead))
		n = 0;
	else
		n = rte_eth_rx_burst(q->port, (uint16_t)io->index, q->mbuf,
				     (uint16_t)(n < DPDK_VIEWS ? n : DPDK_VIEWS));
	rte_spinlock_unlock(&q->lock);
	if (n == 0)
		return 0;
	q->held = n;
	q->fresh = true;
	now = clock_real_ns();
	if (q->answers)
		dpdk_arp_answer(q, q->mbuf, n);
	for (unsigned int i = 0; i < n; i++)
		view[i] = (struct frame_view){ .data = rte_pktmbuf_mtod(q->mbuf[i], const uint8_t *),
					       .len = rte_pktmbuf_data_len(q->mbuf[i]),
					       .time_ns = now };
	return n;
}

/* net_ring hands over what a tx queue was given, instead of a copy. */
static void free_foreign(struct rte_mbuf *mbuf)
{
	rte_spinlock_t *lock = dpdk_tx_pool_lock(mbuf);

	if (lock != NULL)
		rte_spinlock_lock(lock);
	rte_pktmbuf_free(mbuf);
	if (lock != NULL)
		rte_spinlock_unlock(lock);
}

void dpdk_rx_release(struct io_rxq *io)
{
	struct dpdk_rx *q = (struct dpdk_rx *)io;
	unsigned int own = 0;

	while (own < q->held && q->mbuf[own]->pool == q->pool)
		own++;
	rte_pktmbuf_free_bulk(q->mbuf, own);
	while (own < q->held)
		free_foreign(q->mbuf[own++]);
	q->held = 0;
}

uint64_t dpdk_rx_next(struct io_rxq *io, uint64_t now_ns)
{
	struct dpdk_rx *q = (struct dpdk_rx *)io;
	uint64_t pause;

	if (q->fresh)
		q->busy_ns = now_ns;
	q->fresh = false;
	pause = (now_ns - q->busy_ns) / 4;
	return now_ns + (pause < PAUSE_MIN_NS ? PAUSE_MIN_NS : pause > PAUSE_MAX_NS ? PAUSE_MAX_NS : pause);
}
