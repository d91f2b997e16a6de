/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <pthread.h>

#include "anyscan/clock.h"
#include "stages/tx/bucket.h"

#define START 1000000000000ULL
#define MS 1000000ULL

/* Sends n probes by a clock that stands still unless the bucket asks to wait. Returns the departure of the last, ns after START. */
static uint64_t send(struct bucket *b, double rate, uint64_t *now, uint64_t n, uint64_t *worst_early,
		     uint64_t *worst_late)
{
	uint64_t sent = 0, last = 0;

	while (sent < n) {
		uint64_t due, want = n - sent < 128 ? n - sent : 128;
		uint32_t got = bucket_lease(b, rate, *now, (uint32_t)want, &due);

		if (due > *now)
			*now = due;
		for (uint32_t i = 0; i < got; i++, sent++) {
			uint64_t at = *now - START, ideal = (uint64_t)((double)sent / rate * 1e9);

			if (at < ideal && ideal - at > *worst_early)
				*worst_early = ideal - at;
			if (at > ideal && at - ideal > *worst_late)
				*worst_late = at - ideal;
			last = at;
		}
	}
	return last;
}

Test(bucket, departure_k_at_k_over_rate)
{
	const double rates[] = { 0.5, 1, 50, 999.5, 24e3, 100e3, 244e3, 1e6, 14.88e6, 148.8e6 };

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		const double seconds = rates[i] < 10 ? 100 : 2;
		const uint64_t n = (uint64_t)(rates[i] * seconds < 3e6 ? rates[i] * seconds : 3e6);
		uint64_t now = START, early = 0, late = 0, last;
		struct bucket b;

		bucket_init(&b, START);
		last = send(&b, rates[i], &now, n + 1, &early, &late);
		cr_assert_leq(early, MS, "%g pps: %lu ns early", rates[i], (unsigned long)early);
		cr_assert_leq(late, MS / 1000, "%g pps: %lu ns late", rates[i], (unsigned long)late);
		cr_assert_float_eq((double)last / 1e9, (double)n / rates[i],
				   0.001 + 0.0001 * (double)n / rates[i], "%g pps", rates[i]);
	}
}

/* SIGSTOP, a suspended laptop, a paused result path: at most 1 ms of the rate at once, then the rate. */
/* history 12 */
Test(bucket, no_burst_after_a_stall)
{
	const double rate = 100e3;
	uint64_t now = START, early = 0, late = 0, due, burst = 0;
	struct bucket b;

	bucket_init(&b, START);
	send(&b, rate, &now, 1000, &early, &late);
	now += 3600 * NS_PER_S;
	for (;;) {
		uint32_t got = bucket_lease(&b, rate, now, 128, &due);

		if (due > now)
			break;
		burst += got;
	}
	cr_assert_leq(burst, 101, "%lu at once", (unsigned long)burst);
	cr_assert_geq(burst, 99);
}

Test(bucket, nothing_is_leased_beyond_the_window)
{
	uint64_t due;
	struct bucket b;

	bucket_init(&b, START);
	cr_assert_eq(bucket_lease(&b, 0.5, START, 1, &due), 1);
	cr_assert_eq(bucket_lease(&b, 0.5, START, 1, &due), 0, "the next one is due in 2 s");
	cr_assert_eq(due, START + 2 * NS_PER_S - 20 * MS, "got %lu", (unsigned long)(due - START));
	cr_assert_eq(bucket_lease(&b, 0.5, due, 1, &due), 1);
	cr_assert_eq(due, START + 2 * NS_PER_S);
}

Test(bucket, the_first_is_on_time_and_the_second_one_interval_later)
{
	uint64_t due;
	struct bucket b;

	bucket_init(&b, START);
	cr_assert_eq(bucket_lease(&b, 50, START + 5 * MS, 1, &due), 1);
	cr_assert_eq(due, START + 5 * MS, "threads took 5 ms to start");
	cr_assert_eq(bucket_lease(&b, 50, START + 5 * MS, 1, &due), 1);
	cr_assert_eq(due, START + 25 * MS);
}

Test(bucket, a_late_thread_has_what_its_lease_leaves_of_the_burst)
{
	static const struct {
		double rate;
		uint64_t credit_ns;
	} cases[] = {
		{ 0.5, 992188 }, { 1000, 992188 }, { 10e3, 595313 }, { 100e3, 506016 }, { 10e6, 979587 }
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const uint64_t credit = bucket_credit_ns(cases[i].rate);
		uint64_t due, now = START + NS_PER_S;
		struct bucket b;

		cr_assert_eq(credit, cases[i].credit_ns, "%g probes/s: %lu ns", cases[i].rate,
			     (unsigned long)credit);
		bucket_init(&b, START);
		bucket_lease(&b, cases[i].rate, START, 1, &due);
		now = due + (uint64_t)(1e9 / cases[i].rate) + credit;
		bucket_lease(&b, cases[i].rate, now, 1, &due);
		cr_assert_leq(now - credit - due, 1, "in time: the schedule is kept");
		bucket_init(&b, START);
		bucket_lease(&b, cases[i].rate, START, 1, &due);
		now += 5000;
		bucket_lease(&b, cases[i].rate, now, 1, &due);
		cr_assert_eq(now - credit, due, "too late: what is over becomes debt");
	}
}

/*
 * What the cap is, held against every span of time at once, with stalls of up to 3 ms between leases: no more than one
 * burst ahead of the clock that pays back.
 */
Test(bucket, no_span_of_time_holds_more_than_the_payback_and_one_burst)
{
	static const double rates[] = { 400, 999.5, 1700, 4100, 15e3, 100e3, 244e3, 1e6, 14.88e6 };

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		uint64_t now = START, sent = 0, random = 88172645463325252ULL;
		double latest = 0, burst = 0;
		struct bucket b;

		bucket_init(&b, START);
		while (sent < 100000) {
			uint64_t due;
			uint32_t want, got;

			random ^= random << 13, random ^= random >> 7, random ^= random << 17;
			want = 1 + (uint32_t)(random % 128);
			got = bucket_lease(&b, rates[i], now, want, &due);
			if (due > now)
				now = due;
			for (uint32_t k = 0; k < got; k++, sent++) {
				const double late =
					(double)(now - START) - (double)sent / rates[i] * 1e9 * 127 / 128;

				latest = late > latest ? late : latest;
				burst = latest - late > burst ? latest - late : burst;
			}
			if ((random >> 32) % 512 == 0)
				now += (random >> 40) % (3 * MS);
		}
		cr_assert_leq(burst, (double)MS + 100, "%g probes/s: %.0f ns of the rate at once", rates[i],
			      burst);
		cr_assert_geq(burst, 0.4 * (double)MS, "%g probes/s: %.0f ns: stalls are forgiven", rates[i],
			      burst);
	}
}

Test(bucket, a_lower_rate_takes_effect_at_the_next_lease)
{
	uint64_t now = START, early = 0, late = 0, due;
	struct bucket b;

	bucket_init(&b, START);
	send(&b, 1e6, &now, 10000, &early, &late);
	cr_assert_eq(bucket_lease(&b, 1000, now + 2 * MS, 128, &due), 1);
	cr_assert_eq(bucket_lease(&b, 1000, now + 2 * MS, 128, &due), 1);
	cr_assert_geq(due, now + 2 * MS);
}

struct racer {
	struct bucket *b;
	uint64_t leased, now;
};

static void *race(void *arg)
{
	struct racer *r = arg;
	uint64_t due;

	/* A clock of its own that jumps to each departure, until one second has passed. */
	while (r->now < START + NS_PER_S) {
		uint32_t n = bucket_lease(r->b, 1e6, r->now, 128, &due);

		if (due > r->now)
			r->now = due;
		r->leased += n;
	}
	return NULL;
}

Test(bucket, threads_share_one_rate)
{
	struct racer r[4];
	pthread_t t[4];
	uint64_t total = 0;
	struct bucket b;

	bucket_init(&b, START);
	for (int i = 0; i < 4; i++) {
		r[i] = (struct racer){ .b = &b, .now = START };
		pthread_create(&t[i], NULL, race, &r[i]);
	}
	for (int i = 0; i < 4; i++) {
		pthread_join(t[i], NULL);
		total += r[i].leased;
	}
	/* One second of the rate, and what each thread leased last. A multiplied cap would be 4 million. */
	cr_assert_geq(total, 999000);
	cr_assert_leq(total, 1000000 + 1000 + 4 * 128 + 20000, "%lu", (unsigned long)total);
}

Test(bucket, the_slowest_rates_hold_back_too)
{
	static const double rates[] = { 1e-3, 1e-7, 1e-9, 1e-30 };

	for (size_t i = 0; i < sizeof(rates) / sizeof(rates[0]); i++) {
		struct bucket b;
		uint64_t due;

		bucket_init(&b, START);
		cr_assert_eq(bucket_lease(&b, rates[i], START, 128, &due), 1);
		cr_assert_eq(bucket_lease(&b, rates[i], START + 900 * NS_PER_S, 128, &due), 0, "%g probes/s",
			     rates[i]);
		cr_assert_gt(due, START + 900 * NS_PER_S);
	}
}
