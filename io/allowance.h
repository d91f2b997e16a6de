/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a cloud lets a NIC send and receive, and what it has dropped beyond that: counters of `ethtool -S` whose names end
 * in _allowance_exceeded (ENA: pps, bw_in, bw_out, conntrack, linklocal). Such drops are in no counter of the interface:
 * the device takes more than it sends. Other NICs have none, and this costs nothing there.
 *
 * Set-up thread. The socket stays open: a scan that has given up its rights opens no other.
 */
#ifndef IO_ALLOWANCE_H
#define IO_ALLOWANCE_H

#include <linux/ethtool.h>
#include <net/if.h>
#include <stdint.h>

#include "io/readings.h"

#define ALLOWANCES_MAX 8

struct allowance {
	int fd; /* -1: there are none */
	char ifname[IFNAMSIZ];
	struct ethtool_stats *values; /* of all counters of the device */
	uint32_t counters;
	unsigned int count;
	struct {
		char name[ETH_GSTRING_LEN + 1];
		uint32_t index; /* of values */
		uint64_t at_open;
	} counter[ALLOWANCES_MAX];
};

/* No error: whatever cannot be read does not exist. */
void allowance_open(struct allowance *, const char *ifname);
void allowance_close(struct allowance *);

/* What was counted since allowance_open(), as drops. */
void readings_add_allowance(struct readings *, struct allowance *);

#endif
