/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/block.h"
#include "stages/gen/domain.h"
#include "stages/gen/prime.h"
#include "stages/gen/walk.h"

static const uint64_t large[] = { 1ULL << 48, (1ULL << 32) * 300, (1ULL << 32) * 1024, (1ULL << 48) - 59,
				  1ULL << 32, (1ULL << 32) - 1,	  3702258688ULL * 1500 };
#define LARGE (sizeof(large) / sizeof(large[0]))

/* Element of an exponent by 128-bit products, straight from the definition. */
static uint64_t element(const struct walk *w, uint64_t exponent)
{
	return prime_pow(w->g, (uint64_t)(((unsigned __int128)exponent + w->offset) % w->order), w->p);
}

/* Walks [first, end) in calls of `steps` and counts each index in seen[]. */
static uint64_t visit(const struct walk *w, uint64_t first, uint64_t end, unsigned int steps, uint8_t *seen)
{
	uint64_t index[256], total = 0;
	struct walk_cursor c;

	walk_seek(w, first, &c);
	while (first < end) {
		unsigned int now = end - first < steps ? (unsigned int)(end - first) : steps;
		unsigned int n = walk_next(w, &c, now, index);

		cr_assert_leq(n, now);
		for (unsigned int i = 0; i < n; i++) {
			cr_assert_lt(index[i], w->n);
			seen[index[i]]++;
		}
		first += now;
		total += n;
	}
	return total;
}

static const struct walk_form *plain_form(void)
{
	const struct walk_form *form = walk_forms;

	while (form[1].name != NULL)
		form++;
	return form;
}

static void visits_all_once(const struct walk *w, const uint8_t *seen)
{
	for (uint64_t i = 0; i < w->n; i++)
		cr_assert_eq(seen[i], 1, "n %lu: index %lu seen %u times", w->n, i, seen[i]);
}

/* history 1 */
Test(walk, is_a_bijection_for_every_small_domain)
{
	uint8_t seen[2000];
	struct walk w;

	for (uint64_t n = 1; n <= 2000; n++)
		for (uint64_t seed = 0; seed < 3; seed++) {
			memset(seen, 0, sizeof(seen));
			walk_init(&w, n, seed);
			cr_assert_eq(visit(&w, 0, w.order, 128, seen), n);
			visits_all_once(&w, seen);
		}
}

/* history 1 */
Test(walk, is_a_bijection_for_odd_sizes)
{
	static const uint64_t sizes[] = { 65535,  65536,   65537,   99991,	   131071,	     262147,
					  524287, 1000003, 1 << 20, (1 << 20) + 1, 3 * 5 * 13 * 1021 };
	uint8_t *seen = malloc(1100000);
	struct walk w;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		memset(seen, 0, 1100000);
		walk_init(&w, sizes[i], UINT64_MAX - i);
		cr_assert_eq(visit(&w, 0, w.order, 8 << i % 5, seen), sizes[i]);
		visits_all_once(&w, seen);
	}
	free(seen);
}

/* history 3 */
Test(walk, generator_has_full_order_in_the_largest_groups)
{
	for (size_t i = 0; i < LARGE; i++)
		for (uint64_t seed = 0; seed < 20; seed++) {
			uint64_t factor[PRIME_FACTORS_MAX];
			struct walk w;

			walk_init(&w, large[i], seed);
			cr_assert(w.p > w.n && prime_is(w.p) && w.p == prime_next(w.n));
			cr_assert_eq(w.order, w.p - 1);
			cr_assert(w.g > 1 && w.g < w.p - 1);
			cr_assert_lt(w.offset, w.order);
			unsigned int factors = prime_factors(w.order, factor);
			for (unsigned int f = 0; f < factors; f++)
				cr_assert_neq(prime_pow(w.g, w.order / factor[f], w.p), 1);
			cr_assert_eq(prime_pow(w.g, w.order, w.p), 1);
		}
}

/* history 4 */
Test(walk, seed_0_and_every_other_give_a_generator)
{
	static const uint64_t sizes[] = { 3, 4, 1000, 65536, 1ULL << 32, 1ULL << 48 },
			      seeds[] = { 0, 1, 1 << 22, UINT64_MAX };

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++)
		for (size_t s = 0; s < sizeof(seeds) / sizeof(seeds[0]); s++) {
			uint64_t factor[PRIME_FACTORS_MAX];
			struct walk w;

			walk_init(&w, sizes[i], seeds[s]);
			cr_assert(w.g > 1 && w.g < w.p, "n %lu, seed %lu: g %lu", sizes[i], seeds[s], w.g);
			for (unsigned int f = 0, n = prime_factors(w.order, factor); f < n; f++)
				cr_assert_neq(prime_pow(w.g, w.order / factor[f], w.p), 1);
		}
}

/* history 2 */
Test(walk, next_equals_the_definition)
{
	uint64_t draw = 7, index[128];

	for (size_t i = 0; i < LARGE; i++) {
		struct walk_cursor c;
		struct walk w;

		walk_init(&w, large[i], i);
		/* many steps in a row from the start, by a product each */
		uint64_t x = element(&w, 0);
		walk_seek(&w, 0, &c);
		for (int call = 0; call < 2000; call++) {
			unsigned int n = walk_next(&w, &c, 128, index), at = 0;

			for (int k = 0; k < 128; k++) {
				if (x <= w.n)
					cr_assert(at < n && index[at++] == x - 1, "n %lu", w.n);
				x = prime_mul(x, w.g, w.p);
			}
			cr_assert_eq(at, n);
		}
		/* and at random exponents */
		for (int k = 0; k < 2000; k++) {
			draw = draw * 6364136223846793005ULL + 1442695040888963407ULL;
			uint64_t e = (draw >> 8) % w.order;
			walk_seek(&w, e, &c);
			for (unsigned int j = 0; j < WALK_LANES; j++)
				cr_assert_eq(c.lane[j], element(&w, (e + j) % w.order));
		}
	}
}

Test(walk, seek_equals_steps)
{
	static const unsigned int distance[] = { 0, 8, 64, 128, 1000 * 8 };
	uint64_t index[1000 * 8];

	for (size_t i = 0; i < LARGE; i++) {
		struct walk w;

		walk_init(&w, large[i], 5);
		for (size_t k = 0; k < sizeof(distance) / sizeof(distance[0]); k++) {
			struct walk_cursor walked, sought;

			walk_seek(&w, w.order - 4000, &walked); /* across the end of the cycle too */
			walk_next(&w, &walked, distance[k], index);
			walk_seek(&w, (w.order - 4000 + distance[k]) % w.order, &sought);
			cr_assert_arr_eq(&walked, &sought, sizeof(walked));
		}
	}
}

#define N 5000

Test(walk, call_length_does_not_change_the_order)
{
	uint64_t whole[N + 64], part[N + 64];
	struct walk_cursor c;
	struct walk w;

	walk_init(&w, N, 11);
	walk_seek(&w, 0, &c);
	cr_assert_eq(walk_next(&w, &c, (unsigned int)w.order, whole), N);
	for (unsigned int steps = 8; steps <= 128; steps += 8) {
		unsigned int got = 0;

		walk_seek(&w, 0, &c);
		for (unsigned int e = 0; e < w.order; e += steps)
			got += walk_next(&w, &c, e + steps < w.order ? steps : (unsigned int)w.order - e,
					 part + got);
		cr_assert_eq(got, N);
		cr_assert_arr_eq(part, whole, N * sizeof(*whole));
	}
}

Test(walk, ragged_last_call)
{
	uint64_t whole[64], part[64];
	struct walk_cursor c;
	struct walk w;

	walk_init(&w, 1ULL << 40, 1);
	walk_seek(&w, 99, &c);
	cr_assert_eq(walk_next(&w, &c, 64, whole), 64);
	for (unsigned int steps = 0; steps <= 64; steps++) {
		walk_seek(&w, 99, &c);
		cr_assert_eq(walk_next(&w, &c, steps, part), steps);
		cr_assert_arr_eq(part, whole, steps * sizeof(*part));
	}
}

Test(walk, does_not_write_past_the_rounded_steps)
{
	uint64_t index[24];
	struct walk_cursor c;
	struct walk w;

	walk_init(&w, 1 << 20, 1);
	for (unsigned int steps = 0; steps <= 16; steps++) {
		for (unsigned int i = 0; i < 24; i++)
			index[i] = UINT64_MAX;
		walk_seek(&w, 0, &c);
		walk_next(&w, &c, steps, index);
		for (unsigned int i = (steps + 7) / 8 * 8; i < 24; i++)
			cr_assert_eq(index[i], UINT64_MAX, "%u steps wrote index[%u]", steps, i);
	}
}

/* Indices, their number and where the cursor stands after, for calls of every length. */
static void equals_plain(const struct walk_form *form, uint64_t n, uint64_t seed, uint64_t at,
			 unsigned int calls)
{
	uint64_t want[BLOCK_ITEMS + 1], got[BLOCK_ITEMS + 1], draw = seed;
	struct walk_cursor a, b;
	struct walk w;

	walk_init(&w, n, seed);
	walk_seek(&w, at % w.order, &a);
	b = a;
	for (unsigned int call = 0; call < calls; call++) {
		draw = draw * 6364136223846793005ULL + 1442695040888963407ULL;
		unsigned int steps = (unsigned int)(draw >> 33) % (BLOCK_ITEMS + 1),
			     room = (steps + 7) / 8 * 8;

		want[room] = got[room] = 0x5a5a5a5a;
		unsigned int kept = plain_form()->fn(&w, &a, steps, want);
		cr_assert_eq(form->fn(&w, &b, steps, got), kept, "%s: n %lu, %u steps", form->name, n, steps);
		cr_assert_arr_eq(got, want, kept * sizeof(*want), "%s: n %lu, %u steps", form->name, n,
				 steps);
		cr_assert_eq(got[room], 0x5a5a5a5a, "%s: %u steps", form->name, steps);
		cr_assert_arr_eq(&a, &b, sizeof(a), "%s: n %lu, %u steps", form->name, n, steps);
	}
}

Test(walk, every_form_equals_the_plain_one)
{
	uint64_t draw = 3;

	for (const struct walk_form *form = walk_forms; form->name != NULL; form++) {
		if (!form->supported())
			continue;
		for (uint64_t n = 1; n < 300;
		     n++) /* the end of the cycle and what is rolled over, in every row */
			equals_plain(form, n, n, n, 100);
		for (size_t i = 0; i < LARGE; i++) {
			equals_plain(form, large[i], i, 0, 2000);
			equals_plain(form, large[i], i, UINT64_MAX, 100);
		}
		for (unsigned int i = 0; i < 300; i++) {
			draw = draw * 6364136223846793005ULL + 1442695040888963407ULL;
			equals_plain(form, (draw >> 16 >> draw % 40) + 1, i, draw, 100);
		}
	}
}

/* The words of the form that takes the narrowest ones: x = p - 1 and the elements beside it, with every factor near an end. */
Test(walk, every_form_is_exact_at_the_ends)
{
	for (const struct walk_form *form = walk_forms; form->name != NULL; form++) {
		if (!form->supported())
			continue;
		for (size_t i = 0; i < LARGE; i++)
			for (uint64_t k = 0; k < 64; k++) {
				struct walk_cursor a = { 0 }, b;
				uint64_t want[BLOCK_ITEMS], got[BLOCK_ITEMS];
				struct walk w;

				walk_init(&w, large[i], k);
				for (unsigned int j = 0; j < WALK_LANES; j++)
					a.lane[j] = j % 2 != 0 ? 1 + k * 8 + j : w.p - 1 - k * 8 - j;
				b = a;
				unsigned int kept = plain_form()->fn(&w, &a, BLOCK_ITEMS, want);
				cr_assert_eq(form->fn(&w, &b, BLOCK_ITEMS, got), kept);
				cr_assert_arr_eq(got, want, kept * sizeof(*want), "%s", form->name);
			}
	}
}

Test(walk, the_best_form_is_chosen)
{
	const struct walk_form *form = walk_forms;
	struct walk w;

	walk_init(&w, 1000, 1);
	while (!form->supported())
		form++;
	cr_assert_eq(w.next, form->fn);
	cr_assert_str_eq(plain_form()->name, "plain");
	cr_assert(plain_form()->supported());
}

Test(walk, seeds_give_other_orders_and_one_seed_the_same)
{
	struct walk a, b;

	walk_init(&a, 1ULL << 32, 42);
	walk_init(&b, 1ULL << 32, 42);
	cr_assert_arr_eq(&a, &b, sizeof(a));
	walk_init(&b, 1ULL << 32, 43);
	cr_assert(a.g != b.g && a.offset != b.offset);
	walk_init(&b, (1ULL << 32) - 1, 42);
	cr_assert(a.g != b.g && a.offset != b.offset);
}

/* Pinned: a change here breaks the shards of hosts that do not run the same build. */
/* history 5 */
Test(walk, order_is_the_same_on_every_build)
{
	struct walk w;

	walk_init(&w, 1ULL << 32, 1);
	cr_assert_eq(w.g, 1188382114);
	cr_assert_eq(w.offset, 3969489565);
	cr_assert_eq(element(&w, 0), 25751444);
}

/* history 5 */
Test(walk, shards_partition_the_order)
{
	static const uint32_t counts[] = { 1, 2, 3, 7, 255, 65536, UINT32_MAX };
	static const uint64_t sizes[] = { 1, 2, 6, 1000, 1ULL << 32, 1ULL << 48 };

	for (size_t s = 0; s < sizeof(sizes) / sizeof(sizes[0]); s++)
		for (size_t c = 0; c < sizeof(counts) / sizeof(counts[0]); c++) {
			uint64_t at = 0, least = UINT64_MAX, most = 0;
			struct walk w;

			walk_init(&w, sizes[s], 3);
			for (uint32_t i = 0; i < counts[c] && i < 70000; i++) {
				struct interval shard = walk_shard(&w, i, counts[c]);
				uint64_t length = shard.end - shard.first;

				cr_assert_eq(shard.first, at);
				cr_assert_leq(shard.first, shard.end);
				at = shard.end;
				least = length < least ? length : least;
				most = length > most ? length : most;
			}
			cr_assert_leq(most - least, 1);
			struct interval last = walk_shard(&w, counts[c] - 1, counts[c]);
			cr_assert_eq(last.end, w.order);
			if (counts[c] < 70000)
				cr_assert_eq(at, w.order);
		}
}

/* history 5 */
Test(walk, every_mix_of_shards_and_chunks_visits_once)
{
	static const uint32_t shards[] = { 1, 2, 3, 7, 255 };
	static const uint32_t chunks[] = { 1, 5, 128, 136, 1000, 1 << 20 };
	uint8_t seen[4099];

	for (size_t s = 0; s < sizeof(shards) / sizeof(shards[0]); s++)
		for (size_t k = 0; k < sizeof(chunks) / sizeof(chunks[0]); k++) {
			struct walk w;

			walk_init(&w, sizeof(seen), s * 10 + k);
			memset(seen, 0, sizeof(seen));
			for (uint32_t i = 0; i < shards[s]; i++) {
				struct interval v = walk_shard(&w, i, shards[s]);

				for (uint64_t e = v.first; e < v.end; e += chunks[k])
					visit(&w, e, e + chunks[k] < v.end ? e + chunks[k] : v.end, 64, seen);
			}
			visits_all_once(&w, seen);
		}
}

Test(walk, starts_fast)
{
	struct walk w;
	uint64_t sum = 0;

	/* 2000 set-ups of the largest groups; a slow factorisation would take minutes */
	for (uint64_t i = 0; i < 2000; i++) {
		walk_init(&w, (1ULL << 48) - i * 1000003, i);
		sum += w.g;
	}
	cr_assert_neq(sum, 0);
}
