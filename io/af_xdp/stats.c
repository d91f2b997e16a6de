/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What kernel, program and NIC counted since the port was opened. A frame that dies at the peer's full ring completes
 * like one that left: only the interface's own counters know of it.
 */
#include "io/af_xdp/port.h"
#include "io/readings.h"

/*
 * rx_dropped counts a frame that found no free frame of ours, or was longer than one; fill_ring_empty the same again
 * for the first cause, and in zero-copy mode looks of the driver.
 */
static void add_sockets(const struct xdp_port *port, struct readings *out, uint64_t *invalid)
{
	struct xdp_statistics sum = { 0 }, one;

	for (unsigned int i = 0; i < port->queues; i++) {
		if (port->queue[i].fd < 0 ||
		    port->calls->get(port->queue[i].fd, XDP_STATISTICS, &one, sizeof(one)) < 0)
			continue;
		sum.rx_dropped += one.rx_dropped;
		sum.rx_ring_full += one.rx_ring_full;
		sum.rx_fill_ring_empty_descs += one.rx_fill_ring_empty_descs;
		sum.rx_invalid_descs += one.rx_invalid_descs;
		sum.tx_invalid_descs += one.tx_invalid_descs;
	}
	readings_add(out, "xdp_rx_dropped", READING_DROP, sum.rx_dropped);
	readings_add(out, "xdp_rx_ring_full", READING_DROP, sum.rx_ring_full);
	readings_add(out, "xdp_rx_fill_ring_empty", READING_COUNT, sum.rx_fill_ring_empty_descs);
	readings_add(out, "xdp_rx_invalid", READING_COUNT, sum.rx_invalid_descs);
	readings_add(out, "xdp_tx_invalid", READING_COUNT, sum.tx_invalid_descs);
	*invalid = sum.tx_invalid_descs;
}

size_t xdp_stats(struct io_port *io, struct reading *reading, size_t max)
{
	struct xdp_port *port = (struct xdp_port *)io;
	struct readings out = { reading, max, 0 };
	struct send_errors sent = { 0 };
	uint64_t count[FILTER_SLOTS], invalid;

	for (unsigned int i = 0; i < port->txqs; i++)
		send_errors_add(&sent, &port->queue[i].tx.errors);
	/* what the device dropped in our sendto() is in both, and counted here as not sent */
	readings_add_link(&out, port->link.ifindex, &port->at_open, sent.lost);
	readings_add_allowance(&out, &port->allowance);
	add_sockets(port, &out, &invalid);
	sent.lost += invalid;
	if (port->program != NULL) {
		xdp_program_counts(port->program, count);
		readings_add_filter(&out, count);
		readings_add(&out, "xdp_reply_without_socket", READING_DROP, count[REDIRECT_NO_SOCKET]);
	}
	readings_add_send_errors(&out, &sent);
	return out.count;
}
