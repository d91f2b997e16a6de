/* SPDX-License-Identifier: Apache-2.0 */
/*
 * tcp_synscan: one TCP SYN per target. A SYN-ACK, a RST or an ICMP error that
 * quotes the probe answers it; a SYN-ACK is a success.
 *
 * The source port is a keyed hash of the target plus the number of the probe,
 * so that a target gets its probes from different ports; the sequence number
 * is the cookie of all four (anyscan/cookie.h).
 */
#ifndef PROBES_TCP_SYNSCAN_H
#define PROBES_TCP_SYNSCAN_H

#include "anyscan/probe.h"

extern const struct probe_module tcp_synscan;

/* The receiving face, stages/probes/tcp_synscan_accept.c. */
enum reject tcp_synscan_accept(const struct io_match *, const struct packet *, struct reply *);

/* What closes the connection that a SYN-ACK has half opened, stages/probes/tcp_synscan_answer.c. */
bool tcp_synscan_must_answer(const struct reply *, struct control *);
uint16_t tcp_synscan_answer(const struct probe_template *, const struct control *, uint8_t *frame);

#endif
