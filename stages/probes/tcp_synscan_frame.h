/* SPDX-License-Identifier: Apache-2.0 */
/* The forms that write a block of SYNs (stages/forms.h). Private to the probe and its tests. */
#ifndef PROBES_TCP_SYNSCAN_FRAME_H
#define PROBES_TCP_SYNSCAN_FRAME_H

#include <stdbool.h>
#include <stdint.h>

#include "anyscan/probe.h"
#include "stages/probes/tcp_frame.h"

typedef void tcp_synscan_compose_fn(const struct probe_template *, const struct target_block *targets,
				    unsigned int first, unsigned int n, uint8_t *const frame[],
				    uint16_t len[]);

struct tcp_synscan_form {
	const char *name;
	bool (*supported)(void); /* by this CPU */
	tcp_synscan_compose_fn *fn;
};

extern const struct tcp_synscan_form tcp_synscan_forms[]; /* ends with name NULL */

#endif
