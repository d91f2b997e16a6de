/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Settings of a NIC by SIOCETHTOOL (linux/ethtool.h). The ioctl, not ethtool's netlink: it is there on
 * every kernel and for every driver, and it has RSS. All return 0 or a negative errno; -EOPNOTSUPP: the
 * driver has no such thing.
 */
#ifndef DEVICE_ETHTOOL_H
#define DEVICE_ETHTOOL_H

#include <linux/ethtool.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

int ethtool_driver(const char *ifname, struct ethtool_drvinfo *);
int ethtool_channels(const char *ifname, struct ethtool_channels *);
int ethtool_set_channels(const char *ifname, const struct ethtool_channels *);
int ethtool_rings(const char *ifname, struct ethtool_ringparam *);
int ethtool_set_rings(const char *ifname, const struct ethtool_ringparam *);

struct rss {
	uint32_t size, key_size; /* entries, bytes */
	uint32_t *table; /* queue of each entry */
	uint8_t *key;
	uint8_t function; /* a bit of the string set ETH_SS_RSS_HASH_FUNCS */
};
int ethtool_rss(const char *ifname, struct rss *); /* then rss_free() */
void rss_free(struct rss *);
/* size 0: back to the driver's default. Key and function stay. */
int ethtool_set_rss(const char *ifname, const uint32_t *table, uint32_t size);
/* What the hash of such flows (TCP_V4_FLOW, ...) is made of, RXH_... */
int ethtool_hash_fields(const char *ifname, uint32_t flow, uint64_t *fields);

/* Names of the counters of `ethtool -S`, each ETH_GSTRING_LEN bytes and not necessarily ended; free() them. */
int ethtool_counter_names(const char *ifname, char **names, uint32_t *count);

#endif
