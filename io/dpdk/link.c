/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who we are on a port. Where the PMD works on an interface that the kernel has too (net_af_packet, net_af_xdp, mlx5),
 * the kernel knows all of it. Else the MAC comes from the port, and the rest from what `anyscan-nic bind` has noted of a
 * PCI address, or from the command line.
 */
#include <errno.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>

#include "io/bound_nic.h"
#include "io/dpdk/device.h"
#include "io/dpdk/eal.h"
#include "io/dpdk/port.h"

#define QUEUES_MAX 256 /* more is a driver that knows no bound */

struct looking {
	uint16_t port;
	struct rte_eth_dev_info info;
	struct rte_ether_addr mac;
	uint16_t mtu;
};

static int look(void *arg)
{
	struct looking *l = arg;
	int rc = rte_eth_dev_info_get(l->port, &l->info);

	if (rc == 0)
		rc = rte_eth_macaddr_get(l->port, &l->mac);
	if (rc == 0)
		rc = rte_eth_dev_get_mtu(l->port, &l->mtu);
	return rc;
}

/* The kernel's end of a tap is the other end of our wire. */
static bool kernel_has_it(const struct rte_eth_dev_info *info, char interface[IF_NAMESIZE])
{
	return info->if_index > 0 && strcmp(info->driver_name, "net_tap") != 0 &&
	       if_indextoname(info->if_index, interface) != NULL;
}

static int look_at_link(void *arg)
{
	const struct dpdk_port *p = arg;
	struct rte_eth_link link = { .link_status = RTE_ETH_LINK_UP };

	return rte_eth_link_get_nowait(p->id, &link) < 0 || link.link_status == RTE_ETH_LINK_UP;
}

bool dpdk_link_up(struct io_port *io)
{
	return dpdk_call(look_at_link, io) != 0;
}

static unsigned int at_most(unsigned int n, unsigned int max)
{
	return n < max ? n : max;
}

int dpdk_find_link(const char *device, struct io_link *link, struct error *e)
{
	struct looking l = { .mtu = 0 };
	char name[IO_NAME_MAX], interface[IF_NAMESIZE];
	int rc;

	rc = dpdk_device_port(device, &l.port, e);
	if (rc < 0)
		return rc;
	dpdk_device_name(device, name, sizeof(name));
	rc = dpdk_call(look, &l);
	if (rc < 0)
		return error_set(e, -EIO, "%s: its driver does not tell what it is: %s", name, strerror(-rc));
	if (kernel_has_it(&l.info, interface)) {
		rc = netlink_find_link(interface, link, e);
		if (rc < 0)
			return rc;
	} else {
		*link = (struct io_link){ .onlink_mask = 0xffffffff, .mtu = l.mtu };
		rc = bound_nic_read(BOUND_NIC_DIR, name, link, e);
		if (rc < 0)
			return rc;
		if (link->mtu > l.mtu)
			link->mtu = l.mtu;
	}
	snprintf(link->name, sizeof(link->name), "%s", name);
	memcpy(link->mac, l.mac.addr_bytes, sizeof(link->mac));
	link->tx_queues = at_most(l.info.max_tx_queues, QUEUES_MAX);
	link->rx_queues = dpdk_limits_rx_queues(&l.info);
	return 0;
}
