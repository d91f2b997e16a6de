/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A port of DPDK with limits of its own, over any PMD: LIMITS="MAX MIN ALIGN QUEUES MTU BURST" of both rings. rte_ethdev
 * holds the program to them. A tx ring has as many places as were asked for, takes BURST frames at most at once, and
 * gives a frame back only when it needs the place: so a program that waits for its last frame waits for ever. With
 * BY_CLEANUP it gives none back by itself: a full ring stays full until rte_eth_tx_done_cleanup(). What was asked for goes
 * to the file SIZES.
 */
#include <dlfcn.h>
#include <rte_ethdev.h>
#include <stdio.h>
#include <stdlib.h>

#define PLACES_MAX 4096
#define QUEUES_MAX 8

static struct ring {
	struct rte_mbuf *held[PLACES_MAX];
	unsigned int first, count, places, burst;
	eth_tx_burst_t send;
	void *queue;
} rings[QUEUES_MAX];

static struct limits {
	unsigned int max, min, align, queues, mtu, burst;
} limits(void)
{
	struct limits l;
	const char *text = getenv("LIMITS");

	if (text == NULL ||
	    sscanf(text, "%u %u %u %u %u %u", &l.max, &l.min, &l.align, &l.queues, &l.mtu, &l.burst) != 6)
		abort();
	return l;
}

static void tell(const char *what, unsigned int queue, unsigned int n)
{
	FILE *f = fopen(getenv("SIZES"), "a");

	fprintf(f, "%s %u %u\n", what, queue, n);
	fclose(f);
}

int rte_eth_dev_info_get(uint16_t port, struct rte_eth_dev_info *info)
{
	int (*next)(uint16_t, struct rte_eth_dev_info *) = dlsym(RTLD_NEXT, "rte_eth_dev_info_get");
	const int rc = next(port, info);
	const struct limits l = limits();

	info->tx_desc_lim.nb_max = info->rx_desc_lim.nb_max = (uint16_t)l.max;
	info->tx_desc_lim.nb_min = info->rx_desc_lim.nb_min = (uint16_t)l.min;
	info->tx_desc_lim.nb_align = info->rx_desc_lim.nb_align = (uint16_t)l.align;
	info->max_tx_queues = info->max_rx_queues = (uint16_t)l.queues;
	info->max_mtu = (uint16_t)l.mtu;
	return rc;
}

int rte_eth_rx_queue_setup(uint16_t port, uint16_t queue, uint16_t n, unsigned int node,
			   const struct rte_eth_rxconf *conf, struct rte_mempool *pool)
{
	int (*next)(uint16_t, uint16_t, uint16_t, unsigned int, const struct rte_eth_rxconf *,
		    struct rte_mempool *) = dlsym(RTLD_NEXT, "rte_eth_rx_queue_setup");

	tell("rx", queue, n);
	return next(port, queue, n, node, conf, pool);
}

int rte_eth_tx_queue_setup(uint16_t port, uint16_t queue, uint16_t n, unsigned int node,
			   const struct rte_eth_txconf *conf)
{
	int (*next)(uint16_t, uint16_t, uint16_t, unsigned int, const struct rte_eth_txconf *) =
		dlsym(RTLD_NEXT, "rte_eth_tx_queue_setup");

	tell("tx", queue, n);
	rings[queue].places = n;
	return next(port, queue, n, node, conf);
}

static void give_back(struct ring *r)
{
	rte_pktmbuf_free(r->held[r->first]);
	r->first = (r->first + 1) % PLACES_MAX;
	r->count--;
}

int rte_eth_tx_done_cleanup(uint16_t port, uint16_t queue, uint32_t most)
{
	int (*next)(uint16_t, uint16_t, uint32_t) = dlsym(RTLD_NEXT, "rte_eth_tx_done_cleanup");
	struct ring *r = &rings[queue];
	int n;

	if (getenv("BY_CLEANUP") == NULL)
		return next(port, queue, most);
	for (n = 0; r->count > 0 && (most == 0 || n < (int)most); n++)
		give_back(r);
	return n;
}

static uint16_t burst(void *arg, struct rte_mbuf **mbuf, uint16_t n)
{
	struct ring *r = arg;
	uint16_t sent;

	if (n > r->burst)
		n = (uint16_t)r->burst;
	if (getenv("BY_CLEANUP") != NULL && r->places - r->count < n)
		n = (uint16_t)(r->places - r->count);
	while (r->places - r->count < n && r->count > 0)
		give_back(r);
	for (uint16_t i = 0; i < n; i++)
		rte_mbuf_refcnt_update(mbuf[i], 1);
	sent = r->send(r->queue, mbuf, n);
	for (uint16_t i = 0; i < n; i++) {
		if (i < sent)
			r->held[(r->first + r->count++) % PLACES_MAX] = mbuf[i];
		else
			rte_mbuf_refcnt_update(mbuf[i], -1);
	}
	return sent;
}

int rte_eth_dev_start(uint16_t port)
{
	int (*next)(uint16_t) = dlsym(RTLD_NEXT, "rte_eth_dev_start");
	struct rte_eth_fp_ops *ops = &rte_eth_fp_ops[port];
	const int rc = next(port);

	for (unsigned int q = 0; rc == 0 && q < QUEUES_MAX && rings[q].places > 0; q++) {
		rings[q].burst = limits().burst;
		rings[q].send = ops->tx_pkt_burst;
		rings[q].queue = ops->txq.data[q];
		ops->txq.data[q] = &rings[q];
	}
	if (rc == 0)
		ops->tx_pkt_burst = burst;
	return rc;
}
