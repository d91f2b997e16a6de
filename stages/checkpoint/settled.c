/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/checkpoint/settled.h"

#include <string.h>

void settled_note(struct settled *s, const struct sink_position *at, uint64_t until, bool earlier)
{
	if (s->count < SETTLED_PENDING)
		s->pending[s->count++] =
			(struct settled_place){ .at = *at, .until = until, .earlier = earlier };
}

/* Nothing behind a place that is not settled is. */
void settled_take(struct settled *s, uint64_t front, bool all)
{
	unsigned int n = 0;

	while (n < s->count && (s->pending[n].until <= front || (all && !s->pending[n].earlier)))
		s->at = s->pending[n++].at;
	s->count -= n;
	memmove(&s->pending[0], &s->pending[n], s->count * sizeof(s->pending[0]));
}
