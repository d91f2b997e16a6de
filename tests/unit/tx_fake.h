/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A tx queue for tests, which refuses, takes part and completes late and out of order, from a seeded generator, and
 * what a test of stage tx plays beside it: build, which numbers the frames, and the thread that steps.
 */
#ifndef TESTS_TX_FAKE_H
#define TESTS_TX_FAKE_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/clock.h"
#include "io/wire.h"
#include "stages/gen/ledger.h"
#include "stages/tx/tx.h"

#define FRAMES 4096
#define STRIDE 64

struct fake {
	struct io_txq q;
	struct io_port port;
	uint8_t *flight[FRAMES];
	unsigned int in_flight;
	uint32_t next_number; /* what the wire expects next on each part */
	uint32_t seen[1 << 16];
	uint64_t submitted;
	uint64_t random;
	unsigned int refuse_percent;
	unsigned int asked; /* submits */
	unsigned int kicks;
	bool hold; /* nothing completes */
};

static unsigned int draw(struct fake *f, unsigned int below)
{
	cr_assert_gt(below, 0);
	f->random = f->random * 6364136223846793005ULL + 1442695040888963407ULL;
	return (unsigned int)((f->random >> 33) % below);
}

static unsigned int fake_submit(struct io_txq *q, uint8_t *const frame[], const uint16_t len[],
				unsigned int n)
{
	struct fake *f = (struct fake *)q;
	f->asked++;
	unsigned int take = n > 0 && draw(f, 100) < f->refuse_percent ? draw(f, n) : n;

	if (f->in_flight + take > f->q.depth)
		take = f->q.depth - f->in_flight;
	for (unsigned int i = 0; i < take; i++) {
		uint32_t number;

		cr_assert_eq(len[i], 60);
		memcpy(&number, frame[i], sizeof(number));
		f->seen[number]++;
		f->submitted++;
		f->flight[f->in_flight++] = frame[i];
	}
	return take;
}

static unsigned int fake_reclaim(struct io_txq *q, uint8_t *frame[], unsigned int n)
{
	struct fake *f = (struct fake *)q;
	unsigned int give = f->in_flight == 0 || f->hold ? 0 : draw(f, f->in_flight + 1);

	if (give > n)
		give = n;
	for (unsigned int i = 0; i < give; i++) { /* in any order */
		unsigned int k = draw(f, f->in_flight);

		frame[i] = f->flight[k];
		f->flight[k] = f->flight[--f->in_flight];
	}
	return give;
}

static void fake_kick(struct io_txq *q)
{
	((struct fake *)q)->kicks++;
}

static unsigned int fake_flush(struct io_txq *q)
{
	return ((struct fake *)q)->in_flight;
}

static const struct io_ops fake_ops = { .name = "fake",
					.tx_submit = fake_submit,
					.tx_kick = fake_kick,
					.tx_reclaim = fake_reclaim,
					.tx_flush = fake_flush };

static void fake_init(struct fake *f, unsigned int depth, unsigned int refuse_percent)
{
	memset(f, 0, sizeof(*f));
	f->port.ops = &fake_ops;
	f->q = (struct io_txq){ .port = &f->port,
				.frames = aligned_alloc(64, FRAMES * STRIDE),
				.stride = STRIDE,
				.nframes = FRAMES,
				.depth = depth };
	f->random = 42;
	f->refuse_percent = refuse_percent;
}

static struct edge *frame_edge(unsigned int blocks)
{
	return edge_create(&(struct edge_options){
		.name = "build>tx", .blocks = blocks, .block_size = sizeof(struct frame_block) });
}

/* Plays build: numbers the blank frames of a claimed block, and the number is its target too. Returns how many. */
static unsigned int compose(struct edge *e, struct chunk *chunk, uint32_t *number, unsigned int n)
{
	struct frame_block *b = (struct frame_block *)edge_claim(e, 0);

	if (b == NULL)
		return 0;
	cr_assert_eq(b->frames, BLOCK_ITEMS, "a block came back with %u frames", b->frames);
	for (unsigned int i = 0; i < n; i++) {
		memset(b->frame[i], 0, STRIDE);
		memcpy(b->frame[i], number, sizeof(*number));
		wire_put32(b->frame[i] + 30, *number); /* behind an Ethernet and 16 bytes of an IPv4 header */
		b->len[i] = 60;
		(*number)++;
	}
	b->hdr.count = n;
	b->hdr.flags = 0;
	b->hdr.chunk = chunk;
	edge_push(e, &b->hdr);
	return n;
}

static void push_end(struct edge *e, struct stage *tx)
{
	struct block *b = edge_claim(e, 0);

	for (int i = 0; i < 1000000 && b == NULL; i++) {
		tx->ops->step(tx);
		b = edge_claim(e, 0);
	}
	cr_assert_not_null(b);
	b->count = 0;
	b->flags = BLOCK_END;
	b->chunk = NULL;
	edge_push(e, b);
}

static const struct policy unlimited = { .rate = RATE_MAX, .block_fill = BLOCK_ITEMS };

/* Steps for a while, as a thread that spins does. */
static void step_for(struct stage *tx, uint64_t ns)
{
	const uint64_t until = clock_mono_ns() + ns;

	while (!tx->done && clock_mono_ns() < until)
		tx->ops->step(tx);
}

#endif
