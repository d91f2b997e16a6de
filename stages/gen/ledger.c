/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/gen/ledger.h"

#include <errno.h>
#include <stdlib.h>

#include "rings/lines.h"
#include "stages/gen/ledger_layout.h"

/* The parts of pass 0, or the others. */
static int track_init(struct track *t, const struct interval *part, size_t parts, bool fresh)
{
	*t = (struct track){ .part = calloc(parts + 1, sizeof(*t->part)) };
	if (t->part == NULL)
		return -ENOMEM;
	for (size_t i = 0; i < parts; i++) {
		if ((part[i].pass == 0) != fresh)
			continue;
		t->part[t->parts++] = (struct part){ .at = part[i], .before = t->length };
		t->length += part[i].end - part[i].first;
	}
	return 0;
}

struct ledger *ledger_create_spaced(const struct interval *part, size_t parts, unsigned int gens,
				    uint64_t max_targets, const struct ledger_spacing *spacing)
{
	size_t size = sizeof(struct ledger) + gens * sizeof(struct slots);
	struct ledger *l = lines_alloc(size);
	int r;

	if (l == NULL)
		return NULL;
	*l = (struct ledger){
		.later_due_ns = spacing->later_due_ns,
		.spacing_ns = spacing->spacing_ns,
		.passes = spacing->passes,
		.gens = gens,
		.limited = max_targets != UINT64_MAX,
		.budget = max_targets,
	};
	for (unsigned int g = 0; g < gens; g++)
		l->slots[g] = (struct slots){ .next = 0 };
	r = track_init(&l->fresh, part, parts, true);
	if (r == 0)
		r = track_init(&l->later, part, parts, false);
	for (unsigned int g = 0; g < gens && r == 0 && l->passes > 1; g++) {
		l->slots[g].waiting = calloc(1, sizeof(*l->slots[g].waiting));
		r = l->slots[g].waiting != NULL ? 0 : -ENOMEM;
	}
	if (r == 0)
		return l;
	ledger_destroy(l);
	return NULL;
}

struct ledger *ledger_create_over(const struct interval *part, size_t parts, unsigned int gens,
				  uint64_t max_targets)
{
	return ledger_create_spaced(part, parts, gens, max_targets, &(struct ledger_spacing){ .passes = 1 });
}

struct ledger *ledger_create(struct interval interval, unsigned int gens, uint64_t max_targets)
{
	return ledger_create_over(&interval, 1, gens, max_targets);
}

void ledger_destroy(struct ledger *l)
{
	if (l == NULL)
		return;
	for (unsigned int g = 0; g < l->gens; g++)
		free(l->slots[g].waiting);
	free(l->later.part);
	free(l->fresh.part);
	free(l);
}

static bool reusable(const struct chunk *c, uint32_t passes)
{
	return c->state == CHUNK_FREE ||
	       (c->pass + 1 == passes && chunk_settled(c) && c->walked == c->length);
}

struct chunk *slots_find(struct slots *s, uint32_t passes)
{
	for (unsigned int i = 0; i < CHUNKS_OPEN; i++) {
		unsigned int at = (s->next + i) % CHUNKS_OPEN;

		if (reusable(&s->chunk[at], passes)) {
			s->next = (at + 1) % CHUNKS_OPEN;
			return &s->chunk[at];
		}
	}
	return NULL;
}

/* The part in which exponent number `at` of all lies. */
static const struct part *find_part(const struct track *t, uint64_t at)
{
	size_t low = 0, high = t->parts - 1;

	while (low < high) {
		const size_t middle = (low + high + 1) / 2;

		if (t->part[middle].before <= at)
			low = middle;
		else
			high = middle - 1;
	}
	return &t->part[low];
}

/* Up to `length` exponents of one part. False: there are none left. */
static bool take(struct track *t, uint64_t length, struct interval *taken)
{
	uint64_t at = __atomic_load_n(&t->cursor, __ATOMIC_RELAXED);

	while (at < t->length) {
		const struct part *p = find_part(t, at);
		const uint64_t left = p->before + (p->at.end - p->at.first) - at;
		const uint64_t n = left < length ? left : length;

		*taken = p->at;
		taken->first += at - p->before;
		taken->end = taken->first + n;
		/* release: LEASING is seen before the cursor; acquire: what follows is not */
		if (__atomic_compare_exchange_n(&t->cursor, &at, at + n, false, __ATOMIC_ACQ_REL,
						__ATOMIC_RELAXED))
			return true;
	}
	return false;
}

/* Only first probes are told apart by it: -n is about targets. */
void chunk_retire(struct chunk *c)
{
	/* release: who has read one of these finds that the slot, or the cursor, has changed */
	__atomic_store_n(&c->retired, c->retired + (c->pass == 0 ? c->emitted : 0), __ATOMIC_RELEASE);
	__atomic_store_n(&c->emitted, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&c->accepted, 0, __ATOMIC_RELEASE);
	__atomic_store_n(&c->walked, 0, __ATOMIC_RELEASE);
}

void chunk_open(struct chunk *c, struct interval at)
{
	__atomic_store_n(&c->first, at.first, __ATOMIC_RELEASE);
	__atomic_store_n(&c->length, (uint32_t)(at.end - at.first), __ATOMIC_RELEASE);
	__atomic_store_n(&c->pass, at.pass, __ATOMIC_RELEASE);
	__atomic_store_n(&c->state, CHUNK_OPEN, __ATOMIC_RELEASE);
}

bool track_lease(struct track *t, uint64_t length, struct chunk *c)
{
	struct interval taken;
	bool some;

	__atomic_store_n(&c->state, CHUNK_LEASING, __ATOMIC_RELEASE);
	some = take(t, length, &taken);
	chunk_retire(c);
	if (some)
		chunk_open(c, taken);
	else
		__atomic_store_n(&c->state, CHUNK_FREE, __ATOMIC_RELEASE);
	return some;
}

struct chunk *ledger_lease(struct ledger *l, unsigned int g, uint32_t length, bool *end)
{
	struct chunk *c;

	*end = __atomic_load_n(&l->fresh.cursor, __ATOMIC_RELAXED) >= l->fresh.length;
	if (*end)
		return NULL;
	c = slots_find(&l->slots[g], l->passes);
	if (c == NULL)
		return NULL;
	*end = !track_lease(&l->fresh, length, c);
	return *end ? NULL : c;
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
	return __atomic_load_n(&l->fresh.cursor, __ATOMIC_RELAXED);
}

uint64_t ledger_length(const struct ledger *l)
{
	return l->fresh.length;
}

uint64_t ledger_exponent(const struct ledger *l, uint64_t ahead)
{
	const uint64_t at = __atomic_load_n(&l->fresh.cursor, __ATOMIC_ACQUIRE);
	const struct part *p;

	if (at >= l->fresh.length || ahead >= l->fresh.length - at)
		return UINT64_MAX;
	p = find_part(&l->fresh, at + ahead);
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

			if (__atomic_load_n(&c->state, __ATOMIC_ACQUIRE) != CHUNK_FREE && !chunk_settled(c))
				return false;
		}
	return true;
}
