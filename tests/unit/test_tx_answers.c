/* SPDX-License-Identifier: Apache-2.0 */
/* Stage tx with control edges: answers and probes on one queue and one bucket, and the end of both. */
#include "tests/unit/tx_fake.h"

#include "stages/tx/control.h"

#define ANSWERS 32768 /* numbers from here on are answers */
#define PROBE_BLOCKS 4

/* Its number leads every frame, as those of compose() do. */
static uint16_t answer(const struct probe_template *t, const struct control *c, uint8_t *frame)
{
	(void)t;
	memcpy(frame, &c->seq, sizeof(c->seq));
	return 60;
}

static const struct probe_module module = { .answer = answer };

struct rig {
	struct fake fake;
	struct policy now;
	const struct policy *policy;
	struct bucket bucket;
	struct chunk chunk;
	struct edge *frames, *control;
	struct stage *tx;
	bool stop;
	uint32_t probes, answers; /* numbers given */
};

static struct rig *open_rig(unsigned int depth, unsigned int refuse_percent, double rate)
{
	struct rig *r = calloc(1, sizeof(*r));

	fake_init(&r->fake, depth, refuse_percent);
	r->now = (struct policy){ .rate = rate, .block_fill = BLOCK_ITEMS };
	r->policy = &r->now;
	r->frames = frame_edge(PROBE_BLOCKS);
	r->control = edge_create(&(struct edge_options){
		.name = "rx>tx", .blocks = 16, .block_size = sizeof(struct control_block) });
	bucket_init(&r->bucket, clock_mono_ns());
	r->tx = tx_create(0,
			  &(struct tx_options){ .policy = &r->policy,
						.bucket = &r->bucket,
						.queues = 1,
						.module = &module,
						.stop = &r->stop,
						.queue = &(struct tx_queue_options){ .queue = &r->fake.q,
										     .in = &r->frames,
										     .ins = 1,
										     .control = &r->control,
										     .controls = 1 } });
	cr_assert_not_null(r->tx);
	r->answers = ANSWERS;
	return r;
}

static void close_rig(struct rig *r)
{
	cr_expect(edge_conserved(r->frames, 0));
	cr_expect(edge_conserved(r->control, 0));
	tx_destroy(r->tx);
	edge_destroy(r->frames);
	edge_destroy(r->control);
	free(r->fake.q.frames);
	free(r);
}

/* Plays rx. Returns how many it asked for. */
static unsigned int ask(struct rig *r, unsigned int n, uint32_t flags)
{
	struct control_block *b = (struct control_block *)edge_claim(r->control, 0);

	if (b == NULL)
		return 0;
	for (b->hdr.count = 0; b->hdr.count < n; b->hdr.count++)
		b->control[b->hdr.count] = (struct control){ .kind = CONTROL_RST, .seq = r->answers++ };
	b->hdr.flags = flags;
	edge_push(r->control, &b->hdr);
	return n;
}

static uint32_t times_seen(const struct rig *r, uint32_t first, uint32_t end)
{
	uint32_t n = 0;

	for (uint32_t i = first; i < end; i++)
		n += r->fake.seen[i];
	return n;
}

static void each_once(const struct rig *r, uint32_t first, uint32_t end)
{
	for (uint32_t i = first; i < end; i++)
		cr_assert_eq(r->fake.seen[i], 1, "frame %u was sent %u times", i, r->fake.seen[i]);
}

static void exactly_once(unsigned int depth, unsigned int refuse_percent)
{
	struct rig *r = open_rig(depth, refuse_percent, RATE_MAX);

	while (r->probes < 20000 || r->answers < ANSWERS + 20000) {
		if (r->probes < 20000)
			compose(r->frames, &r->chunk, &r->probes, 1 + draw(&r->fake, BLOCK_ITEMS));
		if (r->answers < ANSWERS + 20000)
			ask(r, 1 + draw(&r->fake, BLOCK_ITEMS), 0);
		r->tx->ops->step(r->tx);
	}
	push_end(r->frames, r->tx);
	for (int i = 0; i < 1000000 && !tx_sent(r->tx); i++)
		r->tx->ops->step(r->tx);
	cr_assert(tx_sent(r->tx));
	each_once(r, 0, r->probes);
	cr_assert_not(r->tx->done, "rx may ask for more");
	ask(r, 100, 0);
	push_end(r->control, r->tx);
	for (int i = 0; i < 1000000 && !r->tx->done; i++)
		r->tx->ops->step(r->tx);
	cr_assert(r->tx->done);
	each_once(r, ANSWERS, r->answers);
	cr_expect_eq(counter_read(&r->tx->counters.items), r->probes, "an answer is no probe");
	cr_expect_eq(r->chunk.accepted, r->probes);
	cr_expect_eq(counter_read(&tx_counters(r->tx)->answered), r->answers - ANSWERS);
	cr_expect_eq(counter_read(&tx_counters(r->tx)->unanswered), 0);
	close_rig(r);
}

Test(tx_answers, a_willing_queue_takes_probes_and_answers_once)
{
	exactly_once(FRAMES, 0);
}

Test(tx_answers, a_refusing_queue_that_completes_late_does_too)
{
	exactly_once(300, 50);
}

/* Fewer frames in flight than answers wait: those of the reserve must come back by themselves. */
Test(tx_answers, a_queue_that_is_smaller_than_the_reserve)
{
	exactly_once(40, 10);
}

/* 10,000/s for both together; neither starves, and a flood of SYN-ACKs takes half. */
Test(tx_answers, probes_and_answers_share_the_rate)
{
	struct rig *r = open_rig(FRAMES, 0, 10000);
	uint64_t begin = clock_mono_ns(), now;
	uint32_t probes, answers;

	do {
		compose(r->frames, &r->chunk, &r->probes, 50);
		ask(r, 50, 0);
		r->tx->ops->step(r->tx);
		now = clock_mono_ns();
	} while (now < begin + 300000000);
	probes = times_seen(r, 0, ANSWERS);
	answers = times_seen(r, ANSWERS, 1 << 16);
	/* what is due in the time that passed, the first, a burst of one millisecond, and what is made up for */
	cr_expect_leq(probes + answers, (now - begin) / 100000 * 128 / 127 + 1 + 10,
		      "%u probes and %u answers in %lu us", probes, answers,
		      (unsigned long)(now - begin) / 1000);
	cr_expect_gt(probes, 0);
	cr_expect(probes * 10 >= answers * 9 && answers * 10 >= probes * 9, "%u probes, %u answers", probes,
		  answers);
	cr_expect_eq(counter_read(&tx_counters(r->tx)->answered), answers);
	cr_expect_eq(counter_read(&r->tx->counters.items), probes);
	r->now.stop = r->stop = true;
	push_end(r->frames, r->tx);
	push_end(r->control, r->tx);
	step_for(r->tx, 5000000000);
	cr_expect(r->tx->done);
	close_rig(r);
}

/* They are first: the half-open connection at the target must not wait for a block of probes. */
Test(tx_answers, answers_go_before_probes)
{
	struct rig *r = open_rig(FRAMES, 0, 10);

	compose(r->frames, &r->chunk, &r->probes, 10);
	ask(r, 2, 0);
	for (int i = 0; i < 100; i++)
		r->tx->ops->step(r->tx);
	cr_expect_eq(times_seen(r, ANSWERS, 1 << 16), 1, "the first at once, the second in 100 ms");
	cr_expect_eq(times_seen(r, 0, ANSWERS), 0);
	cr_expect_gt(r->tx->wake_at, clock_mono_ns(), "it can sleep until then");
	cr_expect_neq(r->tx->wake_at, WAKE_NEVER);
	r->now.rate = RATE_MAX;
	r->stop = true;
	push_end(r->frames, r->tx);
	push_end(r->control, r->tx);
	step_for(r->tx, 2000000000);
	cr_expect(r->tx->done);
	each_once(r, 0, 10);
	close_rig(r);
}

/* rx has ended, the pace is slow: tx ends soon, and what was not sent is counted. */
Test(tx_answers, what_is_not_due_before_the_end_is_dropped_and_counted)
{
	struct rig *r = open_rig(FRAMES, 0, 20);
	uint64_t begin;

	for (int i = 0; i < 10; i++)
		ask(r, 100, 0);
	push_end(r->frames, r->tx);
	step_for(r->tx, 20000000);
	cr_expect(tx_sent(r->tx));
	begin = clock_mono_ns();
	r->stop = true;
	ask(r, 100, BLOCK_END);
	step_for(r->tx, 3000000000);
	cr_assert(r->tx->done);
	cr_expect_lt(clock_mono_ns() - begin, 450000000, "a second interrupt gives all of us half a second");
	cr_expect_gt(counter_read(&tx_counters(r->tx)->answered), 0);
	cr_expect_leq(counter_read(&tx_counters(r->tx)->answered), 10);
	cr_expect_eq(counter_read(&tx_counters(r->tx)->answered) +
			     counter_read(&tx_counters(r->tx)->unanswered),
		     1100);
	cr_expect_eq(r->fake.submitted, counter_read(&tx_counters(r->tx)->answered));
	close_rig(r);
}

/* A kick may leave frames in the queue, and after the last probe no other submit starts them. */
Test(tx_answers, what_lies_in_the_queue_is_started_again)
{
	struct rig *r = open_rig(FRAMES, 0, RATE_MAX);
	unsigned int kicks;

	push_end(r->frames, r->tx);
	for (int i = 0; i < 100 && !tx_sent(r->tx); i++)
		r->tx->ops->step(r->tx);
	r->fake.hold = true;
	ask(r, CONTROL_FRAMES, 0);
	r->tx->ops->step(r->tx);
	cr_expect_eq(r->fake.in_flight, CONTROL_FRAMES);
	kicks = r->fake.kicks;
	ask(r, 3, 0);
	cr_expect_eq(r->tx->ops->step(r->tx), 0, "no frame is blank");
	cr_expect_eq(r->fake.kicks, kicks + 1);
	cr_expect_gt(r->tx->wake_at, clock_mono_ns());
	cr_expect_neq(r->tx->wake_at, WAKE_NEVER, "a completion notifies nobody");
	r->fake.hold = false;
	push_end(r->control, r->tx);
	for (int i = 0; i < 100000 && !r->tx->done; i++)
		r->tx->ops->step(r->tx);
	cr_expect(r->tx->done);
	each_once(r, ANSWERS, r->answers);
	close_rig(r);
}

/* The link is gone: a dropped answer must not keep the scan from its end. */
Test(tx_answers, a_queue_that_takes_nothing_does_not_keep_the_end)
{
	struct rig *r = open_rig(0, 0, RATE_MAX);

	ask(r, 100, 0);
	push_end(r->frames, r->tx);
	step_for(r->tx, 20000000);
	cr_expect(tx_sent(r->tx));
	cr_expect_neq(r->tx->wake_at, WAKE_NEVER, "nobody notifies tx when the queue takes frames again");
	r->stop = true;
	push_end(r->control, r->tx);
	step_for(r->tx, 3000000000);
	cr_expect(r->tx->done);
	cr_expect_eq(counter_read(&tx_counters(r->tx)->unanswered), 100);
	close_rig(r);
}
