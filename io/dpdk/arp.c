/* SPDX-License-Identifier: Apache-2.0 */
#include "io/dpdk/arp.h"

#include <errno.h>
#include <time.h>

#include "anyscan/clock.h"
#include "io/arp_frame.h"

#define PAUSE_NS 50000 /* between looks at empty queues */

/* Takes the replies out of what was received; what is asked of us meanwhile is answered on the way. */
static bool hear(struct dpdk_rx *q, arp_taker *take, void *arg, bool *enough)
{
	struct frame_view view[DPDK_VIEWS];
	const unsigned int n = dpdk_rx_receive(&q->io, view, DPDK_VIEWS);
	struct arp_frame frame;
	uint32_t addr;

	for (unsigned int i = 0; i < n && !*enough; i++) {
		if (view[i].len < sizeof(frame))
			continue;
		memcpy(&frame, view[i].data, sizeof(frame));
		if (!arp_frame_is(&frame, sizeof(frame), ARPOP_REPLY))
			continue;
		memcpy(&addr, frame.sender_addr, 4);
		*enough = take(arg, ntohl(addr), frame.sender_mac);
	}
	dpdk_rx_release(&q->io);
	return n > 0;
}

/* A NIC gives what is no IP to a queue of its choice. */
static int listen_until(const struct arp_wire *wire, uint64_t until_ns, arp_taker *take, void *arg)
{
	struct dpdk_port *port = (struct dpdk_port *)wire->port;
	bool enough = false, busy;

	do {
		busy = false;
		for (unsigned int i = 0; i < port->limits.rx_queues && !enough; i++)
			busy |= hear(&port->rx[i], take, arg, &enough);
		if (!busy)
			nanosleep(&(struct timespec){ .tv_nsec = PAUSE_NS }, NULL);
	} while (!enough && clock_mono_ns() < until_ns);
	return 0;
}

static int send_frame(const struct arp_wire *wire, const struct arp_frame *frame)
{
	struct dpdk_port *port = (struct dpdk_port *)wire->port;

	return dpdk_tx_own(&port->tx[0], frame, sizeof(*frame)) ? 0 : -EAGAIN;
}

void dpdk_arp_wire(struct io_port *io, struct arp_wire *wire)
{
	*wire = (struct arp_wire){
		.link = io->link, .send = send_frame, .listen = listen_until, .fd = -1, .port = io
	};
}

static void look(const struct dpdk_port *port, const struct rte_mbuf *mbuf)
{
	const uint32_t own = htonl(port->link.addr);
	struct arp_frame frame;

	if (rte_pktmbuf_data_len(mbuf) < sizeof(frame))
		return;
	memcpy(&frame, rte_pktmbuf_mtod(mbuf, const void *), sizeof(frame));
	if (!arp_frame_is(&frame, sizeof(frame), ARPOP_REQUEST) || memcmp(frame.target_addr, &own, 4) != 0)
		return;
	arp_frame_answer(&frame, port->link.mac);
	dpdk_tx_own(&port->tx[0], &frame, sizeof(frame));
}

void dpdk_arp_answer(const struct dpdk_rx *q, struct rte_mbuf *const mbuf[], unsigned int n)
{
	const struct dpdk_port *port = (const struct dpdk_port *)q->io.port;

	for (unsigned int i = 0; i < n; i++)
		if (rte_pktmbuf_mtod(mbuf[i], const struct rte_ether_hdr *)->ether_type ==
		    RTE_BE16(RTE_ETHER_TYPE_ARP))
			look(port, mbuf[i]);
}
