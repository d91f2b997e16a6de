/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the world makes of the frames that it is sent. A frame is taken when
 * there is room for its answer, and only then counted and marked, so that one
 * that is submitted again counts once.
 */
#include <netinet/in.h>
#include <netinet/ip_icmp.h>

#include "anyscan/clock.h"
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
	if (wire_fold(wire_sum(wire_pseudo(ip, IPPROTO_TCP, segment), tcp, segment)) != 0)
		return SIM_BAD_CHECKSUM;
	a->local_port = wire_get16(tcp);
	a->port = wire_get16(tcp + 2);
	a->seq = wire_get32(tcp + 4);
	a->flags = 0;
	return flags == TCP_RST ? SIM_RESETS : SIM_FRAMES;
}

static enum sim_count read_echo(const uint8_t *icmp, uint32_t segment, struct sim_answer *a)
{
	if (segment < WIRE_ICMP || icmp[0] != ICMP_ECHO || icmp[1] != 0)
		return SIM_NOT_A_PROBE;
	if (wire_fold(wire_sum(0, icmp, segment)) != 0)
		return SIM_BAD_CHECKSUM;
	a->local_port = 0;
	a->port = 0;
	a->seq = wire_get32(icmp + 4);
	a->flags = SIM_ECHO;
	return SIM_FRAMES;
}

/* Checks the frame as a host would, checksums included; fills what it tells of *a. SIM_FRAMES: a probe; SIM_RESETS: what closes one. */
static enum sim_count read_probe(const uint8_t *frame, uint32_t len, struct sim_answer *a)
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
	if (kind != SIM_NOT_A_PROBE && wire_fold(wire_sum(0, ip, header)) != 0)
		return SIM_BAD_CHECKSUM;
	if (kind != SIM_FRAMES)
		return kind;
	a->saddr = wire_get32(ip + 12);
	a->addr = wire_get32(ip + 16);
	a->ip_id = wire_get16(ip + 4);
	a->ip_len = (uint16_t)total;
	a->ip_tos = ip[1];
	a->ip_ttl = ip[8];
	a->flags |= (ip[6] & 0x40) != 0 ? SIM_DF : 0;
	return SIM_FRAMES;
}

/* Free places. Only this thread fills the ring, so there are never fewer until it enqueues. */
static unsigned int lane_room(const struct sim_lane *lane)
{
	return lane->slot != NULL ? ck_ring_capacity(&lane->ring) - 1 - ck_ring_size(&lane->ring) : 0;
}

unsigned int sim_submit(struct io_txq *txq, uint8_t *const frame[], const uint16_t len[], unsigned int n)
{
	struct sim_txq *q = (struct sim_txq *)txq;
	const struct world world = q->port->world; /* a copy that no store can alias */
	const bool heard = q->port->options.rx_queues > 0;
	const uint64_t due = clock_mono_ns() + world.rtt_ns;
	unsigned int room[2] = { lane_room(q->prompt), lane_room(q->late) };
	uint64_t count[SIM_COUNTS] = { 0 };
	unsigned int i;

	n = departed_room(&q->departed, n);
	for (i = 0; i < n; i++) {
		struct sim_answer a;
		unsigned int path = 0, late;
		bool answers;
		const enum sim_count kind = read_probe(frame[i], len[i], &a);

		if (kind != SIM_FRAMES) {
			count[kind]++;
			continue;
		}
		a.fate = (uint8_t)(a.flags & SIM_ECHO ? world_echo_fate(&world, a.addr) :
							world_fate(&world, a.addr, a.port));
		if (a.fate != WORLD_SILENT)
			path = world_path(&world, a.addr, a.port, a.local_port, a.seq);
		answers = a.fate != WORLD_SILENT && !(path & WORLD_LOST);
		late = answers && (path & WORLD_LATE);
		if (answers && heard && room[late] == 0)
			break;

		count[SIM_FRAMES]++;
		count[SIM_SILENT + a.fate]++;
		count[SIM_LOST] += (path & WORLD_LOST) != 0;
		if (q->port->seen != NULL)
			count[seen_mark(q->port->seen, a.addr, a.port) ? SIM_TARGETS : SIM_REPEATS]++;
		if (!answers)
			continue;
		count[SIM_LATE] += late;
		count[SIM_DUPLICATED] += (path & WORLD_DUPLICATED) != 0;
		if (!heard)
			continue;
		a.flags |= path & WORLD_DUPLICATED ? SIM_TWICE : 0;
		a.due_ns = due + (late ? world.late_ns : 0);
		room[late]--;
		struct sim_lane *lane = late ? q->late : q->prompt;
		ck_ring_enqueue_spsc_sim_answer(&lane->ring, lane->slot, &a);
	}
	for (unsigned int c = 0; c < SIM_COUNTS; c++)
		counter_add(&q->count[c], count[c]);
	departed_push(&q->departed, frame, i);
	return i;
}
