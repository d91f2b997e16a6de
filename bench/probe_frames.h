/* SPDX-License-Identifier: Apache-2.0 */
/* For the benchmarks of what takes frames: blocks of composed probes in the memory of a tx queue. */
#ifndef BENCH_PROBE_FRAMES_H
#define BENCH_PROBE_FRAMES_H

#include <stdlib.h>
#include <string.h>

#include "anyscan/probe.h"

#define PROBE_BLOCKS 16
#define PROBE_FRAMES (PROBE_BLOCKS * BLOCK_ITEMS) /* what a pipeline gives a queue */

/* The length of a frame, for io_port_options.frame_len. */
static inline unsigned int probe_prepare(const struct io_link *link, struct probe_template *t)
{
	struct probe_identity id = {
		.saddr = link->addr, .sport_first = 32768, .sport_last = 61000, .ttl = 64, .key = { 1, 2 }
	};

	memcpy(id.src_mac, link->mac, sizeof(id.src_mac));
	memcpy(id.dst_mac, link->gateway_mac, sizeof(id.dst_mac));
	if (probe_modules[0]->prepare(&id, NULL, t, NULL) != 0)
		abort();
	return t->len;
}

/* SYNs to 10.0.0.0 on, one port, into the queue's first PROBE_FRAMES frames. */
static inline void probe_blocks(const struct probe_template *t, const struct io_txq *q,
				struct frame_block block[PROBE_BLOCKS])
{
	static struct target_block targets;

	for (unsigned int b = 0; b < PROBE_BLOCKS; b++) {
		for (unsigned int i = 0; i < BLOCK_ITEMS; i++) {
			targets.daddr[i] = 0x0a000000u + b * BLOCK_ITEMS + i;
			targets.dport[i] = 443;
			block[b].frame[i] = q->frames + (size_t)(b * BLOCK_ITEMS + i) * q->stride;
		}
		block[b].hdr.count = BLOCK_ITEMS;
		probe_modules[0]->compose(t, &targets, 0, BLOCK_ITEMS, block[b].frame, block[b].len);
	}
}

#endif
