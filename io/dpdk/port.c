/* SPDX-License-Identifier: Apache-2.0 */
/* Bringing a port up and down, in the order of rte_ethdev.h: configure, queues, start, what the NIC is to receive. */
#include "io/dpdk/port.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "io/dpdk/eal.h"
#include "io/dpdk/reset.h"
#include "io/dpdk/spread.h"

#define LINK_PATIENCE_NS (5 * NS_PER_S) /* a NIC's link comes up, or the other end of a memif */
#define LOOKS_PER_CALL 30 /* for it, a hundredth of a second each */
#define RX_CACHE 256 /* mbufs per thread */

static int node_of(const struct dpdk_port *p)
{
	return rte_eth_dev_socket_id(p->id);
}

static int refused(const struct dpdk_port *p, const char *what, int rc, struct error *e)
{
	char last[400];

	dpdk_log_last(last, sizeof(last));
	return error_set(e, rc == -ENOMEM ? -ENOMEM : -EIO, "%s: cannot %s: %s%s%s", p->link.name, what,
			 rte_strerror(-rc), last[0] != '\0' ? "\n" : "", last);
}

static int configure(struct dpdk_port *p, struct error *e)
{
	const struct dpdk_limits *l = &p->limits;
	struct rte_eth_conf conf = { .rxmode.mq_mode = l->rss != 0 ? RTE_ETH_MQ_RX_RSS : RTE_ETH_MQ_RX_NONE,
				     .rx_adv_conf.rss_conf.rss_hf = l->rss };
	int rc;

	if (l->fast_free)
		conf.txmode.offloads = RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE;
	rc = rte_eth_dev_configure(p->id, l->rx_queues, l->tx_queues, &conf);
	if (rc < 0)
		return refused(p, "configure it", rc, e);
	p->configured = true;
	return 0;
}

/*
 * A whole ring in the NIC's hands, one that refills it, and what wait in the thread's hands and cache. net_af_xdp takes
 * as many again for its own rings.
 */
static unsigned int rx_mbufs(const struct dpdk_port *p)
{
	return 2U * p->limits.rx_descriptors + 2 * RX_CACHE + DPDK_VIEWS + 2048;
}

static int make_rx_pool(struct dpdk_port *p, unsigned int index, struct error *e)
{
	const unsigned int least = p->info.min_rx_bufsize + RTE_PKTMBUF_HEADROOM;
	struct dpdk_rx *q = &p->rx[index];
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "rx%u.%u", p->id, index);
	q->pool = rte_pktmbuf_pool_create(
		name, rx_mbufs(p), RX_CACHE, 0,
		(uint16_t)(least > RTE_MBUF_DEFAULT_BUF_SIZE ? least : RTE_MBUF_DEFAULT_BUF_SIZE),
		node_of(p) >= 0 ? node_of(p) : SOCKET_ID_ANY);
	if (q->pool != NULL)
		return 0;
	return error_set(e, -ENOMEM,
			 "%s: no memory for %u received frames of queue %u on NUMA node %d: %s; reserve more "
			 "huge pages there, or give more to --no-huge: --dpdk-eal '--no-huge -m 2048'",
			 p->link.name, rx_mbufs(p), index, node_of(p), rte_strerror(rte_errno));
}

static int make_tx_pool(struct dpdk_port *p, unsigned int index, struct error *e)
{
	struct dpdk_tx *q = &p->tx[index];
	char name[RTE_MEMPOOL_NAMESIZE];

	snprintf(name, sizeof(name), "tx%u.%u", p->id, index);
	return dpdk_tx_pool_create(&q->pool, name,
				   p->frames + p->limits.tx_descriptors + p->limits.tx_free + DPDK_OWN,
				   node_of(p), &q->lock, e);
}

static int make_pools(struct dpdk_port *p, struct error *e)
{
	int rc = 0;

	for (unsigned int i = 0; i < p->limits.tx_queues && rc == 0; i++)
		rc = make_tx_pool(p, i, e);
	for (unsigned int i = 0; i < p->limits.rx_queues && rc == 0; i++)
		rc = make_rx_pool(p, i, e);
	return rc;
}

static int set_up_queues(struct dpdk_port *p, struct error *e)
{
	const struct dpdk_limits *l = &p->limits;
	const unsigned int node = (unsigned int)node_of(p);
	struct rte_eth_txconf tx = p->info.default_txconf;
	struct rte_eth_rxconf rx = p->info.default_rxconf;
	int rc = 0;

	tx.offloads = l->fast_free ? RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE : 0;
	rx.offloads = 0;
	for (uint16_t i = 0; i < l->tx_queues && rc == 0; i++)
		rc = rte_eth_tx_queue_setup(p->id, i, l->tx_descriptors, node, &tx);
	if (rc < 0)
		return refused(p, "set up its tx queues", rc, e);
	for (uint16_t i = 0; i < l->rx_queues && rc == 0; i++)
		rc = rte_eth_rx_queue_setup(p->id, i, l->rx_descriptors, node, &rx, p->rx[i].pool);
	return rc < 0 ? refused(p, "set up its rx queues", rc, e) : 0;
}

/* Frames to another address than the NIC's own are for others, and a NIC leaves them alone. */
static int receive_own(struct dpdk_port *p, struct error *e)
{
	struct rte_ether_addr mac;
	int rc;

	if (rte_eth_macaddr_get(p->id, &mac) < 0 || memcmp(mac.addr_bytes, p->link.mac, 6) == 0)
		return 0;
	memcpy(mac.addr_bytes, p->link.mac, 6);
	rc = rte_eth_dev_mac_addr_add(p->id, &mac, 0);
	if (rc < 0)
		rc = rte_eth_promiscuous_enable(p->id);
	return rc < 0 && rc != -ENOTSUP ? refused(p, "receive what is sent to --source-mac", rc, e) : 0;
}

/* A client of memif calls once, when it starts: a server that has its socket and has not started yet hangs up on it. */
static void call_again(struct dpdk_port *p)
{
	if (strcmp(p->info.driver_name, "net_memif") != 0)
		return;
	rte_eth_dev_stop(p->id);
	rte_eth_dev_start(p->id);
}

static int await_link(struct dpdk_port *p, struct error *e)
{
	const uint64_t until = clock_mono_ns() + LINK_PATIENCE_NS;
	struct rte_eth_link link = { .link_status = RTE_ETH_LINK_DOWN };

	for (unsigned int look = 1; clock_mono_ns() < until; look++) {
		if (rte_eth_link_get_nowait(p->id, &link) < 0 || link.link_status == RTE_ETH_LINK_UP)
			return 0;
		if (look % LOOKS_PER_CALL == 0)
			call_again(p);
		nanosleep(&(struct timespec){ .tv_nsec = 10000000 }, NULL);
	}
	return error_set(e, -ENETDOWN, "%s: its link is down; connect what is at the other end of it",
			 p->link.name);
}

int dpdk_port_up(struct dpdk_port *p, struct error *e)
{
	int rc = configure(p, e);

	if (rc == 0)
		rc = set_up_queues(p, e);
	if (rc < 0)
		return rc;
	rc = rte_eth_dev_start(p->id);
	if (rc < 0)
		return refused(p, "start it", rc, e);
	p->started = true;
	rc = receive_own(p, e);
	return rc < 0 ? rc : dpdk_spread_check(p->id, &p->info, &p->limits, p->link.name, p->spread, e);
}

int dpdk_port_start(struct dpdk_port *p, struct error *e)
{
	int rc;

	dpdk_log_forget();
	rc = make_pools(p, e);
	if (rc == 0)
		rc = dpdk_port_up(p, e);
	if (rc == 0)
		rc = await_link(p, e);
	if (rc == 0) {
		dpdk_reset_watch(p);
		p->watched = true;
	}
	return rc;
}

/* The port goes for good: a vdev's sockets and programs go with it. Its pools last, as it frees mbufs until then. */
void dpdk_port_stop(struct dpdk_port *p)
{
	if (p->watched)
		dpdk_reset_unwatch(p);
	if (p->started)
		rte_eth_dev_stop(p->id);
	if (p->configured)
		rte_eth_dev_close(p->id);
	p->started = p->configured = p->watched = false;
	for (unsigned int i = 0; p->tx != NULL && i < p->limits.tx_queues; i++)
		dpdk_tx_pool_destroy(&p->tx[i].pool);
	for (unsigned int i = 0; p->rx != NULL && i < p->limits.rx_queues; i++)
		rte_mempool_free(p->rx[i].pool);
}
