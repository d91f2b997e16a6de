/* SPDX-License-Identifier: Apache-2.0 */
/* The forms that write a block of SYNs (stages/forms.h). Private to the probe and its tests. */
#ifndef PROBES_TCP_SYNSCAN_FRAME_H
#define PROBES_TCP_SYNSCAN_FRAME_H

#include <assert.h>
#include <stdbool.h>
#include <stdint.h>

#include "anyscan/probe.h"
#include "stages/probes/tcp_frame.h"

/* Written by whole 16 bytes, without a tail loop: a frame has room for them (IO_FRAME_STRIDE). */
#define COPY_SHORT 64
#define COPY_LONG 80

static_assert(COPY_LONG <= PROBE_FRAME_MAX, "the copy stays in the template");

struct tcp_synscan_form {
	const char *name;
	bool (*supported)(void); /* by this CPU */
	ipv4_compose_fn *fn;
};

extern const struct tcp_synscan_form tcp_synscan_forms[]; /* ends with name NULL */

#ifdef __x86_64__
ipv4_compose_fn tcp_synscan_avx512; /* where form_has_avx512() */
#endif

#endif
