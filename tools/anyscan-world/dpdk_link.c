/* SPDX-License-Identifier: Apache-2.0 */
#include "dpdk_port.h"

#include <errno.h>

#include "io/dpdk/eal.h"

#define DESCRIPTORS 2048 /* each way; the device may want other numbers */
#define CACHE 256

static int failed(struct error *e, int rc, const char *what, const struct dpdk_port *p)
{
	char last[300];

	dpdk_log_last(last, sizeof(last));
	return error_set(e, rc, "cannot %s %s: %s%s%s", what, p->device, strerror(-rc),
			 last[0] != '\0' ? "\n" : "", last);
}

static int start(struct dpdk_port *p, struct error *e)
{
	const struct rte_eth_conf conf = { .txmode = { .mq_mode = RTE_ETH_MQ_TX_NONE } };
	uint16_t rx = DESCRIPTORS, tx = DESCRIPTORS;
	struct rte_eth_dev_info info;
	struct rte_ether_addr mac;
	int rc = rte_eth_dev_info_get(p->id, &info);

	if (rc == 0)
		rc = rte_eth_dev_configure(p->id, 1, 1, &conf);
	if (rc == 0)
		rc = rte_eth_dev_adjust_nb_rx_tx_desc(p->id, &rx, &tx);
	if (rc != 0)
		return failed(e, rc, "configure", p);
	p->pool = rte_pktmbuf_pool_create("world", rx + tx + 4 * RESPOND_BURST + 2 * CACHE, CACHE, 0,
					  RTE_MBUF_DEFAULT_BUF_SIZE, rte_eth_dev_socket_id(p->id));
	if (p->pool == NULL)
		return failed(e, -rte_errno, "get memory for the frames of", p);
	rc = rte_eth_rx_queue_setup(p->id, 0, rx, (unsigned int)rte_eth_dev_socket_id(p->id), NULL, p->pool);
	if (rc == 0)
		rc = rte_eth_tx_queue_setup(p->id, 0, tx, (unsigned int)rte_eth_dev_socket_id(p->id), NULL);
	if (rc == 0)
		rc = rte_eth_dev_start(p->id);
	if (rc == 0)
		rc = rte_eth_macaddr_get(p->id, &mac);
	if (rc != 0)
		return failed(e, rc, "start", p);
	rte_eth_promiscuous_enable(
		p->id); /* probes may be to any gateway's MAC; virtual devices need not know it */
	memcpy(p->responder.mac, &mac, sizeof(p->responder.mac));
	snprintf(p->words, sizeof(p->words), "DPDK, %s", info.driver_name);
	return 0;
}

int dpdk_link_up(struct dpdk_port *p, struct error *e)
{
	int rc;

	dpdk_log_forget();
	rc = start(p, e);
	if (rc != 0)
		dpdk_link_down(p);
	return rc;
}

void dpdk_link_down(struct dpdk_port *p)
{
	rte_eth_dev_stop(p->id);
	rte_eth_dev_close(p->id);
	rte_mempool_free(p->pool);
}
