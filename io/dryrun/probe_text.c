/* SPDX-License-Identifier: Apache-2.0 */
#include "io/dryrun/probe_text.h"

#include <netinet/in.h>
#include <stdio.h>

#include "io/wire.h"

#define RULE "------------------------------------------------------\n" /* 54 dashes */
#define MAC "%02x:%02x:%02x:%02x:%02x:%02x"
#define MAC_BYTES(m) (m)[0], (m)[1], (m)[2], (m)[3], (m)[4], (m)[5]
#define ADDR "%u.%u.%u.%u"
#define ADDR_BYTES(a) (a)[0], (a)[1], (a)[2], (a)[3]

size_t probe_text(const uint8_t *frame, size_t len, char *out)
{
	const size_t tag = wire_tag(frame, len);
	const uint8_t *ip = frame + tag + WIRE_ETH, *l4;
	size_t header, n = 0;
	char vlan[16] = "";

	if (len < WIRE_ETH)
		return (size_t)snprintf(out, PROBE_TEXT_MAX, "frame { length: %zu }\n" RULE, len);
	if (tag != 0)
		snprintf(vlan, sizeof(vlan), " | vlan: %u", wire_get16(frame + WIRE_ETH) & 0xfffu);
	len -= tag;
	if (len >= WIRE_ETH + WIRE_IP && wire_get16(frame + tag + 12) == 0x0800) {
		header = (ip[0] & 15u) * 4;
		l4 = ip + header;
		if (ip[9] == IPPROTO_TCP && header >= WIRE_IP && len >= WIRE_ETH + header + WIRE_TCP)
			n += (size_t)snprintf(out, PROBE_TEXT_MAX,
					      "tcp { source: %u | dest: %u | seq: %u | checksum: 0x%04x }\n",
					      wire_get16(l4), wire_get16(l4 + 2), wire_get32(l4 + 4),
					      wire_get16(l4 + 16));
		if (ip[9] == IPPROTO_ICMP && header >= WIRE_IP && len >= WIRE_ETH + header + WIRE_ICMP)
			n += (size_t)snprintf(
				out, PROBE_TEXT_MAX,
				"icmp { type: %u | code: %u | checksum: 0x%04x | id: %u | seq: %u }\n", l4[0],
				l4[1], wire_get16(l4 + 2), wire_get16(l4 + 4), wire_get16(l4 + 6));
		n += (size_t)snprintf(out + n, PROBE_TEXT_MAX - n,
				      "ip { saddr: " ADDR " | daddr: " ADDR " | checksum: 0x%04x }\n",
				      ADDR_BYTES(ip + 12), ADDR_BYTES(ip + 16), wire_get16(ip + 10));
	}
	n += (size_t)snprintf(out + n, PROBE_TEXT_MAX - n, "eth { shost: " MAC " | dhost: " MAC "%s }\n" RULE,
			      MAC_BYTES(frame + 6), MAC_BYTES(frame), vlan);
	return n;
}
