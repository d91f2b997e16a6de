/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/tx/tx.h"

#include <stdlib.h>

#include "anyscan/clock.h"
#include "rings/lines.h"
#include "stages/classify/result_queue.h"
#include "stages/gen/ledger.h"
#include "stages/policy_rcu.h"
#include "stages/slice.h"
#include "stages/tx/exclude.h"
#include "stages/tx/tx_queue.h"

#define RETRY_MIN_NS 20000ULL /* after a full queue; about one batch of a kernel socket */
#define RETRY_MAX_NS 1000000ULL
#define PAUSE_NS 1000000ULL /* between looks at a pressed result path */
#define STOP_PATIENCE_NS NS_PER_S /* once the scan is to stop: for a full queue, and for the pace */
#define ANSWER_PATIENCE_NS (NS_PER_S / 4) /* once rx ends; less than a second interrupt leaves to all of us */

struct tx {
	struct stage stage;
	struct tx_options opt;
	bool sent; /* every queue is flushed */
	struct tx_counters counters __attribute__((aligned(CACHE_LINE)));
	struct tx_queue queue[];
};

static_assert(offsetof(struct tx, stage) == 0, "a stage is its own first member");
static_assert(offsetof(struct tx, opt) == sizeof(struct stage), "others read the stage's lines");
static_assert(offsetof(struct tx, counters) % CACHE_LINE == 0, "and these");

static bool pressed(const struct tx *tx)
{
	for (unsigned int i = 0; i < tx->opt.nresults; i++) {
		if (result_queue_pressed(tx->opt.results[i]))
			return true;
	}
	return false;
}

static void wake_by(struct tx *tx, uint64_t at_ns)
{
	if (at_ns < tx->stage.wake_at)
		tx->stage.wake_at = at_ns;
}

/* The block is on the wire: give it blank frames and let it go home. False: frames are still in flight. */
static bool finish_block(struct tx *tx, struct tx_queue *q)
{
	tx_queue_reclaim(q);
	if (!frames_refill(&q->part[q->from], q->block)) {
		wake_by(tx, clock_mono_ns() + RETRY_MIN_NS);
		return false;
	}
	edge_recycle(q->in[q->from], &q->block->hdr);
	q->block = NULL;
	return true;
}

/*
 * Takes what is left of the block off the way of a stop: the link is down or gone, or the next departure is far off.
 * The ledger does not hear of it, so these probes count as not sent, as they are.
 */
static void abandon(struct tx *tx, struct tx_queue *q)
{
	counter_add(&tx->counters.abandoned, q->block->hdr.count - q->sent);
	q->block->hdr.count = q->sent; /* the frames after these are still blank frames of the block */
}

/* Probes at the head that an exclusion came for too late leave the block. Returns how many. */
static uint32_t screen(struct tx *tx, struct tx_queue *q, const struct policy *policy)
{
	const uint32_t n = exclude_frames(q->block, q->sent, policy->exclusion, policy->exclusions);

	q->screened = policy->epoch;
	if (n > 0) {
		counter_add(&tx->counters.excluded, n);
		chunk_accept(q->block->hdr.chunk, n);
	}
	return n;
}

/* Departures of before a pause are over: with those that follow them they would be a burst. */
static bool held(struct tx *tx, struct tx_queue *q, const struct policy *policy)
{
	if (policy->paused) {
		q->held = true;
		q->yield = false;
		if (policy->stop)
			abandon(tx, q);
	} else if (q->held) {
		q->held = false;
		q->lease.left = 0;
	}
	return policy->paused;
}

/* Departures that may be used now, at most want; 0: paced, until q->lease.due_ns. */
static uint32_t allowance(struct tx *tx, struct tx_queue *q, const struct policy *policy, uint32_t want)
{
	uint32_t n;

	if (policy->rate <= RATE_MAX) {
		q->lease.left = 0;
		return want;
	}
	n = lease_take(&q->lease, tx->opt.bucket, policy->rate, clock_mono_ns(), want);
	if (n == 0) {
		counter_add(&tx->counters.paced, 1);
		wake_by(tx, q->lease.due_ns);
	}
	return n;
}

static uint64_t retry_min_ns(const struct tx_queue *q)
{
	return q->io->retry_ns > 0 ? q->io->retry_ns : RETRY_MIN_NS;
}

static void back_off(struct tx *tx, struct tx_queue *q, uint64_t now)
{
	if (q->retry_ns == 0)
		q->refusing_ns = now;
	q->retry_ns = q->retry_ns == 0 ? retry_min_ns(q) : 2 * q->retry_ns;
	if (q->retry_ns > RETRY_MAX_NS)
		q->retry_ns = RETRY_MAX_NS;
	q->retry_at_ns = now + q->retry_ns;
	wake_by(tx, q->retry_at_ns);
}

/* Not yet: a thread that spins, or has other queues to serve, must not ask a full queue at every round. */
static bool backing_off(struct tx *tx, struct tx_queue *q)
{
	if (q->retry_ns == 0 || clock_mono_ns() >= q->retry_at_ns)
		return false;
	wake_by(tx, q->retry_at_ns);
	return true;
}

/* How many of n frames the wire took, in order. 0: the queue is full, and is asked again later. */
static uint32_t submit(struct tx *tx, struct tx_queue *q, uint8_t *const frame[], const uint16_t len[],
		       uint32_t n)
{
	const struct io_ops *ops = q->io->port->ops;
	const uint32_t accepted = ops->tx_submit(q->io, frame, len, n);

	if (ops->tx_kick != NULL)
		ops->tx_kick(q->io);
	if (accepted < n)
		counter_add(&tx->counters.refused, 1);
	if (accepted == 0) {
		tx_queue_reclaim(q);
		back_off(tx, q, clock_mono_ns());
		return 0;
	}
	q->retry_ns = 0;
	lease_use(&q->lease, accepted);
	return accepted;
}

static size_t send_block(struct tx *tx, struct tx_queue *q, const struct policy *policy)
{
	struct frame_block *b = q->block;
	uint32_t n, accepted;

	if (held(tx, q, policy) || backing_off(tx, q))
		return 0;
	if (pressed(tx)) {
		counter_add(&tx->counters.paused, 1);
		wake_by(tx, clock_mono_ns() + PAUSE_NS);
		q->yield = false;
		return 0;
	}
	n = allowance(tx, q, policy, b->hdr.count - q->sent);
	if (n == 0) {
		if (policy->stop && q->lease.due_ns > clock_mono_ns() + STOP_PATIENCE_NS)
			abandon(tx, q);
		return 0;
	}
	accepted = submit(tx, q, &b->frame[q->sent], &b->len[q->sent], n);
	if (accepted == 0) {
		if (policy->stop && clock_mono_ns() - q->refusing_ns > STOP_PATIENCE_NS)
			abandon(tx, q);
		return 0;
	}
	q->yield = false;
	q->sent += accepted;
	counter_add(&tx->stage.counters.items, accepted);
	chunk_accept(b->hdr.chunk, accepted);
	return accepted;
}

/* Every edge has ended: wait for what the wire still holds. True: nothing. */
static bool flush(struct tx *tx, struct tx_queue *q)
{
	bool flushed;

	if (backing_off(tx, q))
		return false;
	flushed = q->io->port->ops->tx_flush(q->io) == 0;
	tx_queue_reclaim(q);
	if (!flushed)
		back_off(tx, q, clock_mono_ns());
	return flushed;
}

/* rx ends: what waits has some time left, and is then dropped. */
static bool too_late(struct tx *tx, struct tx_queue *q)
{
	uint64_t now;

	if (q->answer_until_ns == 0 && !__atomic_load_n(tx->opt.stop, __ATOMIC_ACQUIRE))
		return false;
	now = clock_mono_ns();
	if (q->answer_until_ns == 0)
		q->answer_until_ns = now + ANSWER_PATIENCE_NS;
	if (now >= q->answer_until_ns)
		return true;
	wake_by(tx, q->answer_until_ns);
	return false;
}

/*
 * Nothing can be sent. With no probe behind them nobody else starts the answers that a kick has left in the queue, and
 * they may be the last ones for seconds.
 */
static void await_answers(struct tx *tx, struct tx_queue *q)
{
	const struct io_ops *ops = q->io->port->ops;

	if (q->flushed && control_over(q->control)) {
		q->done = flush(tx, q);
	} else if (q->flushed && control_in_flight(q->control) > 0) {
		if (ops->tx_kick != NULL)
			ops->tx_kick(q->io);
		tx_queue_reclaim(q);
		wake_by(tx, clock_mono_ns() + RETRY_MAX_NS);
	} else if (q->control->part->count == 0) {
		wake_by(tx, clock_mono_ns() + RETRY_MIN_NS);
	}
}

/* Answers, if it is their turn. Not while the wire is flushed of probes: it would never be empty. */
static size_t send_answers(struct tx *tx, struct tx_queue *q, const struct policy *policy)
{
	struct control_in *c = q->control;
	uint32_t n, accepted;

	if (too_late(tx, q))
		counter_add(&tx->counters.unanswered, control_drop(c));
	if ((q->yield && q->block != NULL && q->sent < q->block->hdr.count) ||
	    (q->ended == q->ins && q->block == NULL && !q->flushed))
		return 0;
	if (c->part->count == 0)
		tx_queue_reclaim(q);
	n = control_compose(c);
	if (n == 0)
		await_answers(tx, q);
	if (n == 0 || backing_off(tx, q))
		return 0;
	n = allowance(tx, q, policy, n);
	accepted = n > 0 ? submit(tx, q, &c->frame[c->first], &c->len[c->first], n) : 0;
	if (accepted == 0) {
		/* a queue that takes no answer takes no probe, and it stays the turn of answers */
		if (n > 0 && q->block != NULL && policy->stop &&
		    clock_mono_ns() - q->refusing_ns > STOP_PATIENCE_NS)
			abandon(tx, q);
		return 0;
	}
	q->yield = true;
	control_sent(c, accepted);
	counter_add(&tx->counters.answered, accepted);
	tx_queue_reclaim(q);
	return accepted;
}

static size_t queue_step(struct tx *tx, struct tx_queue *q, const struct policy *policy)
{
	size_t work = 0;

	if (q->block == NULL && !q->flushed && !tx_queue_next(q)) {
		if (q->ended == q->ins) {
			q->flushed = flush(tx, q);
			q->done = q->flushed && q->control == NULL;
		} else {
			counter_add(&tx->stage.counters.starved_in, 1);
		}
	}
	if (q->control != NULL)
		work = send_answers(tx, q, policy);
	if (q->block == NULL)
		return work;
	if (policy->exclusions > 0 && q->screened != policy->epoch)
		work += screen(tx, q, policy);
	/* Answers that still wait do so for the same pace and the same queue: it stays their turn. */
	if (q->sent < q->block->hdr.count && (q->control == NULL || q->yield || !control_waits(q->control)))
		work += send_block(tx, q, policy);
	if (q->sent == q->block->hdr.count)
		work += finish_block(tx, q);
	return work;
}

static void publish_sent(struct tx *tx)
{
	__atomic_store_n(&tx->sent, true, __ATOMIC_RELEASE);
	if (tx->opt.on_sent != NULL)
		waker_notify(tx->opt.on_sent);
}

static size_t tx_step(struct stage *stage)
{
	struct tx *tx = (struct tx *)stage;
	const struct policy *policy = policy_read(tx->opt.policy);
	unsigned int live = 0, sending = 0;
	size_t work = 0;

	if (tx->counters.epoch != policy->epoch) /* release: what an earlier step sent is sent */
		__atomic_store_n(&tx->counters.epoch, policy->epoch, __ATOMIC_RELEASE);
	stage->wake_at = WAKE_NEVER;
	for (unsigned int i = 0; i < tx->opt.queues; i++) {
		struct tx_queue *q = &tx->queue[i];

		if (q->done)
			continue;
		work += queue_step(tx, q, policy);
		sending += !q->flushed;
		live += !q->done;
	}
	if (sending == 0 && !tx->sent)
		publish_sent(tx);
	stage->done = live == 0;
	return work;
}

static int tx_enter(struct stage *stage)
{
	struct tx *tx = (struct tx *)stage;

	/* To keep a pace is to sleep and wake; a thread that sends what it can would only be interrupted. */
	if (policy_read(tx->opt.policy)->rate > RATE_MAX)
		slice_shorten();
	for (unsigned int i = 0; i < tx->opt.queues; i++) {
		struct io_port *port = tx->queue[i].io->port;
		int r = port->ops->enter != NULL ? port->ops->enter(port) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static void tx_leave(struct stage *stage)
{
	struct tx *tx = (struct tx *)stage;

	for (unsigned int i = 0; i < tx->opt.queues; i++) {
		struct io_port *port = tx->queue[i].io->port;

		if (port->ops->leave != NULL)
			port->ops->leave(port);
	}
}

static const struct stage_ops tx_ops = {
	.name = "tx", .enter = tx_enter, .step = tx_step, .leave = tx_leave
};

struct stage *tx_create(unsigned int index, const struct tx_options *o)
{
	struct tx *tx = lines_alloc(sizeof(*tx) + o->queues * sizeof(tx->queue[0]));

	if (tx == NULL)
		return NULL;
	*tx = (struct tx){ .stage = { .ops = &tx_ops, .index = index, .fd = -1, .wake_at = WAKE_NEVER },
			   .opt = *o };
	for (unsigned int i = 0; i < o->queues; i++) {
		if (tx_queue_init(&tx->queue[i], o->module, &o->queue[i]) < 0) {
			tx_destroy(&tx->stage);
			return NULL;
		}
	}
	return &tx->stage;
}

void tx_destroy(struct stage *stage)
{
	struct tx *tx = (struct tx *)stage;

	if (tx == NULL)
		return;
	for (unsigned int i = 0; i < tx->opt.queues; i++)
		tx_queue_fini(&tx->queue[i]);
	free(tx);
}

const struct tx_counters *tx_counters(const struct stage *stage)
{
	return &((const struct tx *)stage)->counters;
}

bool tx_sent(const struct stage *stage)
{
	return __atomic_load_n(&((const struct tx *)stage)->sent, __ATOMIC_ACQUIRE);
}
