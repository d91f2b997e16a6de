/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A slice of polling is one alarm, and sets the next. Between two slices the interrupt thread looks at what else there
 * is: some microseconds in four milliseconds.
 */
#include "dpdk_port.h"

#include <pthread.h>
#include <rte_lcore.h>

#define SLICE_NS 4000000ULL
#define STEPS 8 /* between looks at the clock: no frame's time is off by more than they take */
#define GAP_US 5 /* the next alarm must not be due before this one has ended, or nobody else gets a turn */

/* Sends what waits. False: some of it still does. */
static bool flush(struct dpdk_port *p)
{
	const unsigned int n = rte_eth_tx_burst(p->id, 0, p->wait, (uint16_t)p->waiting);

	p->waiting -= n;
	if (p->waiting == 0)
		return true;
	memmove(p->wait, p->wait + n, p->waiting * sizeof(p->wait[0]));
	return false;
}

/* Who asked has gone: whoever comes next must not get the answers. */
static void give_up_without_peer(struct dpdk_port *p)
{
	struct rte_eth_link link;

	if (rte_eth_link_get_nowait(p->id, &link) != 0 || link.link_status == RTE_ETH_LINK_UP)
		return;
	rte_pktmbuf_free_bulk(p->wait, p->waiting);
	respond_failed(&p->responder, p->waiting);
	p->waiting = 0;
}

static void send_later(struct dpdk_port *p, struct rte_mbuf *m, uint16_t len, unsigned int copies)
{
	m->data_len = len;
	m->pkt_len = len;
	m->ol_flags = 0;
	p->wait[p->waiting++] = m;
	if (copies < 2)
		return;
	/* not a second reference: some PMDs keep what they send until it has gone */
	m = rte_pktmbuf_copy(m, p->pool, 0, UINT32_MAX);
	if (m != NULL)
		p->wait[p->waiting++] = m;
	else
		respond_failed(&p->responder, 1);
}

/* Nothing else holds it and it holds nothing else: what a NIC with FAST_FREE asks of what it sends. */
static bool stands_alone(const struct dpdk_port *p, const struct rte_mbuf *m)
{
	return m->pool == p->pool && RTE_MBUF_DIRECT(m) && m->nb_segs == 1 && rte_mbuf_refcnt_read(m) == 1;
}

/* One burst in, its answers out. */
static void step(struct dpdk_port *p, uint64_t now)
{
	struct rte_mbuf *mbuf[RESPOND_BURST], *unanswered[RESPOND_BURST];
	uint8_t *frame[RESPOND_BURST], copies[RESPOND_BURST];
	uint16_t len[RESPOND_BURST];
	unsigned int n, free = 0;
	bool alone = true;

	if (p->waiting > 0 && !flush(p)) {
		give_up_without_peer(p);
		return;
	}
	n = rte_eth_rx_burst(p->id, 0, mbuf, RESPOND_BURST);
	if (n == 0)
		return;
	for (unsigned int i = 0; i < n; i++) {
		const bool whole = mbuf[i]->nb_segs == 1;

		frame[i] = rte_pktmbuf_mtod(mbuf[i], uint8_t *);
		len[i] = whole ? mbuf[i]->data_len : 0; /* no probe fills more than a buffer */
		alone &= stands_alone(p, mbuf[i]);
	}
	respond(&p->responder, frame, len, copies, n, now);
	for (unsigned int i = 0; i < n; i++) {
		if (copies[i] > 0)
			send_later(p, mbuf[i], len[i], copies[i]);
		else
			unanswered[free++] = mbuf[i];
	}
	if (alone && free > 0)
		rte_mempool_put_bulk(p->pool, (void **)unanswered, free);
	else
		rte_pktmbuf_free_bulk(unanswered, free);
	if (p->waiting > 0)
		flush(p);
}

/* To where the EAL's main lcore is, which -l names: else the EAL spreads this thread over what -l leaves. */
static void settle(struct dpdk_port *p)
{
	const rte_cpuset_t set = rte_lcore_cpuset(rte_get_main_lcore());

	pthread_setaffinity_np(pthread_self(), sizeof(set), &set);
	p->registered = rte_thread_register() == 0; /* if not, there is no cache: slower */
}

static void slice(void *arg)
{
	struct dpdk_port *p = arg;
	uint64_t now = clock_mono_ns();
	const uint64_t until = now + SLICE_NS;

	if (!p->started) {
		settle(p);
		p->started = true;
	}
	while (!__atomic_load_n(&p->closing, __ATOMIC_RELAXED)) {
		for (unsigned int i = 0; i < STEPS; i++)
			step(p, now);
		now = clock_mono_ns();
		if (now >= until && rte_eal_alarm_set(GAP_US, slice, p) == 0)
			return;
	}
	rte_pktmbuf_free_bulk(p->wait, p->waiting);
	dpdk_link_down(p); /* here: a PMD may be about to hear on this thread that its peer has gone */
	if (p->registered)
		rte_thread_unregister();
	sem_post(&p->ended);
}

int dpdk_poll_start(struct dpdk_port *p)
{
	sem_init(&p->ended, 0, 0);
	return rte_eal_alarm_set(GAP_US, slice, p);
}

void dpdk_poll_stop(struct dpdk_port *p)
{
	__atomic_store_n(&p->closing, true, __ATOMIC_RELAXED);
	while (sem_wait(&p->ended) != 0)
		;
	sem_destroy(&p->ended);
}
