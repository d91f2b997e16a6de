/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/tx/tx.h"

#include <errno.h>
#include <stdlib.h>

#include "anyscan/clock.h"
#include "stages/classify/result_queue.h"
#include "stages/gen/ledger.h"
#include "stages/policy_rcu.h"
#include "stages/tx/frames.h"

#define RETRY_MIN_NS 20000ULL /* after a full queue; about one batch of a kernel socket */
#define RETRY_MAX_NS 1000000ULL
#define PAUSE_NS 1000000ULL /* between looks at a pressed result path */
#define STOP_PATIENCE_NS NS_PER_S /* once the scan is to stop: for a full queue, and for the pace */

struct tx_queue {
	struct io_txq *io;
	struct edge **in;
	struct frames *part; /* one per edge */
	unsigned int ins, turn; /* edges; the one to look at first */
	unsigned int ended; /* edges that delivered END */

	struct frame_block *block; /* at the head: [sent, count) still to go */
	unsigned int from; /* the edge it came from */
	unsigned int sent;
	uint32_t leased; /* departures leased and not used */
	uint64_t due_ns; /* of the first of them */
	uint64_t retry_ns; /* back-off of a full queue, 0 = it took the last submit */
	uint64_t retry_at_ns, refusing_ns; /* when it is asked again; since when it takes nothing */
	bool done;
};

struct tx {
	struct stage stage;
	struct tx_options opt;
	struct tx_counters counters __attribute__((aligned(CACHE_LINE)));
	struct tx_queue queue[];
};

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

/* Frames that have left go back to the part of the memory that they lie in. */
static void reclaim(struct tx_queue *q)
{
	const struct io_ops *ops = q->io->port->ops;
	uint8_t *frame[BLOCK_ITEMS];
	unsigned int n;

	do {
		n = ops->tx_reclaim(q->io, frame, BLOCK_ITEMS);
		for (unsigned int i = 0, p = 0; i < n; i++) {
			while (!frames_own(&q->part[p], frame[i]))
				p = p + 1 < q->ins ? p + 1 : 0;
			frames_put(&q->part[p], frame[i]);
		}
	} while (n == BLOCK_ITEMS);
}

static bool next_block(struct tx_queue *q)
{
	for (unsigned int i = 0; i < q->ins; i++) {
		unsigned int e = q->turn;

		q->turn = q->turn + 1 < q->ins ? q->turn + 1 : 0;
		q->block = (struct frame_block *)edge_pop(q->in[e]);
		if (q->block == NULL)
			continue;
		q->from = e;
		q->sent = 0;
		q->ended += (q->block->hdr.flags & BLOCK_END) != 0;
		return true;
	}
	return false;
}

/* The block is on the wire: give it blank frames and let it go home. False: frames are still in flight. */
static bool finish_block(struct tx *tx, struct tx_queue *q)
{
	reclaim(q);
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

/*
 * A departure that was not used in time is forfeited as it would be unleased: else every queue would bring one lease
 * out of a stall, and their sum is no small burst. At low rates it may be used until half way to the next one: the
 * schedule is kept, and no two probes leave at once.
 */
static void forfeit(struct tx_queue *q, double rate, uint64_t now)
{
	const double half_way = (double)NS_PER_S / rate / 2, credit = (double)bucket_credit_ns(rate);

	if (q->leased > 0 && now > q->due_ns &&
	    (double)(now - q->due_ns) > (half_way > credit ? half_way : credit))
		q->leased = 0;
}

/* Departures that may be used now, at most want; 0 sets when to look again. */
static uint32_t allowance(struct tx *tx, struct tx_queue *q, const struct policy *policy, uint32_t want)
{
	uint64_t now;

	if (pressed(tx)) {
		counter_add(&tx->counters.paused, 1);
		wake_by(tx, clock_mono_ns() + PAUSE_NS);
		return 0;
	}
	if (policy->rate <= RATE_MAX) {
		q->leased = 0;
		return want;
	}
	now = clock_mono_ns();
	forfeit(q, policy->rate, now);
	if (q->leased == 0)
		q->leased = bucket_lease(tx->opt.bucket, policy->rate, now, want, &q->due_ns);
	if (q->leased == 0 || q->due_ns > now) {
		counter_add(&tx->counters.paced, 1);
		if (policy->stop && q->due_ns > now + STOP_PATIENCE_NS)
			abandon(tx, q);
		else
			wake_by(tx, q->due_ns);
		return 0;
	}
	return q->leased < want ? q->leased : want;
}

static void back_off(struct tx *tx, struct tx_queue *q, uint64_t now)
{
	if (q->retry_ns == 0)
		q->refusing_ns = now;
	q->retry_ns = q->retry_ns == 0 ? RETRY_MIN_NS : 2 * q->retry_ns;
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

static size_t send_block(struct tx *tx, struct tx_queue *q, const struct policy *policy)
{
	const struct io_ops *ops = q->io->port->ops;
	struct frame_block *b = q->block;
	uint32_t n, accepted;

	if (backing_off(tx, q))
		return 0;
	n = allowance(tx, q, policy, b->hdr.count - q->sent);
	if (n == 0)
		return 0;
	accepted = ops->tx_submit(q->io, &b->frame[q->sent], &b->len[q->sent], n);
	if (ops->tx_kick != NULL)
		ops->tx_kick(q->io);
	if (accepted < n)
		counter_add(&tx->counters.refused, 1);
	if (accepted == 0) {
		uint64_t now = clock_mono_ns();

		reclaim(q);
		back_off(tx, q, now);
		if (policy->stop && now - q->refusing_ns > STOP_PATIENCE_NS)
			abandon(tx, q);
		return 0;
	}
	q->retry_ns = 0;
	q->leased -= q->leased < accepted ? q->leased : accepted;
	q->sent += accepted;
	counter_add(&tx->stage.counters.items, accepted);
	chunk_accept(b->hdr.chunk, accepted);
	return accepted;
}

/* Every edge has ended: wait for what the wire still holds. */
static void flush(struct tx *tx, struct tx_queue *q)
{
	if (backing_off(tx, q))
		return;
	q->done = q->io->port->ops->tx_flush(q->io) == 0;
	reclaim(q);
	if (!q->done)
		back_off(tx, q, clock_mono_ns());
}

static size_t queue_step(struct tx *tx, struct tx_queue *q, const struct policy *policy)
{
	size_t work = 0;

	if (q->block == NULL && !next_block(q)) {
		if (q->ended == q->ins)
			flush(tx, q);
		else
			counter_add(&tx->stage.counters.starved_in, 1);
		return 0;
	}
	if (q->sent < q->block->hdr.count)
		work = send_block(tx, q, policy);
	if (q->sent == q->block->hdr.count)
		work += finish_block(tx, q);
	return work;
}

static size_t tx_step(struct stage *stage)
{
	struct tx *tx = (struct tx *)stage;
	const struct policy *policy = policy_read(tx->opt.policy);
	unsigned int live = 0;
	size_t work = 0;

	stage->wake_at = WAKE_NEVER;
	for (unsigned int i = 0; i < tx->opt.queues; i++) {
		struct tx_queue *q = &tx->queue[i];

		if (q->done)
			continue;
		work += queue_step(tx, q, policy);
		live += !q->done;
	}
	stage->done = live == 0;
	return work;
}

static int tx_enter(struct stage *stage)
{
	struct tx *tx = (struct tx *)stage;

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

static int queue_init(struct tx_queue *q, const struct tx_queue_options *o)
{
	const unsigned int share = o->queue->nframes / o->ins;

	q->io = o->queue;
	q->ins = o->ins;
	q->in = calloc(o->ins, sizeof(*q->in));
	q->part = calloc(o->ins, sizeof(*q->part));
	if (q->in == NULL || q->part == NULL)
		return -ENOMEM;
	for (unsigned int e = 0; e < o->ins; e++) {
		uint8_t *first = o->queue->frames + (size_t)e * share * o->queue->stride;

		q->in[e] = o->in[e];
		if (frames_init(&q->part[e], first, share, o->queue->stride, o->in[e]) < 0)
			return -ENOMEM;
	}
	return 0;
}

struct stage *tx_create(unsigned int index, const struct tx_options *o)
{
	struct tx *tx = aligned_alloc(2 * CACHE_LINE,
				      (sizeof(*tx) + o->queues * sizeof(tx->queue[0]) + 2 * CACHE_LINE - 1) &
					      ~(size_t)(2 * CACHE_LINE - 1));

	if (tx == NULL)
		return NULL;
	*tx = (struct tx){ .stage = { .ops = &tx_ops, .index = index, .fd = -1, .wake_at = WAKE_NEVER },
			   .opt = *o };
	for (unsigned int i = 0; i < o->queues; i++)
		tx->queue[i] = (struct tx_queue){ 0 };
	for (unsigned int i = 0; i < o->queues; i++) {
		if (queue_init(&tx->queue[i], &o->queue[i]) < 0) {
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
	for (unsigned int i = 0; i < tx->opt.queues; i++) {
		for (unsigned int e = 0; tx->queue[i].part != NULL && e < tx->queue[i].ins; e++)
			frames_fini(&tx->queue[i].part[e]);
		free(tx->queue[i].part);
		free(tx->queue[i].in);
	}
	free(tx);
}

const struct tx_counters *tx_counters(const struct stage *stage)
{
	return &((const struct tx *)stage)->counters;
}
