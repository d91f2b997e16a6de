/* SPDX-License-Identifier: Apache-2.0 */
/* Our wishes within the limits of drivers, those of ena among them and some that no driver should have. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "io/dpdk/limits.h"
#include "io/dpdk/rte.h"

static struct rte_eth_dev_info driver(uint16_t tx_min, uint16_t tx_max, uint16_t tx_align)
{
	return (struct rte_eth_dev_info){
		.max_tx_queues = 8,
		.max_rx_queues = 8,
		.tx_desc_lim = { .nb_min = tx_min, .nb_max = tx_max, .nb_align = tx_align },
		.rx_desc_lim = { .nb_min = 0, .nb_max = UINT16_MAX, .nb_align = 1 },
	};
}

static struct dpdk_limits choose(const struct rte_eth_dev_info *info, unsigned int tx, unsigned int rx)
{
	const struct dpdk_wish wish = { .name = "port", .tx_queues = tx, .rx_queues = rx };
	struct dpdk_limits l;
	struct error e = { .code = 0 };

	cr_assert_eq(dpdk_limits_choose(info, &wish, &l, &e), 0, "%s", e.text);
	return l;
}

Test(dpdk_limits, descriptors)
{
	static const struct {
		uint16_t min, max, align, granted;
	} row[] = {
		{ 0, UINT16_MAX, 1, 512 }, /* most vdevs: nothing said */
		{ 0, 0, 0, 512 }, /* nothing at all */
		{ 128, 512, 1, 512 }, /* ena with large LLQ entries */
		{ 128, 1024, 1, 512 },
		{ 32, 4096, 32, 512 },
		{ 32, 256, 1, 256 },
		{ 1024, 4096, 1, 1024 }, /* more than we like */
		{ 0, 300, 64, 256 }, /* its most is none of its own steps */
		{ 600, 4096, 100, 600 },
		{ 0, 4096, 100, 600 }, /* our wish is none of its steps */
		{ 1, 1, 1, 1 },
		{ 512, 512, 512, 512 },
		{ 500, 768, 256, 512 },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct rte_eth_dev_info info = driver(row[i].min, row[i].max, row[i].align);
		const struct dpdk_limits l = choose(&info, 1, 1);

		cr_assert_eq(l.tx_descriptors, row[i].granted, "row %zu: %u", i, l.tx_descriptors);
		cr_assert_eq(l.rx_descriptors, DPDK_RX_DESCRIPTORS);
		cr_assert_eq(strstr(l.said, "tx descriptors") != NULL, row[i].granted != 512, "row %zu: %s",
			     i, l.said);
	}
}

Test(dpdk_limits, impossible_rings)
{
	static const uint16_t row[][3] = { { 513, 512, 1 }, { 0, 63, 64 }, { 129, 255, 128 } };
	const struct dpdk_wish wish = { .name = "port", .tx_queues = 1, .rx_queues = 1 };
	struct dpdk_limits l;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		const struct rte_eth_dev_info info = driver(row[i][0], row[i][1], row[i][2]);
		struct error e = { .code = 0 };

		cr_assert_eq(dpdk_limits_choose(&info, &wish, &l, &e), -EINVAL, "row %zu", i);
		cr_assert(strstr(e.text, "port: its driver has no possible size of a tx ring"), "%s", e.text);
	}
}

Test(dpdk_limits, said)
{
	struct rte_eth_dev_info info = driver(0, 256, 1);

	info.rx_desc_lim.nb_max = 512;
	cr_assert_str_eq(choose(&info, 1, 1).said,
			 "256 tx descriptors instead of 512, 512 rx descriptors instead of 4096");
}

Test(dpdk_limits, rx_rings_share)
{
	struct rte_eth_dev_info info = driver(0, UINT16_MAX, 1);

	info.max_rx_queues = 128;
	cr_assert_eq(choose(&info, 1, 8).rx_descriptors, 4096);
	cr_assert_eq(choose(&info, 1, 9).rx_descriptors, 2048);
	cr_assert_eq(choose(&info, 1, 128).rx_descriptors, 1024);
	cr_assert_str_eq(choose(&info, 1, 128).said, "", "as wished");
}

Test(dpdk_limits, queues)
{
	const struct rte_eth_dev_info info = driver(0, 512, 1);
	const struct dpdk_wish tx = { .name = "port", .tx_queues = 9, .rx_queues = 1 },
			       rx = { .name = "port", .tx_queues = 8, .rx_queues = 9 };
	struct dpdk_limits l = choose(&info, 8, 8);
	struct error e = { .code = 0 };

	cr_assert_eq(l.tx_queues, 8);
	cr_assert_eq(l.rx_queues, 8);
	cr_assert_eq(dpdk_limits_choose(&info, &tx, &l, &e), -EINVAL);
	cr_assert_str_eq(e.text, "9 tx queues on port: it has 8; lower tx= in --stages");
	cr_assert_eq(dpdk_limits_choose(&info, &rx, &l, &e), -EINVAL);
	cr_assert_str_eq(e.text, "9 rx queues on port: it has 8; lower rx= in --stages");
}

Test(dpdk_limits, offloads)
{
	struct rte_eth_dev_info info = driver(0, 512, 1);

	cr_assert_not(choose(&info, 1, 1).fast_free);
	cr_assert_eq(choose(&info, 1, 1).tx_free, 32, "where the driver does not say");
	info.tx_offload_capa = RTE_ETH_TX_OFFLOAD_MBUF_FAST_FREE | RTE_ETH_TX_OFFLOAD_TCP_CKSUM;
	info.default_txconf.tx_free_thresh = 128;
	cr_assert(choose(&info, 1, 1).fast_free);
	cr_assert_eq(choose(&info, 1, 1).tx_free, 128);
}

Test(dpdk_limits, rss)
{
	struct rte_eth_dev_info info = driver(0, 512, 1);

	cr_assert_eq(choose(&info, 1, 4).rss, 0, "it cannot");
	cr_assert_eq(dpdk_limits_rx_queues(&info), 8, "somebody else chooses among all of them");
	info.flow_type_rss_offloads = RTE_ETH_RSS_NONFRAG_IPV4_TCP | RTE_ETH_RSS_IPV6;
	cr_assert_eq(choose(&info, 1, 4).rss, RTE_ETH_RSS_NONFRAG_IPV4_TCP);
	cr_assert_eq(choose(&info, 1, 1).rss, 0, "nothing to spread");
	cr_assert_eq(dpdk_limits_rx_queues(&info), 0, "as many as we like");
	info.flow_type_rss_offloads = 0;
	info.max_rx_queues = 255;
	cr_assert_eq(dpdk_limits_rx_queues(&info), 0, "memif's bound is no number of queues");
}
