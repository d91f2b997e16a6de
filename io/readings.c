/* SPDX-License-Identifier: Apache-2.0 */
#include "io/readings.h"

#include <stdio.h>

#include "io/filter_causes.h"

void readings_add(struct readings *r, const char *name, enum reading_kind kind, uint64_t value)
{
	struct reading *next = &r->reading[r->count];

	if (r->count == r->max)
		return;
	snprintf(next->name, sizeof(next->name), "%s", name);
	next->kind = kind;
	next->value = value;
	r->count++;
}

static uint64_t since(uint64_t now, uint64_t then)
{
	return now > then ? now - then : 0;
}

void readings_add_link(struct readings *r, int ifindex, const struct link_counters *then, uint64_t resent)
{
	struct link_counters now;

	if (netlink_link_counters(ifindex, &now) < 0)
		return;
	readings_add(r, "tx_packets", READING_COUNT, since(now.tx_packets, then->tx_packets));
	readings_add(r, "rx_packets", READING_COUNT, since(now.rx_packets, then->rx_packets));
	readings_add(r, "interface_tx_dropped", READING_DROP,
		     since(since(now.tx_dropped, then->tx_dropped), resent));
	readings_add(r, "interface_tx_errors", READING_DROP, since(now.tx_errors, then->tx_errors));
	readings_add(r, "interface_rx_dropped", READING_DROP, since(now.rx_dropped, then->rx_dropped));
	readings_add(r, "interface_rx_missed", READING_DROP, since(now.rx_missed, then->rx_missed));
}

void readings_add_filter(struct readings *r, const uint64_t count[])
{
	for (size_t i = 0; i < FILTER_CAUSES; i++)
		readings_add(r, filter_cause_names[i], i == FILTER_PASSED ? READING_COUNT : READING_REJECT,
			     count[i]);
}

void send_errors_add(struct send_errors *sum, const struct send_errors *errors)
{
	for (size_t c = 0; c < SEND_CAUSES; c++)
		sum->count[c] += counter_read(&errors->count[c]);
	sum->lost += counter_read(&errors->lost);
}

void readings_add_send_errors(struct readings *r, const struct send_errors *sum)
{
	readings_add(r, READING_SEND_LOST, READING_DROP, sum->lost);
	for (size_t c = 0; c < SEND_CAUSES; c++)
		readings_add(r, send_cause_names[c], READING_COUNT, sum->count[c]);
}
