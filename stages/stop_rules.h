/* SPDX-License-Identifier: Apache-2.0 */
/* The rules that end a scan whose probes are wasted: --min-hitrate and --max-send-failures. */
#ifndef STAGES_STOP_RULES_H
#define STAGES_STOP_RULES_H

#include "stages/pipeline.h"

#define STOP_WARM_UP_NS 5000000000ULL /* answers need a round trip; the first probes have none */
#define STOP_BELOW_NS 5000000000ULL /* a dip that recovers is no reason */
#define STOP_LOOK_NS 2000000000ULL /* between two looks: in what is beyond, the process stood still */

enum stop_cause {
	STOP_NONE,
	STOP_HITRATE,
	STOP_SEND_FAILURES,
};

struct stop_rules {
	double min_hitrate; /* percent, 0: any will do */
	uint64_t max_send_failures; /* UINT64_MAX: any number */
	uint64_t below_since_ns; /* after how much sending the hit rate fell below, 0: it has not */
	uint64_t looked_ns; /* after how much sending the last look was, 0: none yet */
};

/* Unique successes in percent of the probes sent; 0 before the first. */
double stop_rules_hitrate(const struct pipeline_stats *);

/* Pauses leave no trace in either. For every look at the pipeline, about one a second. */
enum stop_cause stop_rules_check(struct stop_rules *, const struct pipeline_stats *);

#endif
