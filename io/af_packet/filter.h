/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's filter in front of the receive rings: eBPF, which checks the
 * cookie, where this process may load it (CAP_BPF); else classic BPF, which
 * checks address, protocol and port only. Set-up thread.
 */
#ifndef AF_PACKET_FILTER_H
#define AF_PACKET_FILTER_H

#include "anyscan/error.h"
#include "anyscan/io.h"
#include "io/filter_causes.h"

struct packet_filter;

/* Never fails for want of the right to load eBPF: -ENOMEM only. */
int packet_filter_open(const struct io_match *, struct packet_filter **, struct error *);
void packet_filter_close(struct packet_filter *);
const char *packet_filter_kind(const struct packet_filter *); /* "ebpf", "classic" */
int packet_filter_attach(const struct packet_filter *, int fd); /* 0 or negative errno */
/* By enum filter_cause; false: this kind does not count. */
bool packet_filter_counts(const struct packet_filter *, uint64_t count[FILTER_SLOTS]);

/* filter_classic.c */
int classic_filter_attach(const struct io_match *, int fd);

#endif
