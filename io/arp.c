/* SPDX-License-Identifier: Apache-2.0 */
#include "io/arp.h"

#include <errno.h>
#include <string.h>

#include "anyscan/clock.h"
#include "io/arp_frame.h"

struct wanted {
	uint32_t addr;
	uint8_t mac[6];
	bool found;
};

static bool take(void *arg, uint32_t addr, const uint8_t mac[6])
{
	struct wanted *w = arg;

	if (addr != w->addr)
		return false;
	memcpy(w->mac, mac, 6);
	w->found = true;
	return true;
}

int arp_ask(const struct arp_wire *wire, uint32_t addr)
{
	struct arp_frame frame;

	arp_frame_ask(&frame, wire->link->mac, wire->link->addr, addr);
	return wire->send(wire, &frame);
}

int arp_resolve(const struct arp_wire *wire, uint32_t addr, uint8_t mac[6], struct error *error)
{
	const struct in_addr shown = { htonl(addr) };
	struct wanted wanted = { .addr = addr };
	char text[INET_ADDRSTRLEN];
	int rc = 0;

	for (int i = 0; i < ARP_TRIES && !wanted.found; i++) {
		const uint64_t until = clock_mono_ns() + ARP_WAIT_NS;

		rc = arp_ask(wire, addr);
		if (rc < 0 && rc != -ENOBUFS && rc != -EAGAIN)
			break;
		rc = wire->listen(wire, until, take, &wanted);
		if (rc < 0)
			break;
	}
	if (wanted.found) {
		memcpy(mac, wanted.mac, 6);
		return 0;
	}
	if (rc == 0)
		rc = -ETIMEDOUT;
	return error_set(error, rc, "no answer to ARP for %s on %s (%s): give its MAC with --gateway-mac",
			 inet_ntop(AF_INET, &shown, text, sizeof(text)), wire->link->name, strerror(-rc));
}
