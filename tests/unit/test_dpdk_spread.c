/* SPDX-License-Identifier: Apache-2.0 */
/*
 * RSS tables as NICs may have them. The functions of rte_ethdev that read and write one are those of this file, which come
 * before the library's: a driver with any table, that takes what is written or does not.
 */
#include "io/dpdk/rte.h"

#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "io/dpdk/spread.h"

static struct {
	uint16_t queue[512];
	unsigned int size;
	uint64_t hash;
	int query, update, conf_get; /* what they return */
	bool deaf; /* says that it took what is written */
	unsigned int updates;
} nic;

int rte_eth_dev_rss_reta_query(uint16_t port, struct rte_eth_rss_reta_entry64 *reta, uint16_t size)
{
	(void)port;
	cr_assert_eq(size, nic.size);
	for (unsigned int i = 0; nic.query == 0 && i < size; i++)
		if (reta[i / 64].mask >> i % 64 & 1)
			reta[i / 64].reta[i % 64] = nic.queue[i];
	return nic.query;
}

int rte_eth_dev_rss_reta_update(uint16_t port, struct rte_eth_rss_reta_entry64 *reta, uint16_t size)
{
	(void)port;
	cr_assert_eq(size, nic.size);
	nic.updates++;
	for (unsigned int i = 0; nic.update == 0 && !nic.deaf && i < size; i++)
		if (reta[i / 64].mask >> i % 64 & 1)
			nic.queue[i] = reta[i / 64].reta[i % 64];
	return nic.update;
}

int rte_eth_dev_rss_hash_conf_get(uint16_t port, struct rte_eth_rss_conf *conf)
{
	(void)port;
	if (nic.conf_get == 0)
		conf->rss_hf = nic.hash;
	return nic.conf_get;
}

static char said[DPDK_SPREAD_TEXT];
static struct error error;

static int check(unsigned int queues)
{
	const struct rte_eth_dev_info info = { .reta_size = (uint16_t)nic.size };
	const struct dpdk_limits l = { .rx_queues = (uint16_t)queues,
				       .rss = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP };

	error = (struct error){ .code = 0 };
	return dpdk_spread_check(0, &info, &l, "nic", said, &error);
}

/* Entry i names queue i % named. */
static void table(unsigned int size, unsigned int named)
{
	memset(&nic, 0, sizeof(nic));
	nic.size = size;
	nic.hash = RTE_ETH_RSS_IPV4 | RTE_ETH_RSS_NONFRAG_IPV4_TCP;
	for (unsigned int i = 0; i < size; i++)
		nic.queue[i] = (uint16_t)(i % named);
}

static void expect_even(unsigned int queues)
{
	for (unsigned int i = 0; i < nic.size; i++)
		cr_assert_eq(nic.queue[i], i % queues, "entry %u: %u", i, nic.queue[i]);
}

Test(dpdk_spread, as_it_should_be)
{
	table(128, 4);
	cr_assert_eq(check(4), 0, "%s", error.text);
	cr_assert_str_eq(said, "RSS over 4 queues, table verified");
	cr_assert_eq(nic.updates, 0, "what is right is left alone");
}

Test(dpdk_spread, one_queue_has_no_table_to_ask)
{
	table(128, 4);
	nic.query = -EIO;
	cr_assert_eq(check(1), 0);
	cr_assert_str_eq(said, "");
}

Test(dpdk_spread, a_queue_is_left_out)
{
	table(128, 3);
	cr_assert_eq(check(4), 0, "%s", error.text);
	cr_assert_str_eq(said, "RSS over 4 queues, table written and verified");
	expect_even(4);
}

Test(dpdk_spread, foreign_queues)
{
	table(512, 4);
	nic.queue[511] = 4; /* the last entry of the last group */
	cr_assert_eq(check(4), 0, "%s", error.text);
	expect_even(4);
	table(128, 8);
	cr_assert_eq(check(3), 0, "%s", error.text);
	expect_even(3);
}

Test(dpdk_spread, refuses_to_be_written)
{
	table(128, 3);
	nic.update = -ENOTSUP;
	cr_assert_eq(check(4), -EIO);
	cr_assert_str_eq(error.text,
			 "nic: its RSS table of 128 entries leaves out queue 3 of 4, and is not to be "
			 "changed (Operation not supported); lower rx= in --stages");
	table(128, 8);
	nic.update = -ENOTSUP;
	cr_assert_eq(check(4), -EIO);
	cr_assert_str_eq(error.text,
			 "nic: its RSS table sends to queue 4, and 4 are read, and is not to be changed "
			 "(Operation not supported): replies would be lost; use rx=1 in --stages");
}

Test(dpdk_spread, says_that_it_was_written)
{
	table(128, 1);
	nic.deaf = true;
	cr_assert_eq(check(2), -EIO);
	cr_assert(strstr(error.text, "leaves out queue 1 of 2, whatever is written to it"), "%s", error.text);
}

Test(dpdk_spread, fewer_entries_than_queues)
{
	table(4, 4);
	cr_assert_eq(check(6), -EIO);
	cr_assert(strstr(error.text, "table of 4 entries leaves out queue 4 of 6"), "%s", error.text);
}

Test(dpdk_spread, what_the_driver_does_not_tell)
{
	table(128, 4);
	nic.query = nic.conf_get = -ENOTSUP;
	cr_assert_eq(check(4), 0, "it is believed");
	cr_assert_str_eq(said,
			 "RSS over 4 queues, table not shown by the driver, hash not shown by the driver");
	table(0, 1);
	cr_assert_eq(check(4), 0);
	cr_assert(strstr(said, "table not shown"), "%s", said);
}

Test(dpdk_spread, hash)
{
	table(128, 4);
	nic.hash = RTE_ETH_RSS_IPV6;
	cr_assert_eq(check(4), 0, "one queue gets all: nothing is lost");
	cr_assert(strstr(said, "but it hashes nothing of ours: replies come to one queue"), "%s", said);
	nic.hash = RTE_ETH_RSS_IPV4;
	cr_assert_eq(check(4), 0);
	cr_assert(strstr(said, "but by addresses only"), "%s", said);
}
