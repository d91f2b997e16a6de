/* SPDX-License-Identifier: Apache-2.0 */
/* Frames that the world is sent, read as a host would: lengths and checksums included. */
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include "io/sim/sim.h"
#include "io/wire.h"

#define TCP_SYN 0x02
#define TCP_RST 0x04
#define TCP_FIN_SYN_RST_ACK 0x17

/* A SYN or a RST, segment bytes of it: fills its ports and seq. */
static enum sim_count read_tcp(const uint8_t *ip, const uint8_t *tcp, uint32_t segment, struct sim_answer *a)
{
	uint32_t flags;

	if (segment < WIRE_TCP)
		return SIM_NOT_A_PROBE;
	flags = tcp[13] & TCP_FIN_SYN_RST_ACK;
	if ((flags != TCP_SYN && flags != TCP_RST) || (tcp[12] >> 4) * 4u < WIRE_TCP ||
	    (tcp[12] >> 4) * 4u > segment)
		return SIM_NOT_A_PROBE;
	a->local_port = wire_get16(tcp);
	a->port = wire_get16(tcp + 2);
	a->seq = wire_get32(tcp + 4);
	a->flags = 0;
	if (wire_fold(wire_sum(wire_pseudo(ip, IPPROTO_TCP, segment), tcp, segment)) != 0)
		return SIM_BAD_CHECKSUM;
	return flags == TCP_RST ? SIM_RESETS : SIM_FRAMES;
}

static enum sim_count read_echo(const uint8_t *icmp, uint32_t segment, struct sim_answer *a)
{
	if (segment < WIRE_ICMP || icmp[0] != ICMP_ECHO || icmp[1] != 0)
		return SIM_NOT_A_PROBE;
	a->local_port = 0;
	a->port = 0;
	a->seq = wire_get32(icmp + 4);
	a->flags = SIM_ECHO;
	return wire_fold(wire_sum(0, icmp, segment)) != 0 ? SIM_BAD_CHECKSUM : SIM_FRAMES;
}

enum sim_count sim_read_probe(const uint8_t *frame, uint32_t len, struct sim_answer *a)
{
	/* a tagged probe is answered as a NIC gives us the answer: untagged */
	const size_t tag = wire_tag(frame, len);
	enum sim_count kind = SIM_NOT_A_PROBE;
	const uint8_t *ip;
	uint32_t header, total;

	frame += tag;
	len -= (uint32_t)tag;
	ip = frame + WIRE_ETH;
	if (len < WIRE_ETH + WIRE_IP || wire_get16(frame + 12) != 0x0800 || ip[0] >> 4 != 4)
		return SIM_NOT_A_PROBE;
	header = (ip[0] & 15u) * 4;
	total = wire_get16(ip + 2);
	if (header < WIRE_IP || total < header || WIRE_ETH + total > len ||
	    (wire_get16(ip + 6) & 0x3fff) != 0)
		return SIM_NOT_A_PROBE;
	if (ip[9] == IPPROTO_TCP)
		kind = read_tcp(ip, ip + header, total - header, a);
	else if (ip[9] == IPPROTO_ICMP)
		kind = read_echo(ip + header, total - header, a);
	if (kind == SIM_NOT_A_PROBE)
		return kind;
	a->saddr = wire_get32(ip + 12);
	a->addr = wire_get32(ip + 16);
	a->ip_id = wire_get16(ip + 4);
	a->ip_len = (uint16_t)total;
	a->ip_tos = ip[1];
	a->ip_ttl = ip[8];
	a->flags |= (ip[6] & 0x40) != 0 ? SIM_DF : 0;
	return wire_fold(wire_sum(0, ip, header)) != 0 ? SIM_BAD_CHECKSUM : kind;
}
