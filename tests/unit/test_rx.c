/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <limits.h>

#include "anyscan/clock.h"
#include "stages/rx/rx.h"

#define FRAMES 300 /* of each queue: more than two blocks */

/* An IPv4 header that says TCP, and no more: the module below takes it. */
static const uint8_t nothing[64] = { [12] = 0x08, [14] = 0x45, [17] = 20, [23] = 6 };

struct source {
	struct io_rxq q;
	unsigned int left;
	unsigned int away_ms; /* the thread has no CPU so long, each time */
};

static unsigned int receive(struct io_rxq *q, struct frame_view view[], unsigned int n)
{
	struct source *s = (struct source *)q;

	nanosleep(&(struct timespec){ .tv_nsec = s->away_ms * 1000000L }, NULL);
	n = n < s->left ? n : s->left;
	for (unsigned int i = 0; i < n; i++)
		view[i] = (struct frame_view){ .data = nothing, .len = sizeof(nothing) };
	s->left -= n;
	return n;
}

static void release(struct io_rxq *q)
{
	(void)q;
}

static uint64_t next(struct io_rxq *q, uint64_t now_ns)
{
	(void)q;
	return now_ns;
}

static enum reject take_all(const struct io_match *m, const struct packet *p, struct reply *r)
{
	(void)m, (void)p;
	*r = (struct reply){ .class = REPLY_RST };
	return REJECT_NONE;
}

static const struct io_ops ops = { .rx_receive = receive, .rx_release = release, .rx_next = next };
static const struct probe_module module = { .accept = take_all };

/* The edge is full before the second queue's turn: what the first gave is counted all the same, and nothing is lost. */
Test(rx, a_full_edge_loses_no_frame_and_no_count)
{
	struct io_port port = { .ops = &ops };
	struct source source[2] = { { .q = { &port, 0, -1 }, .left = FRAMES },
				    { .q = { &port, 1, -1 }, .left = FRAMES } };
	struct io_rxq *const queue[2] = { &source[0].q, &source[1].q };
	struct edge_options e = { .name = "rx0>classify0",
				  .blocks = 2,
				  .block_size = sizeof(struct reply_block) };
	struct rx_options o = { .module = &module, .queue = queue, .queues = 2, .out = edge_create(&e) };
	uint64_t taken = 0;
	bool stop = false;
	struct stage *rx;
	struct block *b;

	o.stop = &stop;
	rx = rx_create(0, &o);
	cr_assert_not_null(rx);
	for (int i = 0; i < 1000 && !rx->done; i++) {
		rx->ops->step(rx);
		if (i % 5 == 4 && (b = edge_pop(o.out)) != NULL) { /* the slower end */
			taken += b->count;
			edge_recycle(o.out, b);
		}
		stop = source[0].left + source[1].left == 0;
	}
	while ((b = edge_pop(o.out)) != NULL) {
		taken += b->count;
		edge_recycle(o.out, b);
	}
	cr_expect(rx->done);
	cr_expect_gt(counter_read(&rx->counters.stalled_out), 0);
	cr_expect_eq(taken, 2 * FRAMES);
	cr_expect_eq(counter_read(&rx_counters(rx)->valid), 2 * FRAMES);
	cr_expect_eq(counter_read(&rx->counters.items), 2 * FRAMES, "items: %lu",
		     (unsigned long)counter_read(&rx->counters.items));
	rx_destroy(rx);
	edge_destroy(o.out);
}

/* Told to end, with `source` before it: frames that it took to the edge, whose other end takes all at once. */
static uint64_t taken_at_the_end(struct source *source)
{
	struct io_rxq *const queue[1] = { &source->q };
	struct edge_options e = { .name = "rx0>classify0",
				  .blocks = 4,
				  .block_size = sizeof(struct reply_block) };
	const bool stop = true;
	struct rx_options o = {
		.module = &module, .queue = queue, .queues = 1, .out = edge_create(&e), .stop = &stop
	};
	struct stage *rx = rx_create(0, &o);
	uint64_t taken = 0;

	cr_assert_not_null(rx);
	while (!rx->done) {
		struct block *b;

		rx->ops->step(rx);
		while ((b = edge_pop(o.out)) != NULL) {
			taken += b->count;
			edge_recycle(o.out, b);
		}
	}
	rx_destroy(rx);
	edge_destroy(o.out);
	return taken;
}

/* What had arrived is taken, however long the thread waits for a CPU; a second here. */
Test(rx, one_that_gets_no_cpu_keeps_its_patience)
{
	struct io_port port = { .ops = &ops };
	struct source source = { .q = { &port, 0, -1 }, .left = 10 * BLOCK_ITEMS, .away_ms = 100 };

	cr_expect_eq(taken_at_the_end(&source), 10 * BLOCK_ITEMS);
}

/* A source that never runs dry is left after a while, of work. */
Test(rx, a_flood_does_not_keep_it, .timeout = 60)
{
	struct io_port port = { .ops = &ops };
	struct source source = { .q = { &port, 0, -1 }, .left = UINT_MAX };

	cr_expect_gt(taken_at_the_end(&source), 0);
	cr_expect_gt(source.left, 0);
}
