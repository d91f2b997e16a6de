/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's indices run freely in 32 bits: at a million frames a second they wrap after 72 minutes. */
#include <criterion/criterion.h>

#include "io/af_xdp/ring.h"

#define SIZE 8

static uint32_t producer, consumer, flags;
static uint64_t entries[SIZE];

static struct xdp_ring ring_at(uint32_t start)
{
	producer = consumer = start;
	return (struct xdp_ring){ .producer = &producer,
				  .consumer = &consumer,
				  .flags = &flags,
				  .entries = entries,
				  .size = SIZE,
				  .next = start,
				  .other = start };
}

/* We produce, the kernel consumes, some steps behind. */
Test(xdp_ring, what_we_produce_wraps)
{
	struct xdp_ring r = ring_at(UINT32_MAX - 20);

	for (uint32_t i = 0; i < 60; i++) {
		const uint32_t lag = i % (SIZE + 1), at = UINT32_MAX - 20 + i;

		cr_assert_eq(r.next, at);
		consumer = at - (i < lag ? i : lag);
		r.other = consumer;
		cr_assert_eq(ring_room(&r, SIZE), SIZE - (at - consumer), "at %u", at);
		if (at - consumer == SIZE)
			consumer++;
		cr_assert_eq(ring_room(&r, 1), 1, "at %u: seen anew", at);
		*ring_addr(&r, r.next) = at;
		cr_assert_eq(entries[at % SIZE], at);
		ring_publish(&r, 1);
		cr_assert_eq(producer, at + 1);
	}
	cr_assert_lt(producer, 100, "it has not wrapped");
}

/* The kernel produces, we consume. */
Test(xdp_ring, what_we_consume_wraps)
{
	struct xdp_ring r = ring_at(UINT32_MAX - 20);
	uint32_t next = UINT32_MAX - 20;

	for (uint32_t i = 0; i < 60; i++) {
		const uint32_t n = i % (SIZE + 1);

		for (uint32_t k = 0; k < n; k++)
			entries[(producer + k) % SIZE] = producer + k;
		producer += n;
		for (uint32_t k = 0; k < n; k++, next++) {
			cr_assert_eq(ring_ready(&r, SIZE), n - k, "at %u", next);
			cr_assert_eq(ring_ready(&r, 1), 1, "at %u", next);
			cr_assert_eq(*ring_addr(&r, r.next), next);
			ring_consume(&r, 1);
			cr_assert_eq(consumer, next + 1);
		}
		cr_assert_eq(ring_ready(&r, 1), 0);
	}
	cr_assert_lt(consumer, 1000, "it has not wrapped");
}
