/* SPDX-License-Identifier: Apache-2.0 */
/* What is left, asked of a ledger that is in use: see ledger_layout.h for what makes the answer whole. */
#include <errno.h>

#include "stages/gen/intervals.h"
#include "stages/gen/ledger_layout.h"

#define SLOT_PARTS 2 /* of a chunk that was cut short: what was walked, and what was not */

size_t ledger_parts_max(const struct ledger *l)
{
	const size_t each = SLOT_PARTS * CHUNKS_OPEN + (l->passes > 1 ? WAITING_MAX : 0);

	return l->fresh.parts + l->later.parts + SLOT_PARTS + (size_t)l->gens * each;
}

static size_t add(struct interval *part, uint64_t first, uint64_t end, uint32_t pass)
{
	*part = (struct interval){ .first = first, .end = end, .pass = pass };
	return first < end;
}

/* What remains of one slot, into part[*n..); adds what does not to *probes. False: it changes now. */
static bool add_slot(const struct chunk *c, uint32_t passes, struct interval *part, size_t *n,
		     uint64_t *probes)
{
	const uint32_t state = __atomic_load_n(&c->state, __ATOMIC_ACQUIRE);
	const uint64_t accepted = __atomic_load_n(&c->accepted, __ATOMIC_ACQUIRE);
	const uint64_t emitted = __atomic_load_n(&c->emitted, __ATOMIC_ACQUIRE);
	const uint64_t retired = __atomic_load_n(&c->retired, __ATOMIC_ACQUIRE);
	const uint64_t first = __atomic_load_n(&c->first, __ATOMIC_ACQUIRE);
	const uint64_t end = first + __atomic_load_n(&c->length, __ATOMIC_ACQUIRE);
	const uint64_t walked = __atomic_load_n(&c->walked, __ATOMIC_ACQUIRE);
	const uint32_t pass = __atomic_load_n(&c->pass, __ATOMIC_ACQUIRE);

	if (state == CHUNK_LEASING || __atomic_load_n(&c->state, __ATOMIC_ACQUIRE) != state)
		return false;
	*probes += retired;
	if (state == CHUNK_OPEN || (state == CHUNK_CLOSED && accepted != emitted)) {
		*n += add(&part[*n], first, end, pass);
	} else if (state == CHUNK_CLOSED) {
		*probes += pass == 0 ? emitted : 0;
		if (pass + 1 < passes)
			*n += add(&part[*n], first, first + walked, pass + 1);
		*n += add(&part[*n], first + walked, end, pass);
	}
	return true;
}

static void add_waiting(const struct waiting *w, struct interval *part, size_t *n)
{
	const uint64_t tail = __atomic_load_n(&w->tail, __ATOMIC_ACQUIRE);
	uint64_t at = __atomic_load_n(&w->head, __ATOMIC_ACQUIRE);

	/* torn as they may be, they are not too many; whoever called finds out */
	for (; at < tail && tail - at <= WAITING_MAX; at++) {
		const struct interval *i = &w->chunk[at % WAITING_MAX].at;

		*n += add(&part[*n], __atomic_load_n(&i->first, __ATOMIC_ACQUIRE),
			  __atomic_load_n(&i->end, __ATOMIC_ACQUIRE),
			  __atomic_load_n(&i->pass, __ATOMIC_ACQUIRE));
	}
}

static bool add_gen(const struct slots *s, uint32_t passes, struct interval *part, size_t *n,
		    uint64_t *probes)
{
	const uint32_t changes = __atomic_load_n(&s->changes, __ATOMIC_ACQUIRE);

	if (changes % 2 != 0)
		return false;
	for (unsigned int i = 0; i < CHUNKS_OPEN; i++)
		if (!add_slot(&s->chunk[i], passes, part, n, probes))
			return false;
	if (s->waiting != NULL)
		add_waiting(s->waiting, part, n);
	return __atomic_load_n(&s->changes, __ATOMIC_ACQUIRE) == changes;
}

/* What no gen has leased. */
static void add_track(const struct track *t, uint64_t cursor, struct interval *part, size_t *n)
{
	for (size_t i = 0; i < t->parts; i++) {
		struct interval at = t->part[i].at;

		if (t->part[i].before + (at.end - at.first) <= cursor)
			continue;
		if (t->part[i].before < cursor)
			at.first += cursor - t->part[i].before;
		part[(*n)++] = at;
	}
}

int ledger_remaining(const struct ledger *l, struct interval *part, uint64_t *probes)
{
	const uint64_t fresh = __atomic_load_n(&l->fresh.cursor, __ATOMIC_ACQUIRE);
	const uint64_t later = __atomic_load_n(&l->later.cursor, __ATOMIC_ACQUIRE);
	size_t n = 0;

	*probes = 0;
	add_track(&l->fresh, fresh, part, &n);
	add_track(&l->later, later, part, &n);
	for (unsigned int g = 0; g < l->gens; g++)
		if (!add_gen(&l->slots[g], l->passes, part, &n, probes))
			return -EAGAIN;
	if (__atomic_load_n(&l->fresh.cursor, __ATOMIC_ACQUIRE) != fresh ||
	    __atomic_load_n(&l->later.cursor, __ATOMIC_ACQUIRE) != later)
		return -EAGAIN;
	return (int)intervals_merge(part, n);
}
