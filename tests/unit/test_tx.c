/* SPDX-License-Identifier: Apache-2.0 */
/* The tx stage over a queue that refuses, takes part and completes late and out of order, from a seeded generator. */
#include <criterion/criterion.h>
#include <stdlib.h>

#include "stages/classify/result_queue.h"
#include "tests/unit/tx_fake.h"

static void exactly_once(unsigned int depth, unsigned int refuse_percent, unsigned int edges)
{
	const struct policy *policy = &unlimited;
	struct fake *f = malloc(sizeof(*f));
	struct edge *e[4];
	struct chunk chunk = { 0 };
	struct bucket bucket;
	struct stage *tx;
	uint32_t number = 0;
	const uint32_t total = 50000;

	fake_init(f, depth, refuse_percent);
	for (unsigned int i = 0; i < edges; i++)
		e[i] = frame_edge(4);
	bucket_init(&bucket, clock_mono_ns());
	tx = tx_create(0, &(struct tx_options){ .policy = &policy,
						.bucket = &bucket,
						.queues = 1,
						.queue = &(struct tx_queue_options){
							.queue = &f->q, .in = e, .ins = edges } });
	cr_assert_not_null(tx);
	while (number < total) {
		unsigned int n = 1 + draw(f, BLOCK_ITEMS);

		compose(e[draw(f, edges)], &chunk, &number, n < total - number ? n : total - number);
		tx->ops->step(tx);
	}
	for (unsigned int i = 0; i < edges; i++)
		push_end(e[i], tx);
	for (int i = 0; i < 1000000 && !tx->done; i++)
		tx->ops->step(tx);
	cr_assert(tx->done);
	for (uint32_t i = 0; i < total; i++)
		cr_assert_eq(f->seen[i], 1, "frame %u was sent %u times", i, f->seen[i]);
	cr_assert_eq(f->submitted, total);
	cr_assert_eq(chunk.accepted, total, "the ledger knows of %lu", (unsigned long)chunk.accepted);
	cr_assert_eq(counter_read(&tx->counters.items), total);
	if (refuse_percent > 0)
		cr_assert_gt(counter_read(&tx_counters(tx)->refused), 0);
	for (unsigned int i = 0; i < edges; i++) {
		cr_assert(edge_conserved(e[i], 0));
		edge_destroy(e[i]);
	}
	tx_destroy(tx);
	free(f->q.frames);
	free(f);
}

Test(tx, a_willing_queue_takes_each_frame_once)
{
	exactly_once(FRAMES, 0, 1);
}

Test(tx, a_refusing_queue_takes_each_frame_once)
{
	exactly_once(FRAMES, 70, 1);
}

Test(tx, late_completions_in_any_order)
{
	exactly_once(300, 30, 1);
}

Test(tx, several_builders_share_a_queue)
{
	exactly_once(500, 30, 3);
}

Test(tx, pauses_while_results_are_pressed)
{
	const struct policy *policy = &unlimited;
	struct fake *f = malloc(sizeof(*f));
	struct edge *e = frame_edge(4);
	struct waker sink;
	struct result_queue *results;
	struct record_block *held[4];
	struct chunk chunk = { 0 };
	struct bucket bucket;
	struct stage *tx;
	uint32_t number = 0;

	fake_init(f, FRAMES, 0);
	waker_init(&sink, false);
	results = result_queue_create(11 * sizeof(struct record_block), &sink);
	bucket_init(&bucket, clock_mono_ns());
	tx = tx_create(0, &(struct tx_options){ .policy = &policy,
						.bucket = &bucket,
						.queues = 1,
						.results = &results,
						.nresults = 1,
						.queue = &(struct tx_queue_options){
							.queue = &f->q, .in = &e, .ins = 1 } });
	for (int i = 0; i < 4; i++) /* above a quarter of eleven */
		result_queue_push(results, result_queue_claim(results));
	cr_assert(result_queue_pressed(results));
	compose(e, &chunk, &number, 10);
	cr_assert_eq(tx->ops->step(tx), 0);
	cr_assert_eq(f->submitted, 0);
	cr_assert_gt(counter_read(&tx_counters(tx)->paused), 0);
	cr_assert_neq(tx->wake_at, WAKE_NEVER, "nobody notifies tx when the pressure ends");
	for (int i = 0; i < 4; i++)
		held[i] = result_queue_pop(results);
	for (int i = 0; i < 2; i++)
		result_queue_recycle(results, held[i]);
	cr_assert_eq(tx->ops->step(tx), 0, "goes on below a tenth, not below a quarter");
	for (int i = 2; i < 4; i++)
		result_queue_recycle(results, held[i]);
	cr_assert_gt(tx->ops->step(tx), 0);
	cr_assert_eq(f->submitted, 10);
	tx_destroy(tx);
	result_queue_destroy(results);
	waker_fini(&sink);
	edge_destroy(e);
	free(f->q.frames);
	free(f);
}

Test(tx, a_rate_holds_back)
{
	const struct policy slow = { .rate = 10, .block_fill = 1, .edge_window = 1 };
	const struct policy *policy = &slow;
	struct fake *f = malloc(sizeof(*f));
	struct edge *e = frame_edge(4);
	struct chunk chunk = { 0 };
	struct bucket bucket;
	struct stage *tx;
	uint32_t number = 0;

	fake_init(f, FRAMES, 0);
	bucket_init(&bucket, clock_mono_ns());
	tx = tx_create(0, &(struct tx_options){ .policy = &policy,
						.bucket = &bucket,
						.queues = 1,
						.queue = &(struct tx_queue_options){
							.queue = &f->q, .in = &e, .ins = 1 } });
	compose(e, &chunk, &number, 10);
	for (int i = 0; i < 100; i++)
		tx->ops->step(tx);
	cr_assert_eq(f->submitted, 1, "the first at once, the second in 100 ms");
	cr_assert_gt(tx->wake_at, clock_mono_ns(), "it can sleep until then");
	cr_assert_gt(counter_read(&tx_counters(tx)->paced), 0);
	tx_destroy(tx);
	edge_destroy(e);
	free(f->q.frames);
	free(f);
}

/* history 12 */
Test(tx, a_full_queue_is_asked_again_only_after_its_back_off)
{
	const struct policy *policy = &unlimited;
	struct fake *f = malloc(sizeof(*f));
	struct edge *e = frame_edge(4);
	struct chunk chunk = { 0 };
	struct bucket bucket;
	struct stage *tx;
	uint32_t number = 0;

	fake_init(f, 0, 0);
	bucket_init(&bucket, clock_mono_ns());
	tx = tx_create(0, &(struct tx_options){ .policy = &policy,
						.bucket = &bucket,
						.queues = 1,
						.queue = &(struct tx_queue_options){
							.queue = &f->q, .in = &e, .ins = 1 } });
	compose(e, &chunk, &number, 10);
	step_for(tx, 20000000);
	cr_assert_gt(f->asked, 1);
	cr_assert_lt(f->asked, 40, "asked %u times in 20 ms; after the first six it is once a millisecond",
		     f->asked);
	cr_assert_neq(tx->wake_at, WAKE_NEVER, "nobody notifies tx when the queue takes frames again");
	f->q.depth = FRAMES;
	for (int i = 0; i < 100 && f->submitted < 10; i++)
		step_for(tx, 1000000);
	cr_assert_eq(f->submitted, 10);
	tx_destroy(tx);
	edge_destroy(e);
	free(f->q.frames);
	free(f);
}

/* How soon a full queue is asked again: as it says itself, or else as a kernel's socket wants it. */
static uint64_t first_wait(uint32_t retry_ns, uint64_t *asked_ns)
{
	const struct policy *policy = &unlimited;
	struct fake *f = malloc(sizeof(*f));
	struct edge *e = frame_edge(4);
	struct chunk chunk = { 0 };
	struct bucket bucket;
	struct stage *tx;
	uint32_t number = 0;
	uint64_t wake_at;

	fake_init(f, 0, 0);
	f->q.retry_ns = retry_ns;
	bucket_init(&bucket, clock_mono_ns());
	tx = tx_create(0, &(struct tx_options){ .policy = &policy,
						.bucket = &bucket,
						.queues = 1,
						.queue = &(struct tx_queue_options){
							.queue = &f->q, .in = &e, .ins = 1 } });
	compose(e, &chunk, &number, 10);
	asked_ns[0] = clock_mono_ns();
	tx->ops->step(tx);
	asked_ns[1] = clock_mono_ns();
	cr_assert_eq(f->asked, 1);
	wake_at = tx->wake_at;
	tx_destroy(tx);
	edge_destroy(e);
	free(f->q.frames);
	free(f);
	return wake_at;
}

Test(tx, a_queue_says_how_soon_it_is_asked_again)
{
	uint64_t asked[2], wake_at;

	wake_at = first_wait(300000, asked);
	cr_assert_geq(wake_at, asked[0] + 300000);
	cr_assert_leq(wake_at, asked[1] + 300000);
	wake_at = first_wait(0, asked);
	cr_assert_geq(wake_at, asked[0] + 20000);
	cr_assert_leq(wake_at, asked[1] + 20000);
}

/* A link that went down for good: nothing is given up while the scan runs, and a stop does not hang on it. */
Test(tx, a_stop_gives_up_a_queue_that_takes_nothing)
{
	struct policy now = unlimited;
	const struct policy *policy = &now;
	struct fake *f = malloc(sizeof(*f));
	struct edge *e = frame_edge(4);
	struct chunk chunk = { 0 };
	struct bucket bucket;
	struct stage *tx;
	struct block *end;
	uint32_t number = 0;

	fake_init(f, 7, 0);
	bucket_init(&bucket, clock_mono_ns());
	tx = tx_create(0, &(struct tx_options){ .policy = &policy,
						.bucket = &bucket,
						.queues = 1,
						.queue = &(struct tx_queue_options){
							.queue = &f->q, .in = &e, .ins = 1 } });
	compose(e, &chunk, &number, 10);
	tx->ops->step(tx);
	f->q.depth = 0; /* down, after seven; fake_reclaim() gives those back in its own time */
	f->in_flight = 0;
	compose(e, &chunk, &number, 10);
	end = edge_claim(e, 0);
	end->flags = BLOCK_END;
	edge_push(e, end);
	step_for(tx, 1200000000);
	cr_assert_not(tx->done);
	cr_assert_eq(counter_read(&tx_counters(tx)->abandoned), 0, "it may come back");
	now.stop = true;
	step_for(tx, 1500000000);
	cr_assert(tx->done, "a stop does not end it");
	cr_assert_eq(f->submitted, 7);
	cr_assert_eq(counter_read(&tx_counters(tx)->abandoned), 13);
	cr_assert_eq(counter_read(&tx->counters.items), 7);
	cr_assert_eq(chunk.accepted, 7, "the ledger knows what was not sent");
	cr_assert(edge_conserved(e, 0));
	tx_destroy(tx);
	edge_destroy(e);
	free(f->q.frames);
	free(f);
}

#define QUEUES 8

/* history 12 */
Test(tx, queues_that_stalled_together_make_one_burst)
{
	const struct policy fast = { .rate = 100000, .block_fill = BLOCK_ITEMS };
	const struct policy *policy = &fast;
	struct fake *f = malloc(QUEUES * sizeof(*f));
	struct tx_queue_options queue[QUEUES];
	struct edge *e[QUEUES];
	struct chunk chunk = { 0 };
	struct bucket bucket;
	struct stage *tx;
	uint32_t number = 0;
	uint64_t sent, begin, passed;

	for (unsigned int i = 0; i < QUEUES; i++) {
		fake_init(&f[i], 0, 0);
		e[i] = frame_edge(4);
		queue[i] = (struct tx_queue_options){ .queue = &f[i].q, .in = &e[i], .ins = 1 };
	}
	bucket_init(&bucket, clock_mono_ns());
	tx = tx_create(0, &(struct tx_options){
				  .policy = &policy, .bucket = &bucket, .queues = QUEUES, .queue = queue });
	for (unsigned int i = 0; i < QUEUES; i++)
		compose(e[i], &chunk, &number, BLOCK_ITEMS);
	/* 50 ms; more where the CPU was taken away before every queue was asked */
	for (unsigned int tries = 0, asked = 0; tries < 100 && asked < QUEUES; tries++) {
		step_for(tx, 50000000);
		asked = 0;
		for (unsigned int i = 0; i < QUEUES; i++)
			asked += f[i].asked > 0;
	}
	for (unsigned int i = 0; i < QUEUES; i++) {
		cr_assert_gt(f[i].asked, 0);
		f[i].q.depth = FRAMES;
	}
	/* what was forfeited again and again is owed once: 50 ms, less the burst and the leases that are held */
	cr_assert_geq(bucket.debt / 64, 40000000);
	begin = clock_mono_ns();
	do {
		step_for(tx,
			 1500000); /* one and a half: by then every back-off is over, if the CPU was ours */
		passed = clock_mono_ns() - begin;
		sent = 0;
		for (unsigned int i = 0; i < QUEUES; i++)
			sent += f[i].submitted;
	} while (sent == 0 && passed < 5000000000);
	/* what is due in the time that passed, and a burst of one millisecond; a lease and rounding on top */
	cr_assert_leq(sent, 100 + 50 + passed / 10000 + QUEUES, "%lu at once after a stall",
		      (unsigned long)sent);
	cr_assert_gt(sent, 0);
	tx_destroy(tx);
	for (unsigned int i = 0; i < QUEUES; i++) {
		edge_destroy(e[i]);
		free(f[i].q.frames);
	}
	free(f);
}

Test(tx, a_stop_does_not_wait_for_a_slow_pace)
{
	struct policy slow = { .rate = 0.01, .block_fill = 1, .edge_window = 1 };
	const struct policy *policy = &slow;
	struct fake *f = malloc(sizeof(*f));
	struct edge *e = frame_edge(4);
	struct chunk chunk = { 0 };
	struct bucket bucket;
	struct stage *tx;
	uint32_t number = 0;

	fake_init(f, FRAMES, 0);
	bucket_init(&bucket, clock_mono_ns());
	tx = tx_create(0, &(struct tx_options){ .policy = &policy,
						.bucket = &bucket,
						.queues = 1,
						.queue = &(struct tx_queue_options){
							.queue = &f->q, .in = &e, .ins = 1 } });
	for (int i = 0; i < 3; i++)
		compose(e, &chunk, &number, 1);
	step_for(tx, 20000000);
	cr_assert_eq(f->submitted, 1);
	slow.stop = true;
	push_end(e, tx);
	f->in_flight = 0;
	step_for(tx, 1000000000);
	cr_assert(tx->done, "the next probe would be due in 100 s");
	cr_assert_eq(f->submitted, 1);
	cr_assert_eq(chunk.accepted, 1);
	cr_assert_eq(counter_read(&tx_counters(tx)->abandoned), 2);
	cr_assert(edge_conserved(e, 0));
	tx_destroy(tx);
	edge_destroy(e);
	free(f->q.frames);
	free(f);
}
