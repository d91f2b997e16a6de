/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/device/ethtool.h"

#include <errno.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* The kernel's own copy must not exceed this either; real tables have at most 4096 entries. */
#define RSS_MAX 65536

static int call(const char *ifname, void *command)
{
	struct ifreq request = { .ifr_data = command };
	const int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	int rc = 0;

	if (fd < 0)
		return -errno;
	memcpy(request.ifr_name, ifname, strnlen(ifname, sizeof(request.ifr_name) - 1));
	if (ioctl(fd, SIOCETHTOOL, &request) < 0)
		rc = -errno;
	close(fd);
	return rc;
}

int ethtool_driver(const char *ifname, struct ethtool_drvinfo *info)
{
	*info = (struct ethtool_drvinfo){ .cmd = ETHTOOL_GDRVINFO };
	return call(ifname, info);
}

int ethtool_channels(const char *ifname, struct ethtool_channels *channels)
{
	*channels = (struct ethtool_channels){ .cmd = ETHTOOL_GCHANNELS };
	return call(ifname, channels);
}

int ethtool_set_channels(const char *ifname, const struct ethtool_channels *channels)
{
	struct ethtool_channels set = *channels;

	set.cmd = ETHTOOL_SCHANNELS;
	return call(ifname, &set);
}

int ethtool_rings(const char *ifname, struct ethtool_ringparam *rings)
{
	*rings = (struct ethtool_ringparam){ .cmd = ETHTOOL_GRINGPARAM };
	return call(ifname, rings);
}

int ethtool_set_rings(const char *ifname, const struct ethtool_ringparam *rings)
{
	struct ethtool_ringparam set = *rings;

	set.cmd = ETHTOOL_SRINGPARAM;
	return call(ifname, &set);
}

int ethtool_rss(const char *ifname, struct rss *rss)
{
	struct ethtool_rxfh sizes = { .cmd = ETHTOOL_GRSSH }, *all;
	int rc = call(ifname, &sizes);
	size_t table;

	memset(rss, 0, sizeof(*rss));
	if (rc < 0)
		return rc;
	if (sizes.indir_size == 0)
		return -EOPNOTSUPP;
	if (sizes.indir_size > RSS_MAX || sizes.key_size > RSS_MAX)
		return -E2BIG;
	table = sizes.indir_size * sizeof(uint32_t);
	all = calloc(1, sizeof(*all) + table + sizes.key_size);
	rss->table = malloc(table);
	rss->key = malloc(sizes.key_size + 1);
	if (all == NULL || rss->table == NULL || rss->key == NULL) {
		rc = -ENOMEM;
	} else {
		all->cmd = ETHTOOL_GRSSH;
		all->indir_size = sizes.indir_size;
		all->key_size = sizes.key_size;
		rc = call(ifname, all);
	}
	if (rc == 0) {
		rss->size = sizes.indir_size;
		rss->key_size = sizes.key_size;
		rss->function = all->hfunc;
		memcpy(rss->table, all->rss_config, table);
		memcpy(rss->key, (const uint8_t *)all->rss_config + table, sizes.key_size);
	} else {
		rss_free(rss);
	}
	free(all);
	return rc;
}

void rss_free(struct rss *rss)
{
	free(rss->table);
	free(rss->key);
	memset(rss, 0, sizeof(*rss));
}

int ethtool_set_rss(const char *ifname, const uint32_t *table, uint32_t size)
{
	struct ethtool_rxfh *set = calloc(1, sizeof(*set) + size * sizeof(uint32_t));
	int rc;

	if (set == NULL)
		return -ENOMEM;
	set->cmd = ETHTOOL_SRSSH;
	set->indir_size = size;
	if (size > 0)
		memcpy(set->rss_config, table, size * sizeof(uint32_t));
	rc = call(ifname, set);
	free(set);
	return rc;
}

int ethtool_hash_fields(const char *ifname, uint32_t flow, uint64_t *fields)
{
	struct ethtool_rxnfc get = { .cmd = ETHTOOL_GRXFH, .flow_type = flow };
	const int rc = call(ifname, &get);

	*fields = get.data;
	return rc;
}

int ethtool_counter_names(const char *ifname, char **names, uint32_t *count)
{
	struct ethtool_drvinfo info;
	struct ethtool_gstrings *strings;
	int rc = ethtool_driver(ifname, &info);

	*names = NULL;
	*count = 0;
	if (rc < 0)
		return rc;
	strings = calloc(1, sizeof(*strings) + (size_t)info.n_stats * ETH_GSTRING_LEN);
	*names = malloc((size_t)info.n_stats * ETH_GSTRING_LEN + 1);
	if (strings == NULL || *names == NULL) {
		rc = -ENOMEM;
	} else if (info.n_stats == 0) {
		rc = -EOPNOTSUPP;
	} else {
		strings->cmd = ETHTOOL_GSTRINGS;
		strings->string_set = ETH_SS_STATS;
		strings->len = info.n_stats;
		rc = call(ifname, strings);
	}
	if (rc == 0) {
		/* the driver may have gained or lost some since; the kernel writes none where the number differs */
		*count = strings->len < info.n_stats ? strings->len : info.n_stats;
		memcpy(*names, strings->data, (size_t)*count * ETH_GSTRING_LEN);
	} else {
		free(*names);
		*names = NULL;
	}
	free(strings);
	return rc;
}
