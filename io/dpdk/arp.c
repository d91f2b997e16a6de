/* SPDX-License-Identifier: Apache-2.0 */
#include "io/dpdk/arp.h"

#include "io/arp_frame.h"

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
