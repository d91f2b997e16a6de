/* SPDX-License-Identifier: Apache-2.0 */
#include "io/filter_causes.h"

#include <stddef.h>

const char *const filter_cause_names[FILTER_CAUSES] = {
	[FILTER_PASSED] = "filter_passed",
	[FILTER_SHORT] = "filter_rejected_short",
	[FILTER_NOT_IP] = "filter_rejected_not_ip",
	[FILTER_FRAGMENT] = "filter_rejected_fragment",
	[FILTER_PROTOCOL] = "filter_rejected_protocol",
	[FILTER_ADDRESS] = "filter_rejected_address",
	[FILTER_PORT] = "filter_rejected_port",
	[FILTER_FLAGS] = "filter_rejected_flags",
	[FILTER_COOKIE] = "filter_rejected_cookie",
	[FILTER_ICMP_TYPE] = "filter_rejected_icmp_type",
};

void filter_counts_sum(const struct filter_counts counts[FILTER_CPUS], uint64_t sum[FILTER_SLOTS])
{
	for (size_t i = 0; i < FILTER_SLOTS; i++)
		sum[i] = 0;
	for (size_t cpu = 0; cpu < FILTER_CPUS; cpu++)
		for (size_t i = 0; i < FILTER_SLOTS; i++)
			sum[i] += __atomic_load_n(&counts[cpu].count[i], __ATOMIC_RELAXED);
}
