/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/auto_rate/hits.h"

#include <math.h>

#define LOOK_REPLIES 10 /* a look with fewer says nothing of scatter */
#define EXPECTED_LEAST 30 /* with fewer, counts are not normal, and no difference is significant anyway */
#define SCATTER_MEMORY 32 /* looks */
#define SCATTER_MOST 10.0 /* one wild look must not blind us for long */

void scatter_init(struct scatter *s)
{
	*s = (struct scatter){ .mean = SCATTER_FIRST };
}

void scatter_break(struct scatter *s)
{
	s->last = (struct hits){ 0 };
}

void scatter_look(struct scatter *s, struct hits look)
{
	const struct hits last = s->last;
	double p, d, variance, square;

	s->last = look;
	if (last.probes <= 0 || look.probes <= 0 || last.replies < LOOK_REPLIES ||
	    look.replies < LOOK_REPLIES)
		return;
	p = (last.replies + look.replies) / (last.probes + look.probes);
	d = look.replies / look.probes - last.replies / last.probes;
	variance = p * (1 / look.probes + 1 / last.probes);
	square = d * d / variance;
	square = square < 4 * SCATTER_MOST ? square : 4 * SCATTER_MOST;
	s->mean += (square - s->mean) / SCATTER_MEMORY;
}

double scatter_factor(const struct scatter *s)
{
	return s->mean < 1 ? 1 : s->mean < SCATTER_MOST ? s->mean : SCATTER_MOST;
}

struct shortfall hits_shortfall(struct hits reference, struct hits now, const struct scatter *scatter)
{
	double expected;

	if (reference.probes <= 0 || reference.replies < EXPECTED_LEAST)
		return (struct shortfall){ .share = 0, .sd = INFINITY };
	expected = now.probes * (reference.replies / reference.probes);
	if (expected < EXPECTED_LEAST)
		return (struct shortfall){ .share = 0, .sd = INFINITY };
	return (struct shortfall){ .share = 1 - now.replies / expected,
				   .sd = sqrt(scatter_factor(scatter) *
					      (1 / expected + 1 / reference.replies)) };
}
