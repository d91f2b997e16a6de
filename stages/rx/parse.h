/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Parses a received frame, every bound checked: Ethernet, up to two VLAN tags (802.1Q, 802.1ad), IPv4
 * with options, first fragments, TCP/UDP/ICMP, and ICMP errors that quote a packet of ours (RFC 792: IP header + 8 bytes).
 */
#ifndef RX_PARSE_H
#define RX_PARSE_H

#include "anyscan/io.h"
#include "anyscan/probe.h"

/* REJECT_NONE fills *p, which points into *view. Any thread. */
enum reject parse_frame(const struct frame_view *view, struct packet *p);

/* TCP header fields and options of a reply, bounded by len. false: truncated header. Unknown or broken options are skipped or end the list. */
bool parse_tcp(const uint8_t *tcp, uint32_t len, struct reply *r);

#endif
