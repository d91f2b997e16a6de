/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Probes of a target that follow each other at a distance: a chunk that the wire has taken waits, and is walked again
 * when its time has come. It is kept as an interval, so the price is 32 bytes a chunk, whatever the targets in it.
 *
 * The wait begins when the gen sees that all of the chunk was accepted, so no probe comes too early, whatever the
 * edges and a pause have held back; it comes later by what the chunk, and the one that is on its way, take to send.
 */
#include "stages/gen/ledger_layout.h"

static void begin_change(struct slots *s)
{
	__atomic_store_n(&s->changes, s->changes + 1, __ATOMIC_RELEASE);
}

static void end_change(struct slots *s)
{
	__atomic_store_n(&s->changes, s->changes + 1, __ATOMIC_RELEASE);
}

/* What was walked of a settled chunk waits from now on; what a spent budget has cut off stays. */
static void put_aside(struct slots *s, struct chunk *c, uint64_t due_ns)
{
	const uint32_t walked = c->walked;
	const struct interval at = { .first = c->first, .end = c->first + walked, .pass = c->pass + 1 };

	begin_change(s);
	waiting_put(s->waiting, at, due_ns);
	chunk_retire(c);
	__atomic_store_n(&c->first, at.end, __ATOMIC_RELEASE);
	__atomic_store_n(&c->length, c->length - walked, __ATOMIC_RELEASE);
	if (c->length == 0)
		__atomic_store_n(&c->state, CHUNK_FREE, __ATOMIC_RELEASE);
	end_change(s);
}

/* Returns how many chunks with another pass are still on their way. */
static unsigned int collect(struct ledger *l, struct slots *s, uint64_t now_ns)
{
	unsigned int underway = 0;

	for (unsigned int i = 0; i < CHUNKS_OPEN; i++) {
		struct chunk *c = &s->chunk[i];

		if (c->state == CHUNK_FREE || c->pass + 1 == l->passes)
			continue;
		if (!chunk_settled(c))
			underway++;
		else if (c->walked > 0)
			put_aside(s, c, now_ns + l->spacing_ns);
	}
	return underway;
}

static bool used_up(const struct track *t)
{
	return __atomic_load_n(&t->cursor, __ATOMIC_RELAXED) >= t->length;
}

static void lease_waiting(struct slots *s, struct chunk *c)
{
	begin_change(s);
	chunk_retire(c);
	chunk_open(c, waiting_take(s->waiting));
	end_change(s);
}

struct chunk *ledger_lease_spaced(struct ledger *l, unsigned int g, uint32_t length, bool fresh,
				  uint64_t now_ns, uint64_t *again_ns)
{
	struct slots *s = &l->slots[g];
	const unsigned int underway = collect(l, s, now_ns);
	const struct waiting *w = s->waiting;
	struct chunk *c = slots_find(s, l->passes);
	/* whatever is in the slots can come back */
	const bool room = waiting_count(w) + CHUNKS_OPEN <= WAITING_MAX;

	*again_ns = 0;
	if (c == NULL)
		return NULL;
	if (waiting_count(w) > 0 && waiting_first(w)->due_ns <= now_ns) {
		lease_waiting(s, c);
		return c;
	}
	if (room && l->later_due_ns <= now_ns && !used_up(&l->later) && track_lease(&l->later, length, c))
		return c;
	if (room && fresh && !used_up(&l->fresh) && track_lease(&l->fresh, length, c))
		return c;
	if (underway > 0)
		return NULL;
	*again_ns = waiting_count(w) > 0 ? waiting_first(w)->due_ns : UINT64_MAX;
	if (l->later_due_ns > now_ns && l->later_due_ns < *again_ns && !used_up(&l->later))
		*again_ns = l->later_due_ns;
	return NULL;
}

bool ledger_crowded(const struct ledger *l, unsigned int g)
{
	return waiting_count(l->slots[g].waiting) > WAITING_MAX / 2;
}
