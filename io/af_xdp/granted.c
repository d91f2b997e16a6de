/* SPDX-License-Identifier: Apache-2.0 */
#include "io/af_xdp/granted.h"

#include <errno.h>
#include <net/if.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "anyscan/probe.h"
#include "io/af_xdp/port.h"

/* Less than netlink_find_link(): no address, route or link that is up is needed to look. */
static int find_link(const char *ifname, unsigned int queues, struct io_link *link, struct error *e)
{
	struct ifreq request = { 0 };
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0), rc = 0;

	if (fd < 0)
		return error_set(e, -errno, "cannot open a socket: %s", strerror(errno));
	*link = (struct io_link){ .rx_queues = queues, .tx_queues = queues };
	snprintf(link->name, sizeof(link->name), "%s", ifname);
	snprintf(request.ifr_name, sizeof(request.ifr_name), "%s", ifname);
	if (ioctl(fd, SIOCGIFMTU, &request) < 0)
		rc = error_set(e, -errno, "interface %s: %s", ifname, strerror(errno));
	close(fd);
	link->mtu = (unsigned int)request.ifr_mtu;
	link->ifindex = (int)if_nametoindex(ifname);
	return rc;
}

int xdp_granted_mode(const char *ifname, unsigned int queue, unsigned int queues,
		     struct xdp_refusals *refusals, struct error *e)
{
	struct io_link link;
	struct io_port_options o = {
		.link = &link,
		.tx_queues = queues,
		.rx_queues = queues,
		.frames = BLOCK_ITEMS,
		.frame_len = PROBE_FRAME_MAX,
		/* of which no port is ours: whatever arrives meanwhile passes */
		.match = { .ip_proto = IPPROTO_TCP, .port_first = 1, .port_last = 0 },
	};
	struct xdp_port *port;
	int rc = find_link(ifname, queue + queues, &link, e);

	if (rc < 0)
		return rc;
	rc = xdp_port_open(&o, queue, &xdp_calls_kernel, &port, e);
	if (rc < 0)
		return rc;
	rc = (int)port->mode;
	if (refusals != NULL)
		*refusals = port->refused;
	xdp_port_close(port);
	return rc;
}
