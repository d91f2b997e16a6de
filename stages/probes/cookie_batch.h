/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cookies of a block of probes at once: SipHash has no branch and no
 * table, so independent cookies fill vector lanes. One C body is compiled for
 * each instruction set; which one runs is decided by the CPU it runs on.
 *
 * Any thread; no state.
 */
#ifndef PROBES_COOKIE_BATCH_H
#define PROBES_COOKIE_BATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "anyscan/block.h"
#include "anyscan/cookie.h"

/*
 * out[i] = all 64 bits of the SipHash of (raddr[i], rport[i], lport[i]), host
 * order, i < n <= BLOCK_ITEMS. The lower half is cookie() of the same; the
 * upper half is as unpredictable and free for fields that only have to look
 * random (IP id, timestamp).
 */
typedef void cookie_batch_fn(const struct cookie_key *, uint32_t local_addr, const uint32_t *raddr,
			     const uint16_t *rport, const uint16_t *lport, uint64_t *out, unsigned int n);

cookie_batch_fn cookie_batch_plain;
#ifdef __x86_64__
cookie_batch_fn cookie_batch_avx2, cookie_batch_avx512;
#endif

struct cookie_batch_form {
	const char *name;
	bool (*supported)(void); /* by this CPU */
	cookie_batch_fn *fn;
};

/* Every form of this build, best first; the last, "plain", runs anywhere. Ends with name NULL. */
extern const struct cookie_batch_form cookie_batch_forms[];

#endif
