/* SPDX-License-Identifier: Apache-2.0 */
/* What stalls cost, and how the bucket makes up for it. Times are ns after START unless they are of the clock. */
#include <criterion/criterion.h>
#include <pthread.h>

#include "anyscan/clock.h"
#include "stages/tx/bucket.h"

#define START 1000000000000ULL
#define MS 1000000ULL
#define TICKS 64 /* of the clock, a nanosecond */

/* The departure of the next probe; the clock stands at it then. */
static uint64_t depart(struct bucket *b, double rate, uint64_t *now)
{
	uint64_t due;

	cr_assert_eq(bucket_lease(b, rate, *now, 1, &due), 1);
	if (due > *now)
		*now = due;
	return due - START;
}

/* The first probe leaves at START, the second 11 ms later: 10 ms late, of which 0.992188 ms are the burst's. */
static void stall(struct bucket *b, double rate, uint64_t *now)
{
	bucket_init(b, START);
	*now = START;
	cr_assert_eq(depart(b, rate, now), 0);
	*now += 11 * MS;
	cr_assert_eq(depart(b, rate, now), 11 * MS - 992188);
}

Test(bucket_debt, what_a_stall_cost_is_paid_back_by_a_128th_of_each_interval)
{
	uint64_t now, k;
	struct bucket b;

	stall(&b, 1000, &now);
	cr_assert_eq(b.debt, 9007812 * TICKS, "departure 1 is that much late");
	cr_assert_eq(depart(&b, 1000, &now), 11007812);
	cr_assert_eq(b.debt, 9007812 * TICKS - 500000, "7812.5 ns of 1 ms");
	cr_assert_eq(depart(&b, 1000, &now), 11999999, "a lease less 7812.5 ns");
	cr_assert_eq(depart(&b, 1000, &now), 12992187);
	for (k = 5; b.debt > 0; k++)
		depart(&b, 1000, &now);
	cr_assert_eq(k, 2 + 1153, "9007812 / 7812.5, and a last part");
	for (; k < 5000; k++)
		cr_assert_eq(depart(&b, 1000, &now), k * MS, "departure %lu is on time again",
			     (unsigned long)k);
}

Test(bucket_debt, no_more_than_a_tenth_of_a_second_is_made_up_for)
{
	static const uint64_t stopped[] = { 101 * MS + 992188, 2 * NS_PER_S, 3600 * NS_PER_S };

	for (size_t i = 0; i < sizeof(stopped) / sizeof(stopped[0]); i++) {
		uint64_t now = START + stopped[i], due;
		struct bucket b;

		bucket_init(&b, START);
		bucket_lease(&b, 1000, START, 1, &due);
		cr_assert_eq(depart(&b, 1000, &now), stopped[i] - 992188);
		cr_assert_eq(b.debt, 100 * MS * TICKS);
		for (int k = 0; k < 12800; k++)
			depart(&b, 1000, &now);
		cr_assert_eq(b.debt, 0, "a 128th of 12.8 s");
		cr_assert_eq(depart(&b, 1000, &now), stopped[i] - 992188 + 12801 * MS - 100 * MS);
		cr_assert_eq(depart(&b, 1000, &now), stopped[i] - 992188 + 12802 * MS - 100 * MS,
			     "the rate, and no more than it");
	}
}

Test(bucket_debt, a_debt_is_time_of_whatever_rate_there_is)
{
	static const struct {
		double rate;
		uint64_t part; /* of the debt, for one departure */
	} cases[] = { { 500, 1000000 }, { 1000, 500000 }, { 2000, 250000 }, { 1e6, 500 }, { 50, 10000000 } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bucket b;
		uint64_t now, next;

		stall(&b, 1000, &now);
		next = b.next;
		depart(&b, cases[i].rate, &now);
		cr_assert_eq(b.debt, 9007812 * TICKS - cases[i].part, "%g probes/s", cases[i].rate);
		cr_assert_eq(b.next - next, 128 * cases[i].part - cases[i].part);
	}
}

/* Two queues hold a lease each; one of them is late with it. What the other one sends then brings all back on time. */
Test(bucket_debt, what_a_leaseholder_forfeits_the_others_make_up_for)
{
	uint64_t due, now = START, used = 50;
	struct bucket b;

	bucket_init(&b, START);
	cr_assert_eq(bucket_lease(&b, 100e3, now, 128, &due), 50);
	cr_assert_eq(bucket_lease(&b, 100e3, now, 128, &due), 50);
	cr_assert_eq(due, START + MS / 2);
	now = due;
	bucket_forfeit(&b, 100e3, 50);
	cr_assert_eq(b.debt, MS / 2 * TICKS);
	for (unsigned int i = 0; i < 128; i++, used += 50, now = due) {
		cr_assert_eq(bucket_lease(&b, 100e3, now, 128, &due), 50);
		cr_assert_eq(due, START + MS + i * (MS / 2) * 127 / 128);
	}
	cr_assert_eq(b.debt, 0);
	cr_assert_eq(bucket_lease(&b, 100e3, now, 128, &due), 50);
	cr_assert_eq(due, START + used * 10000, "probe %lu", (unsigned long)used);
}

Test(bucket_debt, a_forfeit_is_bounded_too)
{
	struct bucket b;

	bucket_init(&b, START);
	bucket_forfeit(&b, 50, 1);
	cr_assert_eq(b.debt, 20 * MS * TICKS);
	bucket_forfeit(&b, 0.5, 1);
	cr_assert_eq(b.debt, 100 * MS * TICKS, "two seconds");
	bucket_forfeit(&b, 1e-30, 128);
	cr_assert_eq(b.debt, 100 * MS * TICKS);
}

struct racer {
	struct bucket *b;
	uint64_t leased, now;
};

/* Stalls for three milliseconds now and then, and forfeits a lease now and then: 8 times 3 ms and 30 times 0.128 ms. */
static void *stall_and_forfeit(void *arg)
{
	struct racer *r = arg;
	unsigned int turn = 0, stalls = 0, forfeits = 0;
	uint64_t due;

	while (r->now < START + NS_PER_S) {
		uint32_t n = bucket_lease(r->b, 1e6, r->now, 128, &due);

		if (due > r->now)
			r->now = due;
		if (n > 0 && ++turn % 50 == 0 && forfeits++ < 30)
			bucket_forfeit(r->b, 1e6, n);
		else
			r->leased += n;
		if (turn % 70 == 0 && stalls < 8) {
			r->now += 3 * MS;
			stalls++;
		}
	}
	return NULL;
}

/* Nothing is lost or made twice: the clock is where the probes that left have brought it, but for what is owed. */
Test(bucket_debt, threads_keep_one_account)
{
	struct racer r[4];
	pthread_t t[4];
	uint64_t total = 0;
	struct bucket b;

	bucket_init(&b, START);
	for (int i = 0; i < 4; i++) {
		r[i] = (struct racer){ .b = &b, .now = START };
		pthread_create(&t[i], NULL, stall_and_forfeit, &r[i]);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], NULL);
		total += r[i].leased;
	}
	cr_assert_gt(b.debt, 0);
	cr_assert_lt(b.debt, 100 * MS * TICKS, "at its bound nothing could be told");
	/* the clock starts one burst after its origin */
	cr_assert_eq(b.next - b.debt, (MS + total * 1000) * TICKS, "%lu left", (unsigned long)total);
}

/* Two seconds of pause: the next departure is due when it is over, the one after it an interval later. */
Test(bucket_debt, a_restart_is_neither_a_burst_nor_a_debt)
{
	uint64_t now = START, due;
	struct bucket b;

	bucket_init(&b, START);
	bucket_restart(&b, now + MS);
	cr_assert_eq(depart(&b, 1000, &now), 0, "nothing had begun");
	now += 2 * NS_PER_S;
	bucket_restart(&b, now);
	cr_assert_eq(depart(&b, 1000, &now), 2 * NS_PER_S);
	cr_assert_eq(depart(&b, 1000, &now), 2 * NS_PER_S + MS);
	cr_assert_eq(b.debt, 0);
	/* what was leased ahead stays so */
	cr_assert_eq(bucket_lease(&b, 1000, now, 1, &due), 1);
	bucket_restart(&b, now);
	cr_assert_eq(bucket_lease(&b, 1000, now, 1, &due), 1);
	cr_assert_eq(due - START, 2 * NS_PER_S + 3 * MS);
}
