/* SPDX-License-Identifier: Apache-2.0 */
/* The source port of each probe: a keyed function of the target, so that a reply tells which ports it may come to. */
#ifndef PROBES_SOURCE_PORTS_H
#define PROBES_SOURCE_PORTS_H

#include "anyscan/probe.h"

/*
 * first + (hash + probe) mod range, without the division: hash < range by multiply-shift, probe < range. In 16 bits
 * throughout, eight ports to the shortest vector; a range of all 65536 is 0 there, and needs neither product nor turn.
 */
static inline __attribute__((always_inline)) void source_ports(const struct probe_template *t,
							       const uint32_t *daddr, const uint16_t *dport,
							       uint32_t probe, uint16_t *sport,
							       unsigned int n)
{
	const uint32_t a = t->port_hash[0], b = t->port_hash[1];
	const uint32_t first = t->id.sport_first, ports = (uint32_t)t->id.sport_last - first + 1;

	while (probe >= ports) /* more probes than ports: start again */
		probe -= ports;
	const uint16_t range = (uint16_t)ports, turn = (uint16_t)(ports - probe);
	const uint16_t start = (uint16_t)(first + probe);
	for (unsigned int i = 0; i < n; i++) {
		const uint16_t hash = (uint16_t)((daddr[i] * a + dport[i] * b) >> 16);
		const uint16_t port = range != 0 ? (uint16_t)((uint32_t)hash * range >> 16) : hash;

		sport[i] = (uint16_t)(start + port - (port >= turn ? range : 0));
	}
}

#endif
