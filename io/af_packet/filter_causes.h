/* SPDX-License-Identifier: Apache-2.0 OR BSD-2-Clause OR GPL-2.0-only */
/* What the kernel's filter counts, by cause; shared by the eBPF program and user space. Cf. enum reject in anyscan/probe.h. */
#ifndef AF_PACKET_FILTER_CAUSES_H
#define AF_PACKET_FILTER_CAUSES_H

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
	FILTER_CAUSES,
};

#define FILTER_CPUS 1024 /* power of two; CPUs beyond share slots and may lose a count then */

struct filter_counts { /* two cache lines, so that CPUs do not share any */
	unsigned long long count[16];
};

#endif
