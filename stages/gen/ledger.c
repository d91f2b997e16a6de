/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Chunks live in slots of their gen, so that leasing one shares nothing with other gens but the
 * cursor. Who touches a chunk when:
 *
 * | state   | gen                         | tx threads          | others                     |
 * |---------|-----------------------------|---------------------|----------------------------|
 * | FREE    | lease -> LEASING            | -                   | retired may be read        |
 * | LEASING | moves the cursor, -> OPEN   | -                   | -                          |
 * | OPEN    | emits, close -> CLOSED      | add to accepted     | first, length may be read  |
 * | CLOSED  | lease -> LEASING if settled | add until = emitted | everything may be read     |
 *
 * A slot whose chunk was cut short (walked < length) is not used again: it says what remains.
 *
 * The cursor counts exponents along the parts, one behind the other; a chunk lies within one part. A slot is LEASING
 * before the cursor moves, so that who reads the cursor, then all slots, then the same cursor again, and met no LEASING,
 * has seen every chunk below it. Nothing of this is per packet, or per block: a lease is some thousand probes.
 */
#include "stages/gen/ledger.h"

#include <errno.h>
#include <stdlib.h>

#include "rings/lines.h"
#include "stages/gen/intervals.h"

struct slots { /* one gen's; no two gens share a line */
	struct chunk chunk[CHUNKS_OPEN];
	unsigned int next; /* where the search for a slot starts: the oldest */
	uint8_t apart[LINES_APART];
} __attribute__((aligned(CACHE_LINE)));

struct part {
	struct interval at;
	uint64_t before; /* exponents in the parts before it */
};

struct ledger {
	struct part *part;
	size_t parts;
	uint64_t length; /* of all parts */
	unsigned int gens;
	bool limited;
	/* exponents leased */
	uint64_t cursor __attribute__((aligned(CACHE_LINE)));
	/* targets left, when limited */
	uint64_t budget __attribute__((aligned(CACHE_LINE)));
	uint8_t apart[LINES_APART];
	struct slots slots[];
};

static_assert(offsetof(struct ledger, cursor) == CACHE_LINE,
	      "every gen adds to it; the line before is read only");
static_assert(offsetof(struct ledger, budget) == 2 * CACHE_LINE, "as to this one, more often");
static_assert(offsetof(struct ledger, slots) >= 2 * CACHE_LINE + LINES_APART &&
		      sizeof(struct slots) % CACHE_LINE == 0,
	      "the chunks of a gen lie apart from another's");

struct ledger *ledger_create_over(const struct interval *part, size_t parts, unsigned int gens,
				  uint64_t max_targets)
{
	size_t size = sizeof(struct ledger) + gens * sizeof(struct slots);
	struct part *copy = calloc(parts + 1, sizeof(*copy));
	struct ledger *l = lines_alloc(size);
	uint64_t length = 0;

	if (l == NULL || copy == NULL) {
		free(copy);
		free(l);
		return NULL;
	}
	for (size_t i = 0; i < parts; i++) {
		copy[i] = (struct part){ .at = part[i], .before = length };
		length += part[i].end - part[i].first;
	}
	*l = (struct ledger){
		.part = copy,
		.parts = parts,
		.length = length,
		.gens = gens,
		.limited = max_targets != UINT64_MAX,
		.budget = max_targets,
	};
	for (unsigned int g = 0; g < gens; g++)
		l->slots[g] = (struct slots){ .next = 0 };
	return l;
}

struct ledger *ledger_create(struct interval interval, unsigned int gens, uint64_t max_targets)
{
	return ledger_create_over(&interval, 1, gens, max_targets);
}

void ledger_destroy(struct ledger *l)
{
	if (l != NULL)
		free(l->part);
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

/* The part in which exponent number `at` of all lies. */
static const struct part *find_part(const struct ledger *l, uint64_t at)
{
	size_t low = 0, high = l->parts - 1;

	while (low < high) {
		const size_t middle = (low + high + 1) / 2;

		if (l->part[middle].before <= at)
			low = middle;
		else
			high = middle - 1;
	}
	return &l->part[low];
}

/* Up to `length` exponents of one part. False: there are none left. */
static bool take(struct ledger *l, uint64_t length, struct interval *taken)
{
	uint64_t at = __atomic_load_n(&l->cursor, __ATOMIC_RELAXED);

	while (at < l->length) {
		const struct part *p = find_part(l, at);
		const uint64_t left = p->before + (p->at.end - p->at.first) - at;
		const uint64_t n = left < length ? left : length;

		taken->first = p->at.first + (at - p->before);
		taken->end = taken->first + n;
		/* release: LEASING is seen before the cursor; acquire: what follows is not */
		if (__atomic_compare_exchange_n(&l->cursor, &at, at + n, false, __ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			return true;
	}
	return false;
}

struct chunk *ledger_lease(struct ledger *l, unsigned int g, uint32_t length, bool *end)
{
	struct interval taken = { 0 };
	struct chunk *c;

	*end = __atomic_load_n(&l->cursor, __ATOMIC_RELAXED) >= l->length;
	if (*end)
		return NULL;
	c = find_slot(&l->slots[g]);
	if (c == NULL)
		return NULL;
	__atomic_store_n(&c->state, CHUNK_LEASING, __ATOMIC_RELEASE);
	*end = !take(l, length, &taken);
	/* release: who has read one of these finds that the slot, or the cursor, has changed */
	__atomic_store_n(&c->retired, c->retired + c->emitted, __ATOMIC_RELEASE);
	__atomic_store_n(&c->emitted, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&c->accepted, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&c->walked, 0, __ATOMIC_RELEASE);
	if (*end) {
		__atomic_store_n(&c->state, CHUNK_FREE, __ATOMIC_RELEASE);
		return NULL;
	}
	__atomic_store_n(&c->first, taken.first, __ATOMIC_RELEASE);
	__atomic_store_n(&c->length, (uint32_t)(taken.end - taken.first), __ATOMIC_RELEASE);
	__atomic_store_n(&c->state, CHUNK_OPEN, __ATOMIC_RELEASE);
	return c;
}

void ledger_close(struct ledger *l, struct chunk *c, uint32_t walked, uint64_t emitted)
{
	(void)l;
	__atomic_store_n(&c->walked, walked, __ATOMIC_RELAXED);
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
	return __atomic_load_n(&l->cursor, __ATOMIC_RELAXED);
}

uint64_t ledger_length(const struct ledger *l)
{
	return l->length;
}

uint64_t ledger_exponent(const struct ledger *l, uint64_t ahead)
{
	const uint64_t at = __atomic_load_n(&l->cursor, __ATOMIC_ACQUIRE);
	const struct part *p;

	if (at >= l->length || ahead >= l->length - at)
		return UINT64_MAX;
	p = find_part(l, at + ahead);
	return p->at.first + (at + ahead - p->before);
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

size_t ledger_parts_max(const struct ledger *l)
{
	return l->parts + 1 + (size_t)l->gens * CHUNKS_OPEN;
}

/* What remains of one slot, an empty interval if nothing does; adds what does not to *probes. False: it changes now. */
static bool look_at(const struct chunk *c, struct interval *rest, uint64_t *probes)
{
	const uint32_t state = __atomic_load_n(&c->state, __ATOMIC_ACQUIRE);
	const uint64_t accepted = __atomic_load_n(&c->accepted, __ATOMIC_ACQUIRE);
	const uint64_t emitted = __atomic_load_n(&c->emitted, __ATOMIC_ACQUIRE);
	const uint64_t retired = __atomic_load_n(&c->retired, __ATOMIC_ACQUIRE);
	const uint64_t first = __atomic_load_n(&c->first, __ATOMIC_ACQUIRE);
	const uint64_t end = first + __atomic_load_n(&c->length, __ATOMIC_ACQUIRE);
	const uint64_t walked = __atomic_load_n(&c->walked, __ATOMIC_ACQUIRE);

	if (state == CHUNK_LEASING || __atomic_load_n(&c->state, __ATOMIC_ACQUIRE) != state)
		return false;
	*rest = (struct interval){ end, end };
	*probes += retired;
	if (state == CHUNK_OPEN || (state == CHUNK_CLOSED && accepted != emitted)) {
		rest->first = first;
	} else if (state == CHUNK_CLOSED) {
		rest->first = first + walked;
		*probes += emitted;
	}
	return true;
}

/* What no gen has leased. Returns how many parts. */
static size_t untouched(const struct ledger *l, uint64_t cursor, struct interval *part)
{
	size_t n = 0;

	for (size_t i = 0; i < l->parts; i++) {
		struct interval at = l->part[i].at;

		if (l->part[i].before + (at.end - at.first) <= cursor)
			continue;
		if (l->part[i].before < cursor)
			at.first += cursor - l->part[i].before;
		part[n++] = at;
	}
	return n;
}

int ledger_remaining(const struct ledger *l, struct interval *part, uint64_t *probes)
{
	const uint64_t cursor = __atomic_load_n(&l->cursor, __ATOMIC_ACQUIRE);
	size_t n = untouched(l, cursor, part);

	*probes = 0;
	for (unsigned int g = 0; g < l->gens; g++) {
		for (unsigned int i = 0; i < CHUNKS_OPEN; i++) {
			if (!look_at(&l->slots[g].chunk[i], &part[n], probes))
				return -EAGAIN;
			n += part[n].first < part[n].end;
		}
	}
	if (__atomic_load_n(&l->cursor, __ATOMIC_ACQUIRE) != cursor)
		return -EAGAIN;
	return (int)intervals_merge(part, n);
}
