/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/auto_rate/history.h"

#include <math.h>
#include <string.h>

#define WORTH 0.01

static bool is_news(const struct auto_rate_history *h, const struct auto_rate *a)
{
	const struct auto_rate_change *last;

	if (h->count == 0)
		return true;
	last = &h->change[h->count - 1];
	return last->state != a->state || strcmp(last->cause, a->cause) != 0 ||
	       fabs(a->settled - last->rate) > WORTH * last->rate;
}

void history_note(struct auto_rate_history *h, const struct auto_rate *a, uint64_t now_ns)
{
	struct auto_rate_change *next;

	if (!is_news(h, a))
		return;
	if (h->count == HISTORY_MOST)
		memmove(h->change, h->change + 1, --h->count * sizeof(h->change[0]));
	next = &h->change[h->count++];
	*next = (struct auto_rate_change){ .at_ns = now_ns, .rate = a->settled, .state = a->state };
	memcpy(next->cause, a->cause, sizeof(next->cause));
	h->all++;
}
