/* SPDX-License-Identifier: Apache-2.0 */
/* history 16 */
/*
 * Whatever comes from the wire: parse, accept, options (`make fuzz`). The
 * first byte of an input says how to look at the rest: 1 with addresses and
 * cookies that fit, 2 as TCP options, 4 by the probe module of ICMP echo.
 */
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/probe.h"
#include "stages/rx/parse.h"

#define LOCAL 0xc0000201 /* 192.0.2.1 */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* one for each module, in the order of probe_modules[] */
static const struct io_match match[] = { {
						 .key = { 1, 2 },
						 .local_addr = LOCAL,
						 .port_first = 32768,
						 .port_last = 61000,
						 .ip_proto = IPPROTO_TCP,
					 },
					 {
						 .key = { 1, 2 },
						 .local_addr = LOCAL,
						 .ip_proto = IPPROTO_ICMP,
					 } };

static void put32(uint8_t *p, uint32_t v)
{
	for (int i = 0; i < 4; i++)
		p[i] = (uint8_t)(v >> (24 - 8 * i));
}

static void make_echo_valid(uint8_t *icmp, const struct packet *p)
{
	icmp[0] = p->quoted ? ICMP_ECHO : ICMP_ECHOREPLY;
	put32(icmp + 4, cookie(&match[1].key, LOCAL, p->quoted ? p->quoted_daddr : p->saddr, 0, 0));
}

static void make_tcp_valid(uint8_t *tcp, const struct packet *p)
{
	const struct cookie_key *key = &match[0].key;

	if (p->quoted) {
		tcp[0] = 0x90;
		put32(tcp + 4, cookie(key, LOCAL, p->quoted_daddr, (uint16_t)(tcp[2] << 8 | tcp[3]),
				      (uint16_t)(tcp[0] << 8 | tcp[1])));
	} else {
		tcp[2] = 0x90;
		tcp[13] = 0x12;
		put32(tcp + 8, 1 + cookie(key, LOCAL, p->saddr, (uint16_t)(tcp[0] << 8 | tcp[1]),
					  (uint16_t)(tcp[2] << 8 | tcp[3])));
	}
}

/* Guessing addresses and cookies is hopeless: gives a plain or quoted header the right ones. */
static void make_valid(uint8_t *frame, size_t size, bool echo)
{
	struct frame_view view = { .data = frame, .len = (uint32_t)size };
	struct packet p;

	if (size < 34)
		return;
	put32(frame + 30, LOCAL);
	if (parse_frame(&view, &p) != REJECT_NONE || p.l4_len < (p.quoted || echo ? 8 : 20))
		return;
	if (echo)
		make_echo_valid(frame + (p.l4 - frame), &p);
	else
		make_tcp_valid(frame + (p.l4 - frame), &p);
}

static void look(const uint8_t *frame, size_t size, bool echo)
{
	const struct frame_view view = { .data = frame, .len = (uint32_t)size, .time_ns = 1 };
	const struct io_match *m = &match[echo];
	struct packet p;
	struct reply r;

	if (parse_frame(&view, &p) != REJECT_NONE)
		return;
	if (p.l4 < frame || p.l4 + p.l4_len > frame + size)
		abort();
	if (probe_modules[echo]->accept(m, &p, &r) != REJECT_NONE)
		return;
	if (r.class >= REPLY_CLASSES || r.daddr != LOCAL || r.dport < m->port_first ||
	    r.dport > m->port_last || r.echo != echo)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct reply r = { 0 };
	uint8_t *frame;

	if (size < 1)
		return 0;
	frame = malloc(size - 1 + (size == 1)); /* of its own, so that a read past the end is seen */
	memcpy(frame, data + 1, size - 1);
	if (data[0] & 1)
		make_valid(frame, size - 1, data[0] & 4);
	if (data[0] & 2)
		parse_tcp(frame, (uint32_t)(size - 1), &r);
	else
		look(frame, size - 1, data[0] & 4);
	free(frame);
	return 0;
}
