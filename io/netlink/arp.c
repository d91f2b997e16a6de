/* SPDX-License-Identifier: Apache-2.0 */
#include "io/netlink/arp.h"
#include "anyscan/clock.h"
#include "io/arp_frame.h"

#include <errno.h>
#include <linux/if_packet.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

int arp_open(const struct io_link *link, struct error *error)
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
	return fd;
}

int arp_ask(int fd, const struct io_link *link, uint32_t addr)
{
	struct arp_frame frame;

	arp_frame_ask(&frame, link->mac, link->addr, addr);
	return send(fd, &frame, sizeof(frame), MSG_DONTWAIT) < 0 ? -errno : 0;
}

int arp_answer(int fd, uint64_t until_ns, uint32_t *addr, uint8_t mac[6])
{
	for (;;) {
		struct pollfd wait = { .fd = fd, .events = POLLIN };
		struct arp_frame frame;
		struct timespec left;
		uint64_t now;
		ssize_t len = recv(fd, &frame, sizeof(frame), MSG_DONTWAIT);

		if (len >= 0) {
			if (!arp_frame_is(&frame, (size_t)len, ARPOP_REPLY))
				continue;
			memcpy(addr, frame.sender_addr, 4);
			*addr = ntohl(*addr);
			memcpy(mac, frame.sender_mac, 6);
			return 1;
		}
		if (errno == EINTR)
			continue;
		if (errno != EAGAIN)
			return -errno;
		now = clock_mono_ns();
		if (now >= until_ns)
			return 0;
		left.tv_sec = (time_t)((until_ns - now) / 1000000000ULL);
		left.tv_nsec = (long)((until_ns - now) % 1000000000ULL);
		if (ppoll(&wait, 1, &left, NULL) < 0 && errno != EINTR)
			return -errno;
	}
}

int arp_resolve(const struct io_link *link, uint32_t addr, uint8_t mac[6], struct error *error)
{
	const struct in_addr shown = { htonl(addr) };
	char text[INET_ADDRSTRLEN];
	uint8_t answer[6];
	uint32_t who = 0;
	int fd = arp_open(link, error);
	int rc = 0;

	if (fd < 0)
		return fd;
	for (int i = 0; i < ARP_TRIES; i++) {
		const uint64_t until = clock_mono_ns() + ARP_WAIT_NS;

		rc = arp_ask(fd, link, addr);
		if (rc < 0 && rc != -ENOBUFS && rc != -EAGAIN)
			break;
		while ((rc = arp_answer(fd, until, &who, answer)) > 0)
			if (who == addr) {
				memcpy(mac, answer, 6);
				close(fd);
				return 0;
			}
		if (rc < 0)
			break;
	}
	close(fd);
	if (rc == 0)
		rc = -ETIMEDOUT;
	return error_set(error, rc, "no answer to ARP for %s on %s (%s): give its MAC with --gateway-mac",
			 inet_ntop(AF_INET, &shown, text, sizeof(text)), link->name, strerror(-rc));
}
