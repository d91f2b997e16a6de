/* SPDX-License-Identifier: Apache-2.0 */
#include "io/dpdk/rte.h"

#include "io/dpdk/spread.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define ENTRIES_MAX 2048 /* of the largest NICs' tables; ena has 128 */
#define GROUP RTE_ETH_RETA_GROUP_SIZE

struct table {
	uint16_t port;
	unsigned int size, queues;
	struct rte_eth_rss_reta_entry64 group[ENTRIES_MAX / GROUP];
};

/* What a driver leaves as it was is no queue of anybody's. */
static int read_table(struct table *t)
{
	for (unsigned int g = 0; g < RTE_DIM(t->group); g++) {
		t->group[g].mask = UINT64_MAX;
		memset(t->group[g].reta, 0xff, sizeof(t->group[g].reta));
	}
	return rte_eth_dev_rss_reta_query(t->port, t->group, (uint16_t)t->size);
}

static int write_evenly(struct table *t)
{
	for (unsigned int i = 0; i < t->size; i++)
		t->group[i / GROUP].reta[i % GROUP] = (uint16_t)(i % t->queues);
	return rte_eth_dev_rss_reta_update(t->port, t->group, (uint16_t)t->size);
}

/* True: exactly the queues 0 to queues - 1. Else *wrong is one that it names beyond them, or one that it leaves out. */
static bool names_ours(const struct table *t, unsigned int *wrong)
{
	bool named[RTE_MAX_QUEUES_PER_PORT] = { false };

	for (unsigned int i = 0; i < t->size; i++) {
		*wrong = t->group[i / GROUP].reta[i % GROUP];
		if (*wrong >= t->queues)
			return false;
		named[*wrong] = true;
	}
	for (*wrong = 0; *wrong < t->queues; ++*wrong)
		if (!named[*wrong])
			return false;
	return true;
}

static int wrong_table(const struct table *t, const char *name, unsigned int wrong, const char *why,
		       struct error *e)
{
	if (wrong >= t->queues)
		return error_set(e, -EIO,
				 "%s: its RSS table sends to queue %u, and %u are read%s: replies would be "
				 "lost; use rx=1 in --stages",
				 name, wrong, t->queues, why);
	return error_set(e, -EIO,
			 "%s: its RSS table of %u entries leaves out queue %u of %u%s; lower rx= in --stages",
			 name, t->size, wrong, t->queues, why);
}

static int check_table(struct table *t, const char *name, const char **said, struct error *e)
{
	unsigned int wrong;
	int rc;

	*said = "table not shown by the driver";
	if (t->size == 0 || t->size > ENTRIES_MAX || read_table(t) < 0)
		return 0;
	*said = "table verified";
	if (names_ours(t, &wrong))
		return 0;
	rc = write_evenly(t);
	if (rc < 0) {
		char why[100];

		snprintf(why, sizeof(why), ", and is not to be changed (%s)", rte_strerror(-rc));
		return wrong_table(t, name, wrong, why, e);
	}
	*said = "table written and verified";
	if (read_table(t) == 0 && names_ours(t, &wrong))
		return 0;
	return wrong_table(t, name, wrong, ", whatever is written to it", e);
}

/* What it hashes by. A NIC that does not hash sends all to one queue: slow, and nothing is lost. */
static const char *check_hash(uint16_t port, uint64_t wanted)
{
	struct rte_eth_rss_conf conf = { .rss_key = NULL };

	if (rte_eth_dev_rss_hash_conf_get(port, &conf) < 0)
		return ", hash not shown by the driver";
	if ((conf.rss_hf & wanted) == 0)
		return ", but it hashes nothing of ours: replies come to one queue";
	if ((wanted & ~conf.rss_hf & RTE_ETH_RSS_NONFRAG_IPV4_TCP) != 0)
		return ", but by addresses only";
	return "";
}

int dpdk_spread_check(uint16_t port, const struct rte_eth_dev_info *info, const struct dpdk_limits *l,
		      const char *name, char said[DPDK_SPREAD_TEXT], struct error *e)
{
	struct table t = { .port = port, .size = info->reta_size, .queues = l->rx_queues };
	const char *table;
	int rc;

	said[0] = '\0';
	if (l->rx_queues < 2)
		return 0;
	if (l->rss == 0) {
		snprintf(said, DPDK_SPREAD_TEXT,
			 "no RSS of ours over %u queues: its driver or its peer chooses", t.queues);
		return 0;
	}
	rc = check_table(&t, name, &table, e);
	if (rc == 0)
		snprintf(said, DPDK_SPREAD_TEXT, "RSS over %u queues, %s%s", t.queues, table,
			 check_hash(port, l->rss));
	return rc;
}
