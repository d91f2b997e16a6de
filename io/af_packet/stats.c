/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kernel and NIC counted since the port was opened. Drops are what is lost outside the process: before our ring
 * (device), at it (tp_drops), or on the way out.
 */
#include <stdio.h>

#include "io/af_packet/port.h"

struct list {
	struct reading *reading;
	size_t max, count;
};

static void add(struct list *list, const char *name, enum reading_kind kind, uint64_t value)
{
	if (list->count < list->max) {
		struct reading *r = &list->reading[list->count];
		snprintf(r->name, sizeof(r->name), "%s", name);
		r->kind = kind;
		r->value = value;
	}
	list->count++;
}

static uint64_t since(uint64_t now, uint64_t then)
{
	return now > then ? now - then : 0;
}

/*
 * retried: frames that a send call gave back with ENOBUFS. Many drivers count each as tx_dropped, although we send it
 * again; only what is beyond them was lost.
 */
static void device(struct packet_port *port, struct list *list, uint64_t retried)
{
	const struct link_counters *then = &port->at_open;
	struct link_counters now;

	if (netlink_link_counters(port->link.ifindex, &now) < 0)
		return;
	add(list, "tx_packets", READING_COUNT, since(now.tx_packets, then->tx_packets));
	add(list, "rx_packets", READING_COUNT, since(now.rx_packets, then->rx_packets));
	add(list, "interface_tx_dropped", READING_DROP,
	    since(since(now.tx_dropped, then->tx_dropped), retried));
	add(list, "interface_tx_errors", READING_DROP, since(now.tx_errors, then->tx_errors));
	add(list, "interface_rx_dropped", READING_DROP, since(now.rx_dropped, then->rx_dropped));
	add(list, "interface_rx_missed", READING_DROP, since(now.rx_missed, then->rx_missed));
}

static void rings(struct packet_port *port, struct list *list)
{
	struct rx_ring_counters sum = { 0 }, one;

	for (unsigned int i = 0; i < port->rxqs; i++) {
		if (port->rxq[i] == NULL)
			continue;
		packet_rx_counters(port->rxq[i], &one);
		sum.packets += one.packets;
		sum.drops += one.drops;
		sum.freezes += one.freezes;
	}
	add(list, "kernel_ring_packets", READING_COUNT, sum.packets);
	add(list, "kernel_ring_drops", READING_DROP, sum.drops);
	add(list, "kernel_ring_freezes", READING_COUNT, sum.freezes);
}

static void filter(struct packet_port *port, struct list *list)
{
	uint64_t count[FILTER_CAUSES];

	if (packet_filter_counts(port->filter, count))
		for (size_t i = 0; i < FILTER_CAUSES; i++)
			add(list, filter_cause_names[i], i == FILTER_PASSED ? READING_COUNT : READING_REJECT,
			    count[i]);
}

size_t packet_stats(struct io_port *io, struct reading *reading, size_t max)
{
	struct packet_port *port = (struct packet_port *)io;
	struct list list = { reading, max, 0 };
	uint64_t cause[SEND_CAUSES] = { 0 }, lost = 0;

	for (unsigned int i = 0; i < port->txqs; i++) {
		if (port->txq[i] == NULL)
			continue;
		for (size_t c = 0; c < SEND_CAUSES; c++)
			cause[c] += counter_read(&port->txq[i]->errors.count[c]);
		lost += counter_read(&port->txq[i]->errors.lost);
	}
	device(port, &list, cause[SEND_NOBUFS]);
	if (port->filter != NULL) {
		rings(port, &list);
		filter(port, &list);
	}
	add(&list, READING_SEND_LOST, READING_DROP, lost);
	for (size_t c = 0; c < SEND_CAUSES; c++)
		add(&list, send_cause_names[c], READING_COUNT, cause[c]);
	return list.count < max ? list.count : max;
}
