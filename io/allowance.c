/* SPDX-License-Identifier: Apache-2.0 */
#include "io/allowance.h"

#include <linux/sockios.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#define SUFFIX "_allowance_exceeded"

static int call(const struct allowance *a, void *command)
{
	struct ifreq request = { .ifr_data = command };

	memcpy(request.ifr_name, a->ifname, sizeof(request.ifr_name));
	return ioctl(a->fd, SIOCETHTOOL, &request);
}

static bool read_values(struct allowance *a)
{
	a->values->cmd = ETHTOOL_GSTATS;
	a->values->n_stats = a->counters;
	return call(a, a->values) == 0;
}

static void choose(struct allowance *a, uint32_t index, const uint8_t *text)
{
	const size_t len = strnlen((const char *)text, ETH_GSTRING_LEN), tail = strlen(SUFFIX);

	if (a->count == ALLOWANCES_MAX || len <= tail || memcmp(text + len - tail, SUFFIX, tail) != 0)
		return;
	memcpy(a->counter[a->count].name, text, len);
	a->counter[a->count].name[len] = '\0';
	a->counter[a->count++].index = index;
}

static void choose_by_name(struct allowance *a)
{
	struct ethtool_gstrings *names = calloc(1, sizeof(*names) + (size_t)a->counters * ETH_GSTRING_LEN);

	if (names == NULL)
		return;
	names->cmd = ETHTOOL_GSTRINGS;
	names->string_set = ETH_SS_STATS;
	names->len = a->counters;
	/* the kernel writes none where the number differs by now */
	if (call(a, names) == 0 && names->len == a->counters)
		for (uint32_t i = 0; i < a->counters; i++)
			choose(a, i, names->data + (size_t)i * ETH_GSTRING_LEN);
	free(names);
}

void allowance_open(struct allowance *a, const char *ifname)
{
	struct ethtool_drvinfo info = { .cmd = ETHTOOL_GDRVINFO };

	*a = (struct allowance){ .fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) };
	memcpy(a->ifname, ifname, strnlen(ifname, sizeof(a->ifname) - 1));
	if (a->fd < 0 || call(a, &info) != 0 || info.n_stats == 0)
		goto none;
	a->counters = info.n_stats;
	choose_by_name(a);
	a->values = a->count > 0 ? calloc(1, sizeof(*a->values) + a->counters * sizeof(a->values->data[0])) :
				   NULL;
	if (a->values == NULL || !read_values(a))
		goto none;
	for (unsigned int i = 0; i < a->count; i++)
		a->counter[i].at_open = a->values->data[a->counter[i].index];
	return;
none:
	allowance_close(a);
}

void allowance_close(struct allowance *a)
{
	if (a->fd >= 0)
		close(a->fd);
	free(a->values);
	*a = (struct allowance){ .fd = -1 };
}

void readings_add_allowance(struct readings *r, struct allowance *a)
{
	if (a->count == 0)
		return;
	/* one that was reloaded has other counters: what it had counted stays counted */
	read_values(a);
	for (unsigned int i = 0; i < a->count; i++) {
		const uint64_t now = a->values->data[a->counter[i].index], then = a->counter[i].at_open;

		readings_add(r, a->counter[i].name, READING_DROP, now > then ? now - then : 0);
	}
}
