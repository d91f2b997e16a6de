/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For LD_PRELOAD: SIOCETHTOOL of a NIC that has what virtual ones have not: rings, an indirection table, allowance
 * counters. Its state is the file FAKE_ETHTOOL. It behaves as drivers do: a table set by hand is kept and refuses
 * channels that would leave it pointing nowhere, any other is spread anew when channels change. FAKE_DRIVER may hold
 *   resets    changing the rings resets the table
 *   refuses   rings cannot be changed
 *   forgets   they are not kept
 *   polices   each look at the counters finds a thousand more drops by the allowance
 *   dies      bind() of an AF_XDP socket is kill -9
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/ethtool.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#define ENTRIES 128
#define KEY 40
#define COUNTERS 3

struct state {
	uint32_t queues, rx, tx, by_hand, table[ENTRIES];
	uint64_t exceeded;
};

static const char counters[COUNTERS][ETH_GSTRING_LEN] = { "tx_timeout", "pps_allowance_exceeded",
							  "conntrack_allowance_available" };

static bool driver(const char *word)
{
	const char *words = getenv("FAKE_DRIVER");

	return words != NULL && strstr(words, word) != NULL;
}

static void spread(struct state *s)
{
	for (uint32_t i = 0; i < ENTRIES; i++)
		s->table[i] = i % s->queues;
	s->by_hand = 0;
}

static int set_channels(struct state *s, const struct ethtool_channels *c)
{
	if (c->combined_count < 1 || c->combined_count > 8 || c->rx_count != 0 || c->tx_count != 0)
		return -EINVAL;
	for (uint32_t i = 0; s->by_hand && i < ENTRIES; i++)
		if (s->table[i] >= c->combined_count)
			return -EINVAL;
	s->queues = c->combined_count;
	if (!s->by_hand)
		spread(s);
	return 0;
}

static int set_rings(struct state *s, const struct ethtool_ringparam *r)
{
	if (driver("refuses"))
		return -EIO;
	if (r->rx_pending > 4096 || r->tx_pending > 2048)
		return -EINVAL;
	if (!driver("forgets")) {
		s->rx = r->rx_pending;
		s->tx = r->tx_pending;
	}
	if (driver("resets"))
		spread(s);
	return 0;
}

static int get_rss(const struct state *s, struct ethtool_rxfh *r)
{
	const bool sizes = r->indir_size == 0;

	r->indir_size = ENTRIES;
	r->key_size = KEY;
	r->hfunc = 1;
	if (sizes)
		return 0;
	memcpy(r->rss_config, s->table, sizeof(s->table));
	memset((char *)r->rss_config + sizeof(s->table), 0x6d, KEY);
	return 0;
}

static int set_rss(struct state *s, const struct ethtool_rxfh *r)
{
	if (r->indir_size == 0) {
		spread(s);
		return 0;
	}
	for (uint32_t i = 0; i < ENTRIES; i++)
		if (r->indir_size != ENTRIES || r->rss_config[i] >= s->queues)
			return -EINVAL;
	memcpy(s->table, r->rss_config, sizeof(s->table));
	s->by_hand = 1;
	return 0;
}

static int answer(struct state *s, void *data)
{
	struct ethtool_channels *channels = data;
	struct ethtool_ringparam *rings = data;
	struct ethtool_drvinfo *info = data;
	struct ethtool_gstrings *strings = data;
	struct ethtool_stats *stats = data;

	switch (*(uint32_t *)data) {
	case ETHTOOL_GDRVINFO:
		strcpy(info->driver, "fake");
		strcpy(info->bus_info, "0000:00:1f.6");
		info->n_stats = COUNTERS;
		return 0;
	case ETHTOOL_GSTRINGS:
		memcpy(strings->data, counters, sizeof(counters));
		return 0;
	case ETHTOOL_GSTATS:
		memset(stats->data, 0, COUNTERS * sizeof(stats->data[0]));
		s->exceeded += driver("polices") ? 1000 : 0;
		stats->data[1] = s->exceeded;
		return 0;
	case ETHTOOL_GCHANNELS:
		channels->max_combined = 8;
		channels->combined_count = s->queues;
		return 0;
	case ETHTOOL_SCHANNELS:
		return set_channels(s, channels);
	case ETHTOOL_GRINGPARAM:
		rings->rx_max_pending = 4096;
		rings->tx_max_pending = 2048;
		rings->rx_pending = s->rx;
		rings->tx_pending = s->tx;
		return 0;
	case ETHTOOL_SRINGPARAM:
		return set_rings(s, rings);
	case ETHTOOL_GRSSH:
		return get_rss(s, data);
	case ETHTOOL_SRSSH:
		return set_rss(s, data);
	case ETHTOOL_GRXFH:
		((struct ethtool_rxnfc *)data)->data = RXH_IP_SRC | RXH_IP_DST | RXH_L4_B_0_1 | RXH_L4_B_2_3;
		return 0;
	default:
		return -EOPNOTSUPP;
	}
}

int ioctl(int fd, unsigned long request, ...)
{
	static int (*real)(int, unsigned long, ...);
	const char *path = getenv("FAKE_ETHTOOL");
	struct state *s;
	va_list args;
	void *arg;
	int file, rc;

	va_start(args, request);
	arg = va_arg(args, void *);
	va_end(args);
	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "ioctl");
	if (request != SIOCETHTOOL || path == NULL)
		return real(fd, request, arg);
	file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (file < 0 || ftruncate(file, sizeof(*s)) < 0)
		abort();
	s = mmap(NULL, sizeof(*s), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	if (s == MAP_FAILED)
		abort();
	if (s->queues == 0) {
		*s = (struct state){ .queues = 4, .rx = 512, .tx = 256 };
		spread(s);
	}
	rc = answer(s, ((struct ifreq *)arg)->ifr_data);
	munmap(s, sizeof(*s));
	errno = rc < 0 ? -rc : errno;
	return rc < 0 ? -1 : 0;
}

int bind(int fd, const struct sockaddr *address, socklen_t len)
{
	static int (*real)(int, const struct sockaddr *, socklen_t);

	if (real == NULL)
		*(void **)&real = dlsym(RTLD_NEXT, "bind");
	if (address->sa_family == AF_XDP && driver("dies"))
		raise(SIGKILL);
	return real(fd, address, len);
}
