/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which modes of AF_XDP an interface grants, each by doing: a program that passes everything is attached by a link of
 * ours, a socket bound, what was granted is read back, and all is taken away. Whatever death this process dies, the
 * kernel takes it away.
 */
#ifndef ANYSCAN_DOCTOR_GRANTED_H
#define ANYSCAN_DOCTOR_GRANTED_H

#include <stdint.h>

enum granted_mode { /* best first */
	GRANTED_ZEROCOPY,
	GRANTED_COPY,
	GRANTED_SKB,
	GRANTED_MODES,
};
extern const char *const granted_names[GRANTED_MODES]; /* as in --xdp-mode */

struct granted {
	int rc[GRANTED_MODES]; /* 0: granted; or a negative errno */
	const char *step[GRANTED_MODES]; /* what failed */
	uint32_t queue; /* the one that was bound to last */
};

/* On that queue, or where it is taken on one before it. */
void granted_try(int ifindex, uint32_t last_queue, struct granted *);

#endif
