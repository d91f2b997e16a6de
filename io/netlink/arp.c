/* SPDX-License-Identifier: Apache-2.0 */
#include "io/netlink/arp.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "anyscan/clock.h"
#include "io/arp_frame.h"

static int send_frame(const struct arp_wire *wire, const struct arp_frame *frame)
{
	return send(wire->fd, frame, sizeof(*frame), MSG_DONTWAIT) < 0 ? -errno : 0;
}

/* 1: there may be something to read; 0: the time is over; or negative errno. */
static int await(int fd, uint64_t until_ns)
{
	const uint64_t now = clock_mono_ns();
	struct pollfd wait = { .fd = fd, .events = POLLIN };
	struct timespec left;

	if (now >= until_ns)
		return 0;
	left.tv_sec = (time_t)((until_ns - now) / NS_PER_S);
	left.tv_nsec = (long)((until_ns - now) % NS_PER_S);
	return ppoll(&wait, 1, &left, NULL) < 0 && errno != EINTR ? -errno : 1;
}

static int listen_until(const struct arp_wire *wire, uint64_t until_ns, arp_taker *take, void *arg)
{
	int rc;

	do {
		struct arp_frame frame;
		ssize_t len;

		while ((len = recv(wire->fd, &frame, sizeof(frame), MSG_DONTWAIT)) >= 0) {
			uint32_t addr;

			if (!arp_frame_is(&frame, (size_t)len, ARPOP_REPLY))
				continue;
			memcpy(&addr, frame.sender_addr, 4);
			if (take(arg, ntohl(addr), frame.sender_mac))
				return 0;
		}
		if (errno != EAGAIN && errno != EINTR)
			return -errno;
		rc = await(wire->fd, until_ns);
	} while (rc > 0);
	return rc;
}

int arp_socket_open(const struct io_link *link, struct arp_wire *wire, struct error *error)
{
	struct sockaddr_ll address = {
		.sll_family = AF_PACKET,
		.sll_protocol = htons(ETH_P_ARP),
		.sll_ifindex = link->ifindex,
	};
	/* Protocol 0 receives nothing until bind() names link and protocol together. */
	int fd = socket(AF_PACKET, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	int rc;

	if (fd < 0) {
		rc = -errno;
		return error_set(
			error, rc, "cannot open a socket for ARP on %s: %s%s", link->name, strerror(-rc),
			rc == -EPERM ? "; it needs CAP_NET_RAW: run as root, or give --gateway-mac" : "");
	}
	if (bind(fd, (struct sockaddr *)&address, sizeof(address)) < 0) {
		rc = -errno;
		close(fd);
		return error_set(error, rc, "cannot use %s for ARP: %s", link->name, strerror(-rc));
	}
	*wire = (struct arp_wire){ .link = link, .send = send_frame, .listen = listen_until, .fd = fd };
	return 0;
}

void arp_socket_close(const struct arp_wire *wire)
{
	close(wire->fd);
}
