/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How many of the probes are answered, and whether fewer are than before: what tells of losses that nobody counts.
 *
 * Both of two samples are counts, so the share of answers that is missing, 1 - p/q, has the relative variance
 * 1/expected + 1/seen (Poisson: no less than binomial), times what the counts really scatter, which is measured: the
 * mean square of the differences between neighbouring looks at the same rate, in units of what counting alone
 * would make of them (von Neumann). A step or a drift of the hit rate hardly moves that; answers that come in clusters,
 * or late because this machine is busy, do. The scatter is 1 at least.
 */
#ifndef AUTO_RATE_HITS_H
#define AUTO_RATE_HITS_H

#include <stdbool.h>

struct hits {
	double probes, replies;
};

struct scatter {
	double mean; /* of the squared differences, >= 0; starts at SCATTER_FIRST */
	struct hits last; /* the look before, of the same rate; none: probes 0 */
};

#define SCATTER_FIRST 2.0

void scatter_init(struct scatter *);
void scatter_break(struct scatter *); /* the rate has changed: the next look has no neighbour */
void scatter_look(struct scatter *, struct hits look);
double scatter_factor(const struct scatter *); /* of a variance, 1..SCATTER_MOST */

struct shortfall {
	double share; /* of the answers that are missing; below 0: there are more */
	double sd; /* of it, if none are missing; infinite: too few to tell */
};

/* Of `now`, by what `reference` leads to expect. */
struct shortfall hits_shortfall(struct hits reference, struct hits now, const struct scatter *);

/* In standard deviations. */
static inline double shortfall_z(struct shortfall s)
{
	return s.share / s.sd;
}

#endif
