/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the port counted since it was opened. Names are the driver's own, so that what is known of a NIC by name (ena's
 * allowances) is found again.
 */
#include <stdlib.h>
#include <string.h>

#include "io/dpdk/eal.h"
#include "io/dpdk/port.h"
#include "io/readings.h"

struct reading_of {
	const struct dpdk_port *port;
	struct readings *out;
};

/* Beside those of rte_eth_stats, which are among them under names of their own. */
static bool worth_telling(const char *name)
{
	static const char *const word[] = { "drop",    "allowance", "discard",	 "overrun",
					    "no_desc", "reset",	    "wd_expired" };

	if (strncmp(name, "rx_good", 7) == 0 || strncmp(name, "tx_good", 7) == 0)
		return false;
	for (size_t i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		if (strstr(name, word[i]) != NULL)
			return true;
	return false;
}

/* Frames that somebody outside dropped. Others may be in the sums of rte_eth_stats as well. */
static enum reading_kind kind_of(const char *name)
{
	return strstr(name, "allowance_exceeded") != NULL ? READING_DROP : READING_COUNT;
}

static void add_named(const struct reading_of *r)
{
	const int n = rte_eth_xstats_get(r->port->id, NULL, 0);
	struct rte_eth_xstat_name *name;
	struct rte_eth_xstat *value;

	if (n <= 0)
		return;
	name = calloc((size_t)n, sizeof(*name));
	value = calloc((size_t)n, sizeof(*value));
	if (name != NULL && value != NULL &&
	    rte_eth_xstats_get_names(r->port->id, name, (unsigned int)n) == n &&
	    rte_eth_xstats_get(r->port->id, value, (unsigned int)n) == n) {
		for (int i = 0; i < n; i++)
			if (worth_telling(name[value[i].id].name))
				readings_add(r->out, name[value[i].id].name, kind_of(name[value[i].id].name),
					     value[i].value);
	}
	free(value);
	free(name);
}

/*
 * Frames that the driver took and counts as errors. Many count what they refuse too, which is sent again: then what was
 * taken and not sent is the bound.
 */
static uint64_t lost(const struct dpdk_port *p, const struct rte_eth_stats *stats)
{
	uint64_t accepted = 0, given_up = 0, missing;

	for (unsigned int i = 0; i < p->limits.tx_queues; i++) {
		accepted += counter_read(&p->tx[i].accepted);
		given_up += counter_read(&p->tx[i].lost);
	}
	missing = accepted > stats->opackets ? accepted - stats->opackets : 0;
	return given_up + (stats->oerrors < missing ? stats->oerrors : missing);
}

static int read_port(void *arg)
{
	const struct reading_of *r = arg;
	struct rte_eth_stats stats;

	if (rte_eth_stats_get(r->port->id, &stats) < 0)
		return 0;
	readings_add(r->out, "tx_packets", READING_COUNT, stats.opackets);
	readings_add(r->out, "rx_packets", READING_COUNT, stats.ipackets);
	readings_add(r->out, "rx_missed", READING_DROP, stats.imissed);
	readings_add(r->out, "rx_no_mbuf", READING_DROP, stats.rx_nombuf);
	readings_add(r->out, "rx_errors", READING_COUNT, stats.ierrors);
	readings_add(r->out, READING_SEND_LOST, READING_DROP, lost(r->port, &stats));
	add_named(r);
	return 0;
}

size_t dpdk_stats(struct io_port *io, struct reading *reading, size_t max)
{
	struct dpdk_port *port = (struct dpdk_port *)io;
	struct readings out = { reading, max, 0 };
	struct reading_of r = { .port = port, .out = &out };
	uint64_t refused = 0;

	for (unsigned int i = 0; i < port->limits.tx_queues; i++)
		refused += counter_read(&port->tx[i].refused);
	dpdk_call(read_port, &r);
	readings_add(&out, "device_resets", READING_COUNT, port->resets);
	readings_add(&out, "tx_refused", READING_COUNT, refused);
	return out.count;
}
