/* SPDX-License-Identifier: Apache-2.0 */
/* For the benchmarks of what comes after rx: SYN-ACKs of the targets of a domain in an order without pattern. */
#ifndef BENCH_REPLY_FEED_H
#define BENCH_REPLY_FEED_H

#include <stdlib.h>

#include "anyscan/block.h"
#include "bench/internet.h"
#include "stages/gen/walk.h"

#define FEED_BLOCKS 8192 /* a million replies, 64 MiB: none is in cache when it is used */
#define FEED_REPLIES (FEED_BLOCKS * BLOCK_ITEMS)
#define FEED_TIME_NS 1700000000000000000ULL

/* The first FEED_REPLIES targets of the walk answer, each once; replies are 2 us apart. */
static inline struct reply *feed_replies(const struct domain *d)
{
	struct reply *reply = aligned_alloc(CACHE_LINE, FEED_REPLIES * sizeof(*reply));
	uint64_t index[BLOCK_ITEMS];
	uint32_t addr[BLOCK_ITEMS];
	uint16_t port[BLOCK_ITEMS];
	struct walk_cursor c;
	struct walk w;

	if (reply == NULL)
		abort();
	walk_init(&w, domain_size(d), 1);
	walk_seek(&w, 0, &c);
	for (size_t have = 0; have < FEED_REPLIES;) {
		const unsigned int n = walk_next(&w, &c, BLOCK_ITEMS, index);

		domain_lookup(d, index, addr, port, n);
		for (unsigned int i = 0; i < n && have < FEED_REPLIES; i++, have++)
			reply[have] = (struct reply){ .time_ns = FEED_TIME_NS + have * 2000,
						      .saddr = addr[i],
						      .daddr = 0xc0000201u,
						      .responder = addr[i],
						      .seqnum = addr[i] * 2654435761u,
						      .acknum = addr[i] * 2246822519u,
						      .sport = port[i],
						      .dport = (uint16_t)(32768 + addr[i] % 28233),
						      .ipid = (uint16_t)addr[i],
						      .window = 64240,
						      .mss = 1460,
						      .ttl = 57,
						      .class = REPLY_SYNACK,
						      .options = REPLY_OPT_MSS,
						      .tcp_flags = 0x12 };
	}
	return reply;
}

#endif
