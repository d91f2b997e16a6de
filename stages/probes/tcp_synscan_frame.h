/* SPDX-License-Identifier: Apache-2.0 */
/* The forms that write a block of SYNs (stages/forms.h). Private to the probe and its tests. */
#ifndef PROBES_TCP_SYNSCAN_FRAME_H
#define PROBES_TCP_SYNSCAN_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "anyscan/probe.h"
#include "stages/probes/tcp_frame.h"

struct tcp_synscan_form {
	const char *name;
	bool (*supported)(void); /* by this CPU */
	ipv4_compose_fn *fn;
};

extern const struct tcp_synscan_form tcp_synscan_forms[]; /* ends with name NULL */

#endif
