/* SPDX-License-Identifier: Apache-2.0 OR BSD-2-Clause OR GPL-2.0-only */
/* What reply_redirect.bpf.c counts beyond enum filter_cause. */
#ifndef AF_XDP_REDIRECT_H
#define AF_XDP_REDIRECT_H

#include "io/filter_causes.h"

enum redirect_slot {
	REDIRECT_NO_SOCKET =
		FILTER_CAUSES, /* a reply on a queue where nobody reads: left to the kernel, lost to us */
	REDIRECT_SLOTS,
};

_Static_assert(REDIRECT_SLOTS <= FILTER_SLOTS, "every count has its slot");

#endif
