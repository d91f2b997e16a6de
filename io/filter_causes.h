/* SPDX-License-Identifier: Apache-2.0 OR BSD-2-Clause OR GPL-2.0-only */
/*
 * What the kernel's filters count, by cause; shared by the eBPF programs and user space. Cf. enum reject in
 * anyscan/probe.h.
 */
#ifndef IO_FILTER_CAUSES_H
#define IO_FILTER_CAUSES_H

enum filter_cause {
	FILTER_PASSED,
	FILTER_SHORT,
	FILTER_NOT_IP,
	FILTER_FRAGMENT,
	FILTER_PROTOCOL,
	FILTER_ADDRESS,
	FILTER_PORT,
	FILTER_FLAGS,
	FILTER_COOKIE,
	FILTER_ICMP_TYPE,
	FILTER_CAUSES, /* the slots from here on are the program's own */
};

#define FILTER_CPUS 1024 /* power of two; CPUs beyond share slots and may lose a count then */
#define FILTER_SLOTS 16

struct filter_counts { /* two cache lines, so that CPUs do not share any */
	unsigned long long count[FILTER_SLOTS];
};

#ifndef __bpf__
#include <stdint.h>

extern const char *const filter_cause_names[FILTER_CAUSES]; /* as readings: anyscan/counters.h */

/* Sums the slots of all CPUs while the program counts on: each sum is a value that it had. */
void filter_counts_sum(const struct filter_counts counts[FILTER_CPUS], uint64_t sum[FILTER_SLOTS]);
#endif

#endif
