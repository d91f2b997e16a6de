/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <pthread.h>
#include <stdlib.h>

#include "stages/gen/ledger.h"

Test(ledger, leases_follow_each_other_and_the_last_is_short)
{
	struct ledger *l = ledger_create((struct interval){ .first = 1000, .end = 1300 }, 1, UINT64_MAX);
	struct chunk *a, *b, *c;
	bool end;

	cr_assert_eq(ledger_leased(l), 0);
	cr_assert(ledger_settled(l));
	a = ledger_lease(l, 0, 128, &end);
	b = ledger_lease(l, 0, 128, &end);
	c = ledger_lease(l, 0, 128, &end);
	cr_assert(a->first == 1000 && a->length == 128);
	cr_assert(b->first == 1128 && b->length == 128);
	cr_assert(c->first == 1256 && c->length == 44);
	cr_assert_not(end);
	cr_assert_eq(ledger_leased(l), 300);
	cr_assert_null(ledger_lease(l, 0, 128, &end));
	cr_assert(end);
	cr_assert_eq(ledger_leased(l), 300);
	cr_assert_eq(ledger_length(l), 300);
	cr_assert_eq(ledger_gens(l), 1);
	ledger_destroy(l);
}

Test(ledger, an_empty_interval_ends_at_once)
{
	struct ledger *l = ledger_create((struct interval){ .first = 7, .end = 7 }, 1, UINT64_MAX);
	bool end = false;

	cr_assert_null(ledger_lease(l, 0, 128, &end));
	cr_assert(end);
	cr_assert(ledger_settled(l));
	ledger_destroy(l);
}

Test(ledger, a_chunk_is_settled_when_closed_and_accepted)
{
	struct ledger *l = ledger_create((struct interval){ .first = 0, .end = 1000 }, 1, UINT64_MAX);
	bool end;
	struct chunk *c = ledger_lease(l, 0, 128, &end);

	cr_assert_not(ledger_settled(l));
	chunk_accept(c, 100);
	cr_assert_not(ledger_settled(l));
	ledger_close(l, c, 128, 127); /* one was rolled over */
	cr_assert_not(ledger_settled(l));
	chunk_accept(c, 27);
	cr_assert(ledger_settled(l));
	ledger_destroy(l);
}

Test(ledger, chunks_on_their_way_stall_their_gen_and_only_it)
{
	struct ledger *l = ledger_create((struct interval){ .first = 0, .end = 1 << 20 }, 2, UINT64_MAX);
	struct chunk *c[CHUNKS_OPEN], *again;
	bool end;

	for (int i = 0; i < CHUNKS_OPEN; i++) {
		c[i] = ledger_lease(l, 0, 128, &end);
		cr_assert_not_null(c[i]);
		cr_assert_eq((uintptr_t)c[i] % CACHE_LINE, 0);
		ledger_close(l, c[i], 128, 128);
	}
	cr_assert_null(ledger_lease(l, 0, 128, &end));
	cr_assert_not(end);
	cr_assert_not_null(ledger_lease(l, 1, 128, &end));
	chunk_accept(c[9], 127);
	cr_assert_null(ledger_lease(l, 0, 128, &end));
	chunk_accept(c[9], 1);
	again = ledger_lease(l, 0, 256, &end);
	cr_assert_eq(again, c[9]);
	cr_assert(again->first == (CHUNKS_OPEN + 1) * 128 && again->length == 256);
	cr_assert(again->emitted == 0 && again->accepted == 0 && again->state == CHUNK_OPEN);
	ledger_destroy(l);
}

Test(ledger, a_chunk_cut_short_tells_what_remains)
{
	struct ledger *l = ledger_create((struct interval){ .first = 0, .end = 1 << 20 }, 1, UINT64_MAX);
	bool end;
	struct chunk *c = ledger_lease(l, 0, 1024, &end), *other;

	chunk_accept(c, 300);
	ledger_close(l, c, 301, 300);
	cr_assert(ledger_settled(l));
	for (int i = 0; i < 3 * CHUNKS_OPEN; i++) {
		other = ledger_lease(l, 0, 128, &end);
		cr_assert_neq(other, c);
		ledger_close(l, other, 128, 0);
	}
	cr_assert(c->first == 0 && c->length == 1024 && c->walked == 301 && c->emitted == 300);
	ledger_destroy(l);
}

Test(ledger, leases_lie_within_one_part)
{
	const struct interval part[] = { { 10, 20, 0 }, { 30, 31, 0 }, { 100, 400, 0 } };
	struct ledger *l = ledger_create_over(part, 3, 2, UINT64_MAX);
	const struct interval expected[] = {
		{ 10, 20, 0 }, { 30, 31, 0 }, { 100, 228, 0 }, { 228, 356, 0 }, { 356, 400, 0 }
	};
	struct chunk *c;
	bool end;

	cr_assert_eq(ledger_length(l), 311);
	for (size_t i = 0; i < 5; i++) {
		c = ledger_lease(l, i % 2, 128, &end);
		cr_assert_not_null(c);
		cr_assert(c->first == expected[i].first && c->first + c->length == expected[i].end);
	}
	cr_assert_null(ledger_lease(l, 0, 128, &end));
	cr_assert(end);
	cr_assert_eq(ledger_leased(l), 311);
	ledger_destroy(l);
	l = ledger_create_over(NULL, 0, 1, UINT64_MAX);
	cr_assert_null(ledger_lease(l, 0, 128, &end));
	cr_assert(end);
	ledger_destroy(l);
}

static void check_remaining(const struct ledger *l, const struct interval *expected, int n, uint64_t probes)
{
	struct interval part[256];
	uint64_t found;

	cr_assert_leq(ledger_parts_max(l), 256);
	cr_assert_eq(ledger_remaining(l, part, &found), n);
	for (int i = 0; i < n; i++)
		cr_assert(part[i].first == expected[i].first && part[i].end == expected[i].end,
			  "part %d is %lu-%lu", i, part[i].first, part[i].end);
	cr_assert_eq(found, probes, "%lu probes", found);
}

Test(ledger, what_remains)
{
	const struct interval part[] = { { 0, 300, 0 }, { 1000, 2000, 0 } };
	struct ledger *l = ledger_create_over(part, 2, 1, UINT64_MAX);
	struct chunk *a, *b, *c;
	bool end;

	check_remaining(l, part, 2, 0);
	a = ledger_lease(l, 0, 128, &end);
	b = ledger_lease(l, 0, 128, &end);
	c = ledger_lease(l, 0, 44, &end);
	check_remaining(l, part, 2, 0); /* all open */
	ledger_close(l, b, 128, 120);
	chunk_accept(b, 119);
	check_remaining(l, part, 2, 0); /* closed, one probe is not on the wire */
	chunk_accept(b, 1);
	check_remaining(l, (struct interval[]){ { 0, 128, 0 }, { 256, 300, 0 }, { 1000, 2000, 0 } }, 3, 120);
	chunk_accept(a, 128); /* open: more may come */
	check_remaining(l, (struct interval[]){ { 0, 128, 0 }, { 256, 300, 0 }, { 1000, 2000, 0 } }, 3, 120);
	ledger_close(l, a, 128, 128);
	check_remaining(l, (struct interval[]){ { 256, 300, 0 }, { 1000, 2000, 0 } }, 2, 248);
	ledger_close(l, c, 4, 4); /* cut short by a stop */
	check_remaining(l, (struct interval[]){ { 256, 300, 0 }, { 1000, 2000, 0 } }, 2, 248);
	chunk_accept(c, 4);
	check_remaining(l, (struct interval[]){ { 260, 300, 0 }, { 1000, 2000, 0 } }, 2, 252);
	for (int i = 0; i < 200; i++) { /* slots are used again, what they held stays counted */
		b = ledger_lease(l, 0, 5, &end);
		cr_assert_not_null(b);
		chunk_accept(b, 4);
		ledger_close(l, b, 5, 4);
	}
	check_remaining(l, (struct interval[]){ { 260, 300, 0 } }, 1, 252 + 800);
	cr_assert_null(ledger_lease(l, 0, 5, &end));
	check_remaining(l, (struct interval[]){ { 260, 300, 0 } }, 1, 252 + 800);
	ledger_destroy(l);
}

Test(ledger, budget)
{
	struct ledger *l = ledger_create((struct interval){ .first = 0, .end = 1000 }, 1, 100);

	cr_assert(ledger_limited(l));
	cr_assert_eq(ledger_budget(l, 60), 60);
	cr_assert_eq(ledger_budget(l, 0), 0);
	cr_assert_eq(ledger_budget(l, 60), 40);
	cr_assert_eq(ledger_budget(l, 60), 0);
	ledger_destroy(l);
	l = ledger_create((struct interval){ .first = 0, .end = 1000 }, 1, 0);
	cr_assert_eq(ledger_budget(l, 1), 0);
	ledger_destroy(l);
	l = ledger_create((struct interval){ .first = 0, .end = 1000 }, 1, UINT64_MAX);
	cr_assert_not(ledger_limited(l));
	ledger_destroy(l);
}

/*
 * Two gens lease and emit on threads of their own; two txs accept what the gens publish, each the
 * half of every chunk. Every exponent is leased once, and all settles.
 */
#define EXPONENTS 4000001
#define GENS 2
#define TXS 2

struct mail { /* one chunk from a gen to a tx */
	struct chunk *chunk;
	uint32_t probes;
};

struct race {
	struct ledger *ledger;
	uint8_t *leased;
	uint64_t budget[GENS];
	struct mail mail[GENS][TXS][CHUNKS_OPEN];
	uint64_t sent[GENS][TXS], taken[GENS][TXS];
	bool over[GENS];
};

struct racer {
	struct race *race;
	unsigned int index;
	pthread_t thread;
};

static void post(struct race *r, unsigned int gen, unsigned int tx, struct chunk *c, uint32_t probes)
{
	uint64_t at = r->sent[gen][tx];

	while (at - __atomic_load_n(&r->taken[gen][tx], __ATOMIC_ACQUIRE) >= CHUNKS_OPEN)
		sched_yield();
	r->mail[gen][tx][at % CHUNKS_OPEN] = (struct mail){ c, probes };
	__atomic_store_n(&r->sent[gen][tx], at + 1, __ATOMIC_RELEASE);
}

static void *gen_main(void *argument)
{
	struct racer *me = argument;
	struct race *r = me->race;
	uint32_t length = 128;
	bool end = false;

	for (;;) {
		struct chunk *c = ledger_lease(r->ledger, me->index, length, &end);

		if (end)
			break;
		if (c == NULL) {
			sched_yield();
			continue;
		}
		for (uint64_t e = c->first; e < c->first + c->length; e++)
			__atomic_fetch_add(&r->leased[e], 1, __ATOMIC_RELAXED);
		r->budget[me->index] += ledger_budget(r->ledger, c->length);
		post(r, me->index, 0, c, c->length / 2);
		post(r, me->index, 1, c, c->length - c->length / 2);
		ledger_close(r->ledger, c, c->length, c->length);
		length = length == 1024 ? 128 : length + 8;
	}
	__atomic_store_n(&r->over[me->index], true, __ATOMIC_RELEASE);
	return NULL;
}

static void *tx_main(void *argument)
{
	struct racer *me = argument;
	struct race *r = me->race;
	unsigned int over;

	do {
		over = 0;
		for (unsigned int g = 0; g < GENS; g++) {
			bool last = __atomic_load_n(&r->over[g], __ATOMIC_ACQUIRE);
			uint64_t at = r->taken[g][me->index];

			if (at == __atomic_load_n(&r->sent[g][me->index], __ATOMIC_ACQUIRE)) {
				over += last;
				sched_yield();
				continue;
			}
			struct mail m = r->mail[g][me->index][at % CHUNKS_OPEN];
			while (m.probes-- > 0) /* one by one: the other tx adds to the same chunk */
				chunk_accept(m.chunk, 1);
			__atomic_store_n(&r->taken[g][me->index], at + 1, __ATOMIC_RELEASE);
		}
	} while (over < GENS);
	return NULL;
}

Test(ledger, two_gens_and_two_txs)
{
	struct race *r = calloc(1, sizeof(*r));
	struct racer gen[GENS], tx[TXS];

	r->ledger = ledger_create((struct interval){ .first = 0, .end = EXPONENTS }, GENS, EXPONENTS - 5);
	r->leased = calloc(EXPONENTS, 1);
	for (unsigned int i = 0; i < GENS; i++) {
		gen[i] = (struct racer){ .race = r, .index = i };
		tx[i] = (struct racer){ .race = r, .index = i };
		cr_assert_eq(pthread_create(&gen[i].thread, NULL, gen_main, &gen[i]), 0);
		cr_assert_eq(pthread_create(&tx[i].thread, NULL, tx_main, &tx[i]), 0);
	}
	for (unsigned int i = 0; i < GENS; i++) {
		pthread_join(gen[i].thread, NULL);
		pthread_join(tx[i].thread, NULL);
	}
	for (uint64_t e = 0; e < EXPONENTS; e++)
		cr_assert_eq(r->leased[e], 1, "exponent %lu", e);
	cr_assert_eq(r->budget[0] + r->budget[1], EXPONENTS - 5);
	cr_assert(ledger_settled(r->ledger));
	cr_assert_eq(ledger_leased(r->ledger), EXPONENTS);
	ledger_destroy(r->ledger);
	free(r->leased);
	free(r);
}

/* The same calls with nothing in between: an update that is not atomic is lost at once. */
#define ROUNDS 1000000
#define ACCEPTS (20 * ROUNDS)
#define LEASES (8 * ROUNDS)

struct contender {
	struct ledger *ledger;
	struct chunk *shared;
	uint8_t *leased;
	unsigned int index;
	uint64_t budget;
	pthread_barrier_t *start;
	pthread_t thread;
};

static void *contend(void *argument)
{
	struct contender *me = argument;
	struct chunk *c;
	bool end;

	pthread_barrier_wait(me->start);
	for (int i = 0; i < ACCEPTS; i++)
		chunk_accept(me->shared, 1);
	pthread_barrier_wait(me->start);
	for (int i = 0; i < ROUNDS; i++)
		me->budget += ledger_budget(me->ledger, 1);
	pthread_barrier_wait(me->start);
	while ((c = ledger_lease(me->ledger, me->index, 1, &end)) != NULL) {
		__atomic_fetch_add(&me->leased[c->first], 1, __ATOMIC_RELAXED);
		ledger_close(me->ledger, c, c->length, 0); /* settled as it is: nothing was emitted */
	}
	return NULL;
}

Test(ledger, contention)
{
	struct ledger *l = ledger_create((struct interval){ .first = 0, .end = LEASES }, 3, 3 * ROUNDS / 2);
	struct contender who[2];
	pthread_barrier_t start;
	bool end;
	struct chunk *shared = ledger_lease(l, 2, 1, &end);
	uint8_t *leased = calloc(LEASES, 1);

	leased[0] = 1;
	pthread_barrier_init(&start, NULL, 2);
	for (unsigned int i = 0; i < 2; i++) {
		who[i] = (struct contender){ l, shared, leased, i, 0, &start, 0 };
		cr_assert_eq(pthread_create(&who[i].thread, NULL, contend, &who[i]), 0);
	}
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(who[i].thread, NULL);
	pthread_barrier_destroy(&start);
	ledger_close(l, shared, 1, 2 * ACCEPTS);
	cr_assert(ledger_settled(l), "%lu accepted", shared->accepted);
	cr_assert_eq(who[0].budget + who[1].budget, 3 * ROUNDS / 2);
	for (int i = 0; i < LEASES; i++)
		cr_assert_eq(leased[i], 1, "chunk %d was leased %u times", i, leased[i]);
	ledger_destroy(l);
	free(leased);
}
