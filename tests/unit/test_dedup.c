/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>

#include "stages/classify/dedup.h"

Test(dedup, full_is_exact)
{
	const uint64_t n = 1000003;
	struct dedup *d = dedup_create_full(n, 1 << 20);

	cr_assert_not_null(d);
	for (uint64_t i = 0; i < n; i += 7)
		cr_assert_not(dedup_seen(d, i, true), "index %lu", (unsigned long)i);
	for (uint64_t i = 0; i < n; i++)
		cr_assert_eq(dedup_seen(d, i, true), i % 7 == 0, "index %lu", (unsigned long)i);
	cr_assert(dedup_exact(d));
	dedup_destroy(d);
}

Test(dedup, first_and_last_index_of_the_largest_full_domain)
{
	const uint64_t n = 1ULL << 32;
	struct dedup *d = dedup_create_full(n, 1ULL << 30);

	cr_assert_not_null(d, "2^32 targets in two planes fit 1 GiB exactly");
	cr_assert_not(dedup_seen(d, 0, true));
	cr_assert_not(dedup_seen(d, n - 1, true));
	cr_assert(dedup_seen(d, 0, true));
	cr_assert(dedup_seen(d, n - 1, true));
	cr_assert_lt(dedup_memory(d), 4 << 20, "pages come with answers, not before");
	dedup_destroy(d);
	errno = 0;
	cr_assert_eq(dedup_full_bytes(n), 1ULL << 30);
	cr_assert_gt(dedup_full_bytes(n + 1), 1ULL << 30);
	cr_assert_null(dedup_create_full(n + 8, 1ULL << 30));
	cr_assert_eq(errno, ENOSPC);
}

Test(dedup, an_earlier_failure_never_hides_a_success)
{
	struct dedup *d = dedup_create_full(100, 1 << 20);

	cr_assert_not(dedup_seen(d, 5, false), "RST first");
	cr_assert_not(dedup_seen(d, 5, true), "then SYN-ACK: new");
	cr_assert(dedup_seen(d, 5, true));
	cr_assert(dedup_seen(d, 5, false), "a failure after anything is a repeat");
	dedup_destroy(d);
}

Test(dedup, window_is_exact_until_it_forgets)
{
	struct dedup *d = dedup_create_window(1 << 20); /* 131072 keys */
	const uint64_t spread = 2654435761u;

	for (uint64_t i = 0; i < 10000; i++)
		cr_assert_not(dedup_seen(d, i * spread, true));
	cr_assert(dedup_exact(d));
	for (uint64_t i = 0; i < 10000; i++)
		cr_assert(dedup_seen(d, i * spread, true));
	for (uint64_t i = 10000; i < 300000; i++)
		dedup_seen(d, i * spread, true);
	cr_assert_not(dedup_exact(d), "it must say so");
	cr_assert_leq(dedup_memory(d), 2 << 20, "no less than one huge page");
	/* The newest are still known. */
	for (uint64_t i = 299900; i < 300000; i++)
		cr_assert(dedup_seen(d, i * spread, true));
	dedup_destroy(d);
}

Test(dedup, window_knows_a_success_from_an_earlier_failure)
{
	struct dedup *d = dedup_create_window(1 << 20);

	cr_assert_not(dedup_seen(d, 0, false), "RST first");
	cr_assert_not(dedup_seen(d, 0, true), "then SYN-ACK: new");
	cr_assert(dedup_seen(d, 0, true));
	cr_assert(dedup_seen(d, 0, false), "a failure after anything is a repeat");
	cr_assert_not(dedup_seen(d, (1ULL << 48) - 1, true), "the last index there is");
	cr_assert(dedup_seen(d, (1ULL << 48) - 1, false));
	cr_assert(dedup_exact(d));
	dedup_destroy(d);
}

/* Neighbours share a byte, a line, a page: none may mark another. Both kinds of answer, against a plain table. */
Test(dedup, every_answer_is_that_of_a_plain_table)
{
	const uint64_t n = 100003;
	struct dedup *table[] = { dedup_create_full(n, 1 << 20), dedup_create_window(64 << 20) };

	for (int t = 0; t < 2; t++) {
		uint8_t *marks = calloc(n, 1);
		uint64_t draw = 1;

		for (int i = 0; i < 1000000; i++) {
			draw = draw * 6364136223846793005ULL + 1442695040888963407ULL;
			const uint64_t index = (draw >> 33) % n;
			const bool success = draw >> 32 & 1;
			const bool expected = marks[index] & (success ? 1 : 2);

			cr_assert_eq(dedup_seen(table[t], index, success), expected, "answer %d", i);
			marks[index] |= success ? 3 : 2;
		}
		cr_assert(dedup_exact(table[t]));
		dedup_destroy(table[t]);
		free(marks);
	}
}

/* What was marked while its region had small pages is marked after they became one. */
Test(dedup, marks_outlive_the_change_of_pages)
{
	const uint64_t n = 1ULL << 26, spread = 4099; /* eight regions, every small page of each */
	struct dedup *d = dedup_create_full(n, 1ULL << 30);

	for (uint64_t i = 0; i < n; i += spread)
		cr_assert_not(dedup_seen(d, i, true));
	for (uint64_t i = 0; i < n; i += spread) {
		cr_assert(dedup_seen(d, i, true));
		cr_assert_not(dedup_seen(d, i + 1, true));
	}
	cr_assert_leq(dedup_memory(d), n / 4);
	dedup_destroy(d);
}
