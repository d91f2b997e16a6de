/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Up to where a resumed scan need not read its output back: to the last place before which every record is of a target
 * that is committed, and will not be asked again. So it starts at once however long it ran before. Known by exponents,
 * as gens lease in order: what was written when all leased so far lay below an exponent is settled once everything
 * below it is committed.
 */
#ifndef CHECKPOINT_SETTLED_H
#define CHECKPOINT_SETTLED_H

#include <stdbool.h>
#include <stdint.h>

#include "stages/sink/sink.h"

#define SETTLED_PENDING \
	64 /* places that wait at most; more are left out, which only has a resume read more */

struct settled_place {
	struct sink_position at;
	uint64_t until; /* exponents of the targets before it are below */
	bool earlier; /* by an earlier run */
};

struct settled {
	struct sink_position at;
	struct settled_place pending[SETTLED_PENDING]; /* in order */
	unsigned int count;
};

void settled_note(struct settled *, const struct sink_position *, uint64_t until, bool earlier);
/* Below this exponent all is committed, UINT64_MAX: all there is; all: and so is what this run has asked. */
void settled_take(struct settled *, uint64_t front, bool all);

#endif
