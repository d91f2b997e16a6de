/* SPDX-License-Identifier: Apache-2.0 */
/* history 16 */
/*
 * The chunk ledger between gens that lease and close and tx threads that accept: every exponent is leased once,
 * and what was accepted adds up, under ThreadSanitizer and without. All the while somebody asks what remains, as
 * checkpoints do: what was accepted and what remains always are the whole. Once more where every exponent has three
 * passes: a chunk moves from its slot to the list of those that wait, and back, under the eyes of who asks.
 */
#include <ck_pr.h>
#include <err.h>
#include <pthread.h>
#include <stdlib.h>

#include "anyscan/clock.h"
#include "stages/gen/intervals.h"
#include "stages/gen/ledger.h"

#define GENS 3
#define TXS 3 /* threads that accept the probes of each chunk, a third each */
#define EXPONENTS 300000 /* fewer where there are more passes */
#define LENGTH 129 /* no multiple of anything */

/*
 * One chunk handed from a gen to a tx, by one atomic pointer. There is one for each chunk that a gen may have open: gens
 * outrun txs, which accept one by one, until all slots are on their way, and each is taken again the moment it
 * is settled. With fewer a gen would always find one that is free, and nobody would notice if it took another.
 */
struct mail {
	struct chunk *chunk;
	uint32_t probes;
};

struct race {
	struct ledger *ledger;
	uint32_t passes;
	uint64_t exponents;
	uint8_t *leased; /* times, by exponent */
	struct mail mail[GENS][TXS][CHUNKS_OPEN];
	unsigned int gens_done;
	bool accepted_all;
};

struct worker {
	struct race *race;
	unsigned int index;
	unsigned int sent; /* chunks, by a gen */
	uint64_t stalled; /* looks of a gen that met no slot to lease into */
	uint64_t accepted;
};

static void send(struct mail *m, struct chunk *chunk, uint32_t probes)
{
	while (__atomic_load_n(&m->chunk, __ATOMIC_ACQUIRE) != NULL)
		ck_pr_stall();
	m->probes = probes;
	__atomic_store_n(&m->chunk, chunk, __ATOMIC_RELEASE);
}

static struct chunk *lease(const struct worker *w, bool *end)
{
	struct ledger *l = w->race->ledger;
	struct chunk *c;
	uint64_t again;

	if (w->race->passes == 1)
		return ledger_lease(l, w->index, LENGTH, end);
	c = ledger_lease_spaced(l, w->index, LENGTH, true, clock_mono_ns(), &again);
	*end = c == NULL && again == UINT64_MAX;
	return c;
}

static void *gen(void *arg)
{
	struct worker *w = arg;
	struct race *r = w->race;
	bool end = false;

	while (!end) {
		struct chunk *c = lease(w, &end);

		if (c == NULL) {
			w->stalled += !end;
			ck_pr_stall();
			continue;
		}
		for (uint64_t e = c->first; e < c->first + c->length; e++)
			if (r->leased[e]++ != c->pass)
				errx(1, "exponent %lu: pass %u out of turn", (unsigned long)e, c->pass);
		for (unsigned int t = 0; t < TXS; t++)
			send(&r->mail[w->index][t][w->sent % CHUNKS_OPEN], c, c->length);
		w->sent++;
		ledger_close(r->ledger, c, c->length, (uint64_t)TXS * c->length);
	}
	__atomic_add_fetch(&r->gens_done, 1, __ATOMIC_RELEASE);
	return NULL;
}

/* False: there is none. */
static bool receive(struct worker *w, struct mail *m)
{
	struct chunk *c = __atomic_load_n(&m->chunk, __ATOMIC_ACQUIRE);
	uint32_t left;

	if (c == NULL)
		return false;
	left = m->probes;
	__atomic_store_n(&m->chunk, NULL, __ATOMIC_RELEASE);
	for (; left > 0; left--, w->accepted++)
		chunk_accept(c, 1); /* one by one: as many chances to lose one as there are */
	return true;
}

static void *tx(void *arg)
{
	struct worker *w = arg;
	unsigned int received[GENS] = { 0 };
	bool last = false;

	while (!last) {
		last = __atomic_load_n(&w->race->gens_done, __ATOMIC_ACQUIRE) == GENS;
		for (unsigned int g = 0; g < GENS; g++)
			while (receive(w, &w->race->mail[g][w->index][received[g] % CHUNKS_OPEN]))
				received[g]++;
	}
	return NULL;
}

/* Of all exponents, those that had the first of their passes. */
static uint64_t begun(const struct race *r, const struct interval *part, int n)
{
	uint64_t left = 0;

	for (int i = 0; i < n; i++)
		left += part[i].pass == 0 ? part[i].end - part[i].first : 0;
	return r->exponents - left;
}

/* Passes of exponents. */
static uint64_t left_to_do(const struct race *r, const struct interval *part, int n)
{
	uint64_t left = 0;

	for (int i = 0; i < n; i++)
		left += (part[i].end - part[i].first) * (r->passes - part[i].pass);
	return left;
}

static void *look(void *arg)
{
	struct race *r = arg;
	struct interval *part = calloc(ledger_parts_max(r->ledger), sizeof(*part));
	const struct interval all = { .first = 0, .end = r->exponents };
	uint64_t probes, before = 0, left = UINT64_MAX, looks = 0;
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
		if (probes != TXS * begun(r, part, n) || probes < before)
			errx(1, "%lu probes are settled, and of %lu exponents the first pass",
			     (unsigned long)probes, (unsigned long)begun(r, part, n));
		if (left_to_do(r, part, n) > left)
			errx(1, "%lu passes are left, and %lu were", (unsigned long)left_to_do(r, part, n),
			     (unsigned long)left);
		left = left_to_do(r, part, n);
		before = probes;
	}
	if (before != TXS * r->exponents || left != 0 || looks < 2)
		errx(1, "%lu probes are settled in the end, after %lu looks", (unsigned long)before,
		     (unsigned long)looks);
	free(part);
	return NULL;
}

static void race(uint32_t passes)
{
	const uint64_t exponents = EXPONENTS / passes / passes;
	const struct interval all = { .first = 0, .end = exponents };
	const struct ledger_spacing spacing = { .passes = passes, .spacing_ns = 1 };
	struct race r = { .ledger = ledger_create_spaced(&all, 1, GENS, UINT64_MAX, &spacing),
			  .passes = passes,
			  .exponents = exponents,
			  .leased = calloc(exponents, 1) };
	struct worker g[GENS], t[TXS];
	pthread_t gens[GENS], txs[TXS], looker;
	uint64_t accepted = 0, stalled = 0;

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
	for (unsigned int i = 0; i < GENS; i++) {
		pthread_join(gens[i], NULL);
		stalled += g[i].stalled;
	}
	for (unsigned int i = 0; i < TXS; i++) {
		pthread_join(txs[i], NULL);
		accepted += t[i].accepted;
	}
	__atomic_store_n(&r.accepted_all, true, __ATOMIC_RELEASE);
	pthread_join(looker, NULL);
	for (unsigned int e = 0; e < exponents; e++) {
		if (r.leased[e] != passes)
			errx(1, "exponent %u was leased %u times", e, r.leased[e]);
	}
	if (accepted != TXS * exponents * passes)
		errx(1, "%lu accepted of %lu", (unsigned long)accepted,
		     (unsigned long)(TXS * exponents * passes));
	if (stalled == 0)
		errx(1, "no gen ever had all its slots on their way: what happens then was not tried");
	if (!ledger_settled(r.ledger))
		errx(1, "a chunk is not settled: an acceptance was lost");
	ledger_destroy(r.ledger);
	free(r.leased);
}

int main(void)
{
	race(1);
	race(3);
	return 0;
}
