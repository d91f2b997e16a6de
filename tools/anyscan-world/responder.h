/* SPDX-License-Identifier: Apache-2.0 OR BSD-2-Clause OR GPL-2.0-only */
/*
 * What responder.bpf.c and the program that loads it share: the counters. Each
 * is written by one CPU's copy, so the sums are exact once traffic has ended.
 *
 * frames = bad_checksum + open + closed + unreach + forged + silent; of these
 * fates, the answers sent are open + closed + unreach + forged - lost + duplicated.
 */
#ifndef ANYSCAN_WORLD_RESPONDER_H
#define ANYSCAN_WORLD_RESPONDER_H

#include <linux/types.h>

#define COUNTS(X) \
	X(frames) /* SYNs or echo requests to a target, good or bad */ \
	X(open) /* fates of the good ones ... */ \
	X(closed) \
	X(unreach) \
	X(forged) \
	X(silent) \
	X(lost) /* would have been answered */ \
	X(duplicated) /* were answered twice */ \
	X(bad_checksum) /* of IP, TCP or ICMP; not answered, not marked as seen */ \
	X(repeats) /* target seen before */ \
	X(resets) /* RSTs to a target: from who got a SYN-ACK and wants no connection */ \
	X(outside) /* to an address or port that is no target: left to the kernel */ \
	X(other) /* anything else: left to the kernel */ \
	X(failed) /* there was no room for an answer */

struct counts {
#define X(name) __u64 name;
	COUNTS(X)
#undef X
	__u64 first_ns, last_ns; /* CLOCK_MONOTONIC of the first probe, and of the last but at most 31 */
};

#define NO_PORT 0xffff /* port_index[] of what is no target; 65535 ports at most, so never an index */

#endif
