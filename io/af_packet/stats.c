/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kernel and NIC counted since the port was opened. Drops are what is lost outside the process: before our ring
 * (device), at it (tp_drops), or on the way out.
 */
#include "io/af_packet/port.h"
#include "io/readings.h"

static void add_rings(struct packet_port *port, struct readings *out)
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
	readings_add(out, "kernel_ring_packets", READING_COUNT, sum.packets);
	readings_add(out, "kernel_ring_drops", READING_DROP, sum.drops);
	readings_add(out, "kernel_ring_freezes", READING_COUNT, sum.freezes);
}

size_t packet_stats(struct io_port *io, struct reading *reading, size_t max)
{
	struct packet_port *port = (struct packet_port *)io;
	struct readings out = { reading, max, 0 };
	struct send_errors sent = { 0 };
	uint64_t filtered[FILTER_SLOTS];

	for (unsigned int i = 0; i < port->txqs; i++)
		if (port->txq[i] != NULL)
			send_errors_add(&sent, &port->txq[i]->errors);
	readings_add_link(&out, port->link.ifindex, &port->at_open, sent.count[SEND_NOBUFS]);
	readings_add_allowance(&out, &port->allowance);
	if (port->filter != NULL) {
		add_rings(port, &out);
		if (packet_filter_counts(port->filter, filtered))
			readings_add_filter(&out, filtered);
	}
	readings_add_send_errors(&out, &sent);
	return out.count;
}
