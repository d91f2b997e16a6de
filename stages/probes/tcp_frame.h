/* SPDX-License-Identifier: Apache-2.0 */
/* Where the fields of a TCP frame of ours lie (RFC 9293 3.1). */
#ifndef PROBES_TCP_FRAME_H
#define PROBES_TCP_FRAME_H

#include "stages/probes/ipv4_frame.h"

enum tcp_frame_offset { /* bytes from the start of the frame */
	AT_TCP = AT_L4,
	AT_TCP_SPORT = AT_TCP,
	AT_TCP_DPORT = AT_TCP + 2,
	AT_TCP_SEQ = AT_TCP + 4,
	AT_TCP_OFFSET = AT_TCP + 12,
	AT_TCP_FLAGS = AT_TCP + 13,
	AT_TCP_WINDOW = AT_TCP + 14,
	AT_TCP_SUM = AT_TCP + 16,
	AT_TCP_OPTIONS = AT_TCP + 20,
};

#endif
