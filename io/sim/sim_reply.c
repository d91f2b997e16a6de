/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The frames that the world sends, with right checksums and Ethernet padding,
 * as a NIC would hand them over. What varies is drawn from world_pair(), so
 * the same world always sends the same bytes.
 */
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include "io/sim/sim.h"
#include "io/wire.h"

#define TCP_RST_ACK 0x14
#define TCP_SYN_ACK 0x12
#define QUOTE (WIRE_IP + 8) /* RFC 792: the header and 8 bytes */
#define GARBAGE_SALT 0x6761726261676521ULL

struct endpoint {
	uint32_t addr;
	uint16_t port;
};

/* A number below n from 32 random bits, without a division. */
static uint32_t below(uint64_t random, uint32_t n)
{
	return (uint32_t)((random & 0xffffffff) * n >> 32);
}

static uint64_t reply_draw(const struct world *w, uint32_t addr, uint16_t port)
{
	return world_mix(world_pair(w, addr, port) ^ GARBAGE_SALT);
}

bool sim_sends_garbage(const struct world *w, uint32_t addr, uint16_t port)
{
	return (reply_draw(w, addr, port) & 3) == 0;
}

/* An IPv4 header without options; the checksum comes last. */
static void put_ip(uint8_t *ip, uint8_t tos, uint16_t len, uint16_t id, uint16_t fragment, uint8_t ttl,
		   uint8_t protocol, uint32_t from, uint32_t to)
{
	ip[0] = 0x45;
	ip[1] = tos;
	wire_put16(ip + 2, len);
	wire_put16(ip + 4, id);
	wire_put16(ip + 6, fragment);
	ip[8] = ttl;
	ip[9] = protocol;
	wire_put16(ip + 10, 0);
	wire_put32(ip + 12, from);
	wire_put32(ip + 16, to);
	wire_put_sum(ip + 10, wire_sum(0, ip, WIRE_IP));
}

/* Ethernet and IP around `payload` bytes that are in place; pads. Returns the bytes of the frame. */
static uint32_t put_envelope(const struct world *w, const struct io_link *link, const struct sim_answer *a,
			     uint32_t from, uint8_t protocol, uint32_t payload, uint8_t *frame)
{
	const uint32_t len = WIRE_ETH + WIRE_IP + payload;

	memcpy(frame, link->mac, 6);
	memcpy(frame + 6, link->gateway_mac, 6);
	wire_put16(frame + 12, 0x0800);
	put_ip(frame + WIRE_ETH, 0, (uint16_t)(WIRE_IP + payload),
	       (uint16_t)(world_pair(w, a->addr, a->port) >> 48), 0, WORLD_TTL, protocol, from, a->saddr);
	if (len >= WIRE_FRAME_MIN)
		return len;
	memset(frame + len, 0, WIRE_FRAME_MIN - len);
	return WIRE_FRAME_MIN;
}

static uint32_t put_tcp(const struct world *w, const struct io_link *link, const struct sim_answer *a,
			struct endpoint from, uint8_t flags, uint32_t ack, uint8_t *frame)
{
	uint8_t *tcp = frame + WIRE_ETH + WIRE_IP;
	const bool open = flags == TCP_SYN_ACK;
	const uint32_t len = open ? WIRE_TCP + 4 : WIRE_TCP;
	uint32_t frame_len;

	wire_put16(tcp, from.port);
	wire_put16(tcp + 2, a->local_port);
	wire_put32(tcp + 4, open ? world_isn(w, a->addr, a->port) : 0);
	wire_put32(tcp + 8, ack);
	tcp[12] = (uint8_t)(len / 4 << 4);
	tcp[13] = flags;
	wire_put16(tcp + 14, open ? WORLD_WINDOW : 0);
	wire_put32(tcp + 16, 0); /* checksum, urgent pointer */
	if (open) {
		tcp[20] = 2; /* MSS, RFC 9293 3.7.1 */
		tcp[21] = 4;
		wire_put16(tcp + 22, WORLD_MSS);
	}
	frame_len = put_envelope(w, link, a, from.addr, IPPROTO_TCP, len, frame);
	wire_put_sum(tcp + 16, wire_sum(wire_pseudo(frame + WIRE_ETH, IPPROTO_TCP, len), tcp, len));
	return frame_len;
}

/* len bytes from the ICMP header on. What data the request had is not kept: zeros, as the scanner's are. */
static void put_echo(uint8_t *icmp, uint8_t type, uint32_t seq, uint32_t len)
{
	memset(icmp, 0, len);
	icmp[0] = type;
	wire_put32(icmp + 4, seq);
	wire_put_sum(icmp + 2, wire_sum(0, icmp, len));
}

static uint32_t put_echo_reply(const struct world *w, const struct io_link *link, const struct sim_answer *a,
			       uint32_t from, uint32_t seq, uint8_t *frame)
{
	const uint32_t asked = a->ip_len - WIRE_IP, room = SIM_REPLY_MAX - WIRE_ETH - WIRE_IP;
	const uint32_t len = asked < room ? asked : room;

	put_echo(frame + WIRE_ETH + WIRE_IP, ICMP_ECHOREPLY, seq, len);
	return put_envelope(w, link, a, from, IPPROTO_ICMP, len, frame);
}

static uint32_t put_unreachable(const struct world *w, const struct io_link *link, const struct sim_answer *a,
				uint32_t quoted_seq, uint8_t *frame)
{
	uint8_t *icmp = frame + WIRE_ETH + WIRE_IP, *quote = icmp + WIRE_ICMP;

	icmp[0] = ICMP_DEST_UNREACH;
	icmp[1] = world_icmp_code(w, a->addr, a->port);
	memset(icmp + 2, 0, 6);
	put_ip(quote, a->ip_tos, a->ip_len, a->ip_id, a->flags & SIM_DF ? 0x4000 : 0, a->ip_ttl,
	       a->flags & SIM_ECHO ? IPPROTO_ICMP : IPPROTO_TCP, a->saddr, a->addr);
	if (a->flags & SIM_ECHO) {
		put_echo(quote + WIRE_IP, ICMP_ECHO, quoted_seq, WIRE_ICMP);
	} else {
		wire_put16(quote + WIRE_IP, a->local_port);
		wire_put16(quote + WIRE_IP + 2, a->port);
		wire_put32(quote + WIRE_IP + 4, quoted_seq);
	}
	wire_put_sum(icmp + 2, wire_sum(0, icmp, WIRE_ICMP + QUOTE));
	return put_envelope(w, link, a, world_router(a->addr), IPPROTO_ICMP, WIRE_ICMP + QUOTE, frame);
}

static uint32_t put_echo_forgery(const struct world *w, const struct io_link *link,
				 const struct sim_answer *a, uint8_t *frame)
{
	const uint32_t wrong = (uint32_t)(reply_draw(w, a->addr, a->port) >> 32) |
			       0x100; /* never as near as another probe */

	switch (world_forgery(w, a->addr, a->port)) {
	case WORLD_FORGED_SYNACK:
		return put_echo_reply(w, link, a, a->addr, a->seq ^ wrong, frame);
	case WORLD_FORGED_RST:
		return put_echo_reply(w, link, a, a->addr, a->seq ^ (uint16_t)wrong, frame);
	case WORLD_FORGED_PORT:
		return put_echo_reply(w, link, a, a->addr ^ 1, a->seq, frame);
	default:
		return put_unreachable(w, link, a, a->seq ^ wrong, frame);
	}
}

static uint32_t put_forgery(const struct world *w, const struct io_link *link, const struct sim_answer *a,
			    uint8_t *frame)
{
	const uint32_t wrong = (uint32_t)(reply_draw(w, a->addr, a->port) >> 32) | 1; /* never 0 */
	const struct endpoint asked = { a->addr, a->port };
	const struct endpoint never_asked = { a->addr, (uint16_t)(a->port ^ wrong) };

	if (a->flags & SIM_ECHO)
		return put_echo_forgery(w, link, a, frame);
	switch (world_forgery(w, a->addr, a->port)) {
	case WORLD_FORGED_SYNACK:
		return put_tcp(w, link, a, asked, TCP_SYN_ACK, (a->seq + 1) ^ wrong, frame);
	case WORLD_FORGED_RST:
		return put_tcp(w, link, a, asked, TCP_RST_ACK, (a->seq + 1) ^ wrong, frame);
	case WORLD_FORGED_PORT:
		return put_tcp(w, link, a, never_asked, TCP_SYN_ACK, a->seq + 1, frame);
	default:
		return put_unreachable(w, link, a, a->seq ^ wrong, frame);
	}
}

/* Rubbish that a parser must survive: a truncated reply, lying lengths, or noise below a plausible header. */
static uint32_t put_garbage(const struct world *w, const struct io_link *link, const struct sim_answer *a,
			    uint8_t *frame)
{
	uint64_t draw = reply_draw(w, a->addr, a->port);
	const unsigned int kind = draw >> 2 & 3;
	const uint32_t len = put_forgery(w, link, a, frame);
	uint8_t *ip = frame + WIRE_ETH;

	draw = world_mix(draw);
	if (kind == 0) /* cut before the end of the IP packet, not just in the padding */
		return 1 + below(draw, WIRE_ETH + wire_get16(ip + 2) - 1u);
	if (kind == 1) {
		ip[0] = (uint8_t)draw; /* version and header length */
		wire_put16(ip + 2, (uint16_t)(draw >> 8)); /* total length */
		ip[WIRE_IP + 12] = (uint8_t)(draw >> 24); /* data offset */
		return len;
	}
	for (uint32_t i = kind == 2 ? 0 : WIRE_ETH + 1; i < SIM_REPLY_MAX; i++) {
		draw = world_mix(draw + i);
		frame[i] = (uint8_t)draw;
	}
	return 1 + below(draw >> 16, SIM_REPLY_MAX);
}

uint32_t sim_reply(const struct world *w, const struct io_link *link, const struct sim_answer *a,
		   uint8_t *frame)
{
	const struct endpoint target = { a->addr, a->port };

	if (a->flags & SIM_GARBAGE)
		return put_garbage(w, link, a, frame);
	switch (a->fate) {
	case WORLD_OPEN:
		if (a->flags & SIM_ECHO)
			return put_echo_reply(w, link, a, a->addr, a->seq, frame);
		return put_tcp(w, link, a, target, TCP_SYN_ACK, a->seq + 1, frame);
	case WORLD_CLOSED:
		return put_tcp(w, link, a, target, TCP_RST_ACK, a->seq + 1, frame);
	case WORLD_UNREACH:
		return put_unreachable(w, link, a, a->seq, frame);
	default:
		return put_forgery(w, link, a, frame);
	}
}
