/* SPDX-License-Identifier: Apache-2.0 */
#include "io/dpdk/limits.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "io/dpdk/rte.h"

#define FREE_DEFAULT 32 /* where the driver names no threshold; what most have */
#define SPREAD_MAX 64 /* queues; more is a driver that names a bound of its own, as memif does */

/* Fields that a reply differs in from the next. ena cannot choose, and hashes TCP and UDP by all four. */
#define SPREAD_BY (RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_NONFRAG_IPV4_UDP)

static int descriptors(const struct rte_eth_desc_lim *lim, unsigned int wish, const char *name,
		       const char *direction, uint16_t *out, struct error *e)
{
	const unsigned int align = lim->nb_align > 0 ? lim->nb_align : 1;
	const unsigned int max = (lim->nb_max > 0 ? lim->nb_max : UINT16_MAX) / align * align;
	const unsigned int min = (lim->nb_min + align - 1) / align * align;
	unsigned int n = (wish + align - 1) / align * align;

	if (max == 0 || min > max)
		return error_set(
			e, -EINVAL,
			"%s: its driver has no possible size of a %s ring: %u to %u descriptors in steps of %u",
			name, direction, lim->nb_min, lim->nb_max, lim->nb_align);
	if (n < min)
		n = min;
	if (n > max)
		n = max;
	*out = (uint16_t)n;
	return 0;
}

static int queues(unsigned int wish, unsigned int max, const char *name, const char *direction, uint16_t *out,
		  struct error *e)
{
	if (wish > max)
		return error_set(e, -EINVAL, "%u %s queues on %s: it has %u; lower %s= in --stages", wish,
				 direction, name, max, direction);
	*out = (uint16_t)wish;
	return 0;
}

static void say(struct dpdk_limits *l, const char *what, unsigned int got, unsigned int wish)
{
	const size_t used = strlen(l->said);

	if (got != wish)
		snprintf(l->said + used, sizeof(l->said) - used, "%s%u %s descriptors instead of %u",
			 used > 0 ? ", " : "", got, what, wish);
}

/* What comes while its reader does not run must find a place: 4,096 bridge 14 ms of 0.3 M replies/s. */
static unsigned int rx_descriptors(unsigned int queues)
{
	const unsigned int all = 32768;
	unsigned int n = DPDK_RX_DESCRIPTORS;

	while (n > DPDK_RX_DESCRIPTORS_LEAST && n * queues > all)
		n /= 2;
	return n;
}

int dpdk_limits_choose(const struct rte_eth_dev_info *info, const struct dpdk_wish *wish,
		       struct dpdk_limits *l, struct error *e)
{
	const unsigned int rx_wish = rx_descriptors(wish->rx_queues);
	int rc;

	*l = (struct dpdk_limits){ .fast_free = info->tx_offload_capa & RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE };
	rc = queues(wish->tx_queues, info->max_tx_queues, wish->name, "tx", &l->tx_queues, e);
	if (rc == 0)
		rc = queues(wish->rx_queues, info->max_rx_queues, wish->name, "rx", &l->rx_queues, e);
	if (rc == 0)
		rc = descriptors(&info->tx_desc_lim, DPDK_TX_DESCRIPTORS, wish->name, "tx",
				 &l->tx_descriptors, e);
	if (rc == 0)
		rc = descriptors(&info->rx_desc_lim, rx_wish, wish->name, "rx", &l->rx_descriptors, e);
	if (rc < 0)
		return rc;
	l->tx_free = info->default_txconf.tx_free_thresh > 0 ? info->default_txconf.tx_free_thresh :
							       FREE_DEFAULT;
	if (l->rx_queues > 1)
		l->rss = info->flow_type_rss_offloads & SPREAD_BY;
	say(l, "tx", l->tx_descriptors, DPDK_TX_DESCRIPTORS);
	say(l, "rx", l->rx_descriptors, rx_wish);
	return 0;
}

unsigned int dpdk_limits_rx_queues(const struct rte_eth_dev_info *info)
{
	const bool itself = (info->flow_type_rss_offloads & SPREAD_BY) != 0;

	return itself || info->max_rx_queues > SPREAD_MAX ? 0 : info->max_rx_queues;
}
