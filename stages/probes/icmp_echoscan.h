/* SPDX-License-Identifier: Apache-2.0 */
/*
 * icmp_echoscan: one ICMP echo request per target (RFC 792), which is a host: there are no ports. An echo reply or an
 * ICMP error that quotes the request answers it; an echo reply is a success, and says that the host is there, not that
 * a port of it is open.
 *
 * Identifier and sequence number are one field of 32 bits here: the cookie of (address, port 0, port 0), with the number of
 * the probe (-P) XORed to it, so that no two frames are the same. Of N probes a forger has to guess log2(N) bits fewer.
 */
#ifndef PROBES_ICMP_ECHOSCAN_H
#define PROBES_ICMP_ECHOSCAN_H

#include "anyscan/probe.h"

extern const struct probe_module icmp_echoscan;

#endif
