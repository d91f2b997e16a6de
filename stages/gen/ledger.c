/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chunks live in slots of their gen, so that leasing one shares nothing with other gens but the
 * cursor. Who touches a chunk when:
 *
 * | state  | gen                      | tx threads          | others                     |
 * |--------|--------------------------|---------------------|----------------------------|
 * | FREE   | lease -> OPEN            | -                   | -                          |
 * | OPEN   | emits, close -> CLOSED   | add to accepted     | first, length may be read  |
 * | CLOSED | lease -> OPEN if settled | add until = emitted | everything may be read     |
 *
 * A slot whose chunk was cut short (walked < length) is not used again: it says what remains.
 */
#include "stages/gen/ledger.h"

#include <stdlib.h>

struct slots { /* one gen's; no two gens share a line */
	struct chunk chunk[CHUNKS_OPEN];
	unsigned int next; /* where the search for a slot starts: the oldest */
} __attribute__((aligned(CACHE_LINE)));

struct ledger {
	struct interval interval;
	unsigned int gens;
	bool limited;
	/* next exponent; runs past the end by the last leases */
	uint64_t cursor __attribute__((aligned(CACHE_LINE)));
	/* targets left, when limited */
	uint64_t budget __attribute__((aligned(CACHE_LINE)));
	struct slots slots[];
};

static_assert(offsetof(struct ledger, cursor) == CACHE_LINE,
	      "every gen adds to it; the line before is read only");
static_assert(offsetof(struct ledger, budget) == 2 * CACHE_LINE, "as to this one, more often");
static_assert(offsetof(struct ledger, slots) == 3 * CACHE_LINE && sizeof(struct slots) % CACHE_LINE == 0,
	      "the chunks of a gen share no line with another's");

struct ledger *ledger_create(struct interval interval, unsigned int gens, uint64_t max_targets)
{
	size_t size = sizeof(struct ledger) + gens * sizeof(struct slots);
	struct ledger *l = aligned_alloc(CACHE_LINE, size);

	if (l == NULL)
		return NULL;
	*l = (struct ledger){
		.interval = interval,
		.gens = gens,
		.limited = max_targets != UINT64_MAX,
		.cursor = interval.first,
		.budget = max_targets,
	};
	for (unsigned int g = 0; g < gens; g++)
		l->slots[g] = (struct slots){ .next = 0 };
	return l;
}

void ledger_destroy(struct ledger *l)
{
	free(l);
}

/* Everything emitted was accepted. Acquire on both: what tx did with the chunk is over when this is true. */
static bool settled(const struct chunk *c)
{
	return __atomic_load_n(&c->state, __ATOMIC_ACQUIRE) == CHUNK_CLOSED &&
	       __atomic_load_n(&c->accepted, __ATOMIC_ACQUIRE) ==
		       __atomic_load_n(&c->emitted, __ATOMIC_RELAXED);
}

static bool reusable(const struct chunk *c)
{
	return c->state == CHUNK_FREE || (settled(c) && c->walked == c->length);
}

static struct chunk *find_slot(struct slots *s)
{
	for (unsigned int i = 0; i < CHUNKS_OPEN; i++) {
		unsigned int at = (s->next + i) % CHUNKS_OPEN;

		if (reusable(&s->chunk[at])) {
			s->next = (at + 1) % CHUNKS_OPEN;
			return &s->chunk[at];
		}
	}
	return NULL;
}

struct chunk *ledger_lease(struct ledger *l, unsigned int g, uint32_t length, bool *end)
{
	struct chunk *c;
	uint64_t first;

	/* the look before the add bounds how far the cursor runs past the end: one length per gen */
	*end = __atomic_load_n(&l->cursor, __ATOMIC_RELAXED) >= l->interval.end;
	if (*end)
		return NULL;
	c = find_slot(&l->slots[g]);
	if (c == NULL)
		return NULL;
	first = __atomic_fetch_add(&l->cursor, length, __ATOMIC_RELAXED);
	if (first >= l->interval.end) {
		*end = true;
		return NULL;
	}
	/* FREE while it changes, so that nobody takes new numbers for those of the old chunk */
	__atomic_store_n(&c->state, CHUNK_FREE, __ATOMIC_RELEASE);
	c->first = first;
	c->length = l->interval.end - first < length ? (uint32_t)(l->interval.end - first) : length;
	c->walked = 0;
	__atomic_store_n(&c->emitted, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&c->accepted, 0, __ATOMIC_RELAXED);
	__atomic_store_n(&c->state, CHUNK_OPEN, __ATOMIC_RELEASE);
	return c;
}

void ledger_close(struct ledger *l, struct chunk *c, uint32_t walked, uint64_t emitted)
{
	(void)l;
	c->walked = walked;
	__atomic_store_n(&c->emitted, emitted, __ATOMIC_RELAXED);
	__atomic_store_n(&c->state, CHUNK_CLOSED, __ATOMIC_RELEASE);
}

uint32_t ledger_budget(struct ledger *l, uint32_t want)
{
	uint64_t left = __atomic_load_n(&l->budget, __ATOMIC_RELAXED), take;

	do {
		take = left < want ? left : want;
	} while (take > 0 && !__atomic_compare_exchange_n(&l->budget, &left, left - take, true,
							  __ATOMIC_RELAXED, __ATOMIC_RELAXED));
	return (uint32_t)take;
}

bool ledger_limited(const struct ledger *l)
{
	return l->limited;
}

void chunk_accept(struct chunk *c, uint32_t n)
{
	__atomic_fetch_add(&c->accepted, n, __ATOMIC_RELEASE);
}

uint64_t ledger_leased(const struct ledger *l)
{
	uint64_t at = __atomic_load_n(&l->cursor, __ATOMIC_RELAXED);

	return (at < l->interval.end ? at : l->interval.end) - l->interval.first;
}

struct interval ledger_interval(const struct ledger *l)
{
	return l->interval;
}

unsigned int ledger_gens(const struct ledger *l)
{
	return l->gens;
}

bool ledger_settled(const struct ledger *l)
{
	for (unsigned int g = 0; g < l->gens; g++)
		for (unsigned int i = 0; i < CHUNKS_OPEN; i++) {
			const struct chunk *c = &l->slots[g].chunk[i];

			if (__atomic_load_n(&c->state, __ATOMIC_ACQUIRE) != CHUNK_FREE && !settled(c))
				return false;
		}
	return true;
}
