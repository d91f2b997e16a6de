/* SPDX-License-Identifier: Apache-2.0 */
/* How an engine lists its counters for io_ops.stats(): what does not fit is left out. Set-up thread. */
#ifndef IO_READINGS_H
#define IO_READINGS_H

#include <stddef.h>
#include <stdint.h>

#include "anyscan/counters.h"
#include "io/netlink/link.h"
#include "io/send_errors.h"

struct readings {
	struct reading *reading;
	size_t max, count; /* count <= max */
};

void readings_add(struct readings *, const char *name, enum reading_kind, uint64_t value);

/*
 * What the device counted since `then`. resent: frames that it refused and that are sent again. Many drivers count
 * each as tx_dropped, and only what is beyond them was lost.
 */
void readings_add_link(struct readings *, int ifindex, const struct link_counters *then, uint64_t resent);

/* By enum filter_cause, from filter_counts_sum(). */
void readings_add_filter(struct readings *, const uint64_t count[]);

/* Sums the errors of a port's queues into *sum, which starts as zero. */
void send_errors_add(struct send_errors *sum, const struct send_errors *);
void readings_add_send_errors(struct readings *, const struct send_errors *sum);

#endif
