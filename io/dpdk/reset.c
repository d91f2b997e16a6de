/* SPDX-License-Identifier: Apache-2.0 */
#include "io/dpdk/reset.h"

#include <errno.h>

#define LOOKS_PER_S 10

static int on_event(uint16_t id, enum rte_eth_event_type event, void *arg, void *unused)
{
	struct dpdk_port *p = arg;

	(void)id, (void)event, (void)unused;
	__atomic_store_n(&p->reset_wanted, true, __ATOMIC_RELAXED);
	return 0;
}

static void look(struct rte_timer *timer, void *arg)
{
	struct dpdk_port *p = arg;

	(void)timer;
	if (__atomic_exchange_n(&p->reset_wanted, false, __ATOMIC_RELAXED))
		dpdk_reset(p);
}

void dpdk_reset_watch(struct dpdk_port *p)
{
	rte_eth_dev_callback_register(p->id, RTE_ETH_EVENT_INTR_RESET, on_event, p);
	rte_timer_init(&p->timer);
	rte_timer_reset(&p->timer, rte_get_timer_hz() / LOOKS_PER_S, PERIODICAL, rte_lcore_id(), look, p);
}

void dpdk_reset_unwatch(struct dpdk_port *p)
{
	rte_timer_stop_sync(&p->timer);
	rte_eth_dev_callback_unregister(p->id, RTE_ETH_EVENT_INTR_RESET, on_event, p);
}

static void hold(struct dpdk_port *p)
{
	for (unsigned int i = 0; i < p->limits.tx_queues; i++)
		rte_spinlock_lock(&p->tx[i].lock);
	for (unsigned int i = 0; i < p->limits.rx_queues; i++)
		rte_spinlock_lock(&p->rx[i].lock);
}

static void let_go(struct dpdk_port *p)
{
	for (unsigned int i = 0; i < p->limits.rx_queues; i++)
		rte_spinlock_unlock(&p->rx[i].lock);
	for (unsigned int i = 0; i < p->limits.tx_queues; i++)
		rte_spinlock_unlock(&p->tx[i].lock);
}

void dpdk_reset(struct dpdk_port *p)
{
	int rc;

	hold(p);
	rte_eth_dev_stop(p->id);
	rc = rte_eth_dev_reset(p->id);
	if (rc == 0 || rc == -ENOTSUP)
		rc = dpdk_port_up(p, NULL);
	p->dead = rc < 0;
	p->resets++;
	let_go(p);
}
