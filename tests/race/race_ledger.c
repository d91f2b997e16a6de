/* SPDX-License-Identifier: Apache-2.0 */
/* history 16 */
/*
 * The chunk ledger between gens that lease and close and tx threads that accept: every exponent is leased once,
 * and what was accepted adds up, under ThreadSanitizer and without. All the while somebody asks what remains, as
 * checkpoints do: what was accepted and what remains always are the whole.
 */
#include <ck_pr.h>
#include <err.h>
#include <pthread.h>
#include <stdlib.h>

#include "stages/gen/intervals.h"
#include "stages/gen/ledger.h"

#define GENS 3
#define TXS 3 /* threads that accept the probes of each chunk, a third each */
#define EXPONENTS 300000
#define LENGTH 129 /* no multiple of anything */

struct mail { /* one chunk handed from a gen to a tx, by one atomic pointer */
	struct chunk *chunk;
	uint32_t probes;
};

struct race {
	struct ledger *ledger;
	uint8_t *leased; /* times, by exponent */
	struct mail mail[GENS][TXS];
	unsigned int gens_done;
	bool accepted_all;
};

struct worker {
	struct race *race;
	unsigned int index;
	uint64_t accepted;
};

static void send(struct mail *m, struct chunk *chunk, uint32_t probes)
{
	while (__atomic_load_n(&m->chunk, __ATOMIC_ACQUIRE) != NULL)
		ck_pr_stall();
	m->probes = probes;
	__atomic_store_n(&m->chunk, chunk, __ATOMIC_RELEASE);
}

static void *gen(void *arg)
{
	struct worker *w = arg;
	struct race *r = w->race;
	bool end = false;

	while (!end) {
		struct chunk *c = ledger_lease(r->ledger, w->index, LENGTH, &end);

		if (c == NULL) {
			ck_pr_stall();
			continue;
		}
		for (uint64_t e = c->first; e < c->first + c->length; e++)
			r->leased[e]++;
		for (unsigned int t = 0; t < TXS; t++)
			send(&r->mail[w->index][t], c, c->length);
		ledger_close(r->ledger, c, c->length, (uint64_t)TXS * c->length);
	}
	__atomic_add_fetch(&r->gens_done, 1, __ATOMIC_RELEASE);
	return NULL;
}

static void *tx(void *arg)
{
	struct worker *w = arg;
	bool last = false;

	while (!last) {
		last = __atomic_load_n(&w->race->gens_done, __ATOMIC_ACQUIRE) == GENS;
		for (unsigned int g = 0; g < GENS; g++) {
			struct mail *m = &w->race->mail[g][w->index];
			struct chunk *c = __atomic_load_n(&m->chunk, __ATOMIC_ACQUIRE);
			uint32_t left;

			if (c == NULL)
				continue;
			left = m->probes;
			__atomic_store_n(&m->chunk, NULL, __ATOMIC_RELEASE);
			for (; left > 0; left--, w->accepted++)
				chunk_accept(c, 1); /* one by one: as many chances to lose one as there are */
		}
	}
	return NULL;
}

static void *look(void *arg)
{
	struct race *r = arg;
	struct interval *part = calloc(ledger_parts_max(r->ledger), sizeof(*part));
	const struct interval all = { .first = 0, .end = EXPONENTS };
	uint64_t probes, before = 0, looks = 0;
	bool last = false;

	while (!last) {
		int n;

		last = __atomic_load_n(&r->accepted_all, __ATOMIC_ACQUIRE);
		n = ledger_remaining(r->ledger, part, &probes);
		if (n < 0) {
			ck_pr_stall();
			continue;
		}
		looks++;
		if (!intervals_valid(part, (size_t)n, all))
			errx(1, "what remains is no list of intervals");
		if (probes != TXS * (EXPONENTS - intervals_length(part, (size_t)n)) || probes < before)
			errx(1, "%lu probes are settled, and %lu exponents remain", (unsigned long)probes,
			     (unsigned long)intervals_length(part, (size_t)n));
		before = probes;
	}
	if (before != (uint64_t)TXS * EXPONENTS || looks < 2)
		errx(1, "%lu probes are settled in the end, after %lu looks", (unsigned long)before,
		     (unsigned long)looks);
	free(part);
	return NULL;
}

int main(void)
{
	struct race r = { .ledger = ledger_create((struct interval){ .first = 0, .end = EXPONENTS }, GENS,
						  UINT64_MAX),
			  .leased = calloc(EXPONENTS, 1) };
	struct worker g[GENS], t[TXS];
	pthread_t gens[GENS], txs[TXS], looker;
	uint64_t accepted = 0;

	if (r.ledger == NULL || r.leased == NULL)
		errx(1, "out of memory");
	pthread_create(&looker, NULL, look, &r);
	for (unsigned int i = 0; i < TXS; i++) {
		t[i] = (struct worker){ .race = &r, .index = i };
		pthread_create(&txs[i], NULL, tx, &t[i]);
	}
	for (unsigned int i = 0; i < GENS; i++) {
		g[i] = (struct worker){ .race = &r, .index = i };
		pthread_create(&gens[i], NULL, gen, &g[i]);
	}
	for (unsigned int i = 0; i < GENS; i++)
		pthread_join(gens[i], NULL);
	for (unsigned int i = 0; i < TXS; i++) {
		pthread_join(txs[i], NULL);
		accepted += t[i].accepted;
	}
	__atomic_store_n(&r.accepted_all, true, __ATOMIC_RELEASE);
	pthread_join(looker, NULL);
	for (unsigned int e = 0; e < EXPONENTS; e++) {
		if (r.leased[e] != 1)
			errx(1, "exponent %u was leased %u times", e, r.leased[e]);
	}
	if (accepted != (uint64_t)TXS * EXPONENTS)
		errx(1, "%lu accepted of %lu", (unsigned long)accepted, (unsigned long)TXS * EXPONENTS);
	if (!ledger_settled(r.ledger))
		errx(1, "a chunk is not settled: an acceptance was lost");
	ledger_destroy(r.ledger);
	free(r.leased);
	return 0;
}
