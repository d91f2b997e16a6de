/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --world: "seed=1,open=0.02,closed=30%,rtt=5ms,seen=FILE"
 *
 * Any subset of the keys of WORLD_SPEC_DEFAULTS, which holds for what is left
 * out, of those of the bottleneck (bottleneck_spec.h; none by default), and seen, in any order. open, closed, unreach and forged are shares of one whole: a default among them is cut
 * to what those given leave.
 * Shares are 0..1 or a percentage, cut (not rounded) to 2^-32; times are a
 * number with ns, us, ms or s.
 */
#ifndef SIM_WORLD_SPEC_H
#define SIM_WORLD_SPEC_H

#include <stddef.h>

#include "anyscan/error.h"
#include "anyscan/world.h"

#define WORLD_SPEC_DEFAULTS \
	"seed=1,open=0.02,closed=0.3,unreach=0.05,dup=0.01,loss=0,forged=0,late=0,late-by=1s,rtt=5ms"

/*
 * Set-up thread. spec: as above; NULL or "" = the defaults. seen_path[seen_size] gets the path
 * of the map of targets seen, "" when none is named. -EINVAL or -ENAMETOOLONG fills *error.
 */
int world_parse(const char *spec, struct world *out, char *seen_path, size_t seen_size, struct error *error);

#endif
