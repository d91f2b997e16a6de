/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/rx/rx.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "anyscan/clock.h"
#include "rings/lines.h"
#include "stages/rx/control.h"
#include "stages/rx/parse.h"

#define VIEWS 128 /* frames taken from a queue at once */
#define END_PATIENCE_NS (NS_PER_S / 4) /* of CPU time, for queues to run dry once rx is to end */
#define CONTROL_RETRY_NS 1000000ULL /* nobody wakes us when tx gives a block back */

struct rx {
	struct stage stage;
	struct rx_options opt;
	struct io_rxq **queue;
	struct control_out *control; /* one for each queue */
	struct reply_block *block; /* being filled */
	int epoll; /* of the queues' fds; -1: no queue has one */
	uint64_t
		end_ns; /* CPU time of this thread at which it ends, whatever still comes; 0: it was not told to */
	struct rx_counters counters __attribute__((aligned(CACHE_LINE)));
};

static void push(struct rx *rx, uint32_t flags)
{
	rx->block->hdr.flags = flags;
	edge_push(rx->opt.out, &rx->block->hdr);
	rx->block = NULL;
}

static bool have_block(struct rx *rx)
{
	if (rx->block == NULL) {
		rx->block = (struct reply_block *)edge_claim(rx->opt.out, 0);
		if (rx->block == NULL)
			return false;
		rx->block->hdr.count = 0;
		rx->block->hdr.chunk = NULL;
	}
	return true;
}

static void ask(struct rx *rx, struct control_out *out, const struct reply *reply)
{
	struct control item;

	if (rx->opt.module->must_answer(reply, &item) && !control_put(out, &item))
		counter_add(&rx->counters.unanswered, 1);
}

static void examine(struct rx *rx, struct control_out *out, const struct io_match *match,
		    const struct frame_view *view)
{
	struct reply *reply = &rx->block->reply[rx->block->hdr.count];
	struct packet packet;
	enum reject cause = parse_frame(view, &packet);

	if (cause == REJECT_NONE)
		cause = rx->opt.module->accept(match, &packet, reply);
	if (cause == REJECT_NONE) {
		rx->block->hdr.count++;
		counter_add(&rx->counters.valid, 1);
		if (out->lanes > 0)
			ask(rx, out, reply);
	} else {
		counter_add(&rx->counters.rejects[cause], 1);
	}
}

/* Takes no more than the block at hand has room for, so that no frame waits in our hands. */
static size_t drain(struct rx *rx, struct io_rxq *q, struct control_out *out)
{
	const struct io_ops *ops = q->port->ops;
	struct frame_view view[VIEWS];
	unsigned int n = ops->rx_receive(q, view, BLOCK_ITEMS - rx->block->hdr.count);

	for (unsigned int i = 0; i < n; i++)
		examine(rx, out, &q->port->match, &view[i]);
	if (n > 0)
		ops->rx_release(q);
	return n;
}

/* Returns how many blocks went: a tx on this thread has work then, and no waker. */
static size_t flush_controls(struct rx *rx)
{
	size_t pushed = 0;

	for (unsigned int i = 0; i < rx->opt.queues; i++)
		pushed += control_flush(&rx->control[i]);
	return pushed;
}

static size_t end_controls(struct rx *rx)
{
	size_t pushed = 0;

	for (unsigned int i = 0; i < rx->opt.queues; i++)
		pushed += control_end(&rx->control[i]);
	return pushed;
}

static bool controls_hold(const struct rx *rx)
{
	for (unsigned int i = 0; i < rx->opt.queues; i++) {
		if (control_holds(&rx->control[i]))
			return true;
	}
	return false;
}

/* A full output edge must not spin on a readable fd; a queue without fd says when to look again. */
static void plan_wait(struct rx *rx, bool stalled)
{
	uint64_t now = 0;

	rx->stage.wake_at = controls_hold(rx) ? clock_mono_ns() + CONTROL_RETRY_NS : WAKE_NEVER;
	rx->stage.fd = stalled ? -1 : rx->epoll;
	if (stalled)
		return;
	for (unsigned int i = 0; i < rx->opt.queues; i++) {
		struct io_rxq *q = rx->queue[i];
		uint64_t at;

		if (q->fd >= 0)
			continue;
		now = now != 0 ? now : clock_mono_ns();
		at = q->port->ops->rx_next(q, now);
		if (at < rx->stage.wake_at)
			rx->stage.wake_at = at;
	}
}

/*
 * Who sends faster than we read, and without end, must not keep a scan from ending. By CPU time: on a busy machine the
 * clock may pass the end of any patience before this thread has had its turn, and what had arrived would be lost.
 */
static bool flooded(struct rx *rx)
{
	const uint64_t now = clock_ns(CLOCK_THREAD_CPUTIME_ID);

	if (rx->end_ns == 0)
		rx->end_ns = now + END_PATIENCE_NS;
	return now >= rx->end_ns;
}

static size_t rx_step(struct stage *stage)
{
	struct rx *rx = (struct rx *)stage;
	/* Read before the queues: what arrived before the stop is seen below. */
	const bool stop = __atomic_load_n(rx->opt.stop, __ATOMIC_ACQUIRE);
	size_t work = 0, pushed = 0;

	for (unsigned int i = 0; i < rx->opt.queues; i++) {
		if (!have_block(rx)) {
			counter_add(&stage->counters.stalled_out, 1);
			counter_add(&stage->counters.items, work);
			work += flush_controls(rx);
			plan_wait(rx, true);
			return work;
		}
		work += drain(rx, rx->queue[i], &rx->control[i]);
		if (rx->block->hdr.count == BLOCK_ITEMS) {
			push(rx, 0);
			flush_controls(rx);
		}
	}
	counter_add(&stage->counters.items, work);
	if (work > 0 && !(stop && flooded(rx)))
		return work;
	counter_add(&stage->counters.starved_in, 1);
	if (stop) {
		if (have_block(rx)) {
			push(rx, BLOCK_END);
			pushed = end_controls(rx);
			stage->done = true;
		}
	} else {
		if (rx->block != NULL && rx->block->hdr.count > 0)
			push(rx, 0);
		pushed = flush_controls(rx);
	}
	plan_wait(rx, stop && !stage->done);
	return pushed;
}

static int rx_enter(struct stage *stage)
{
	struct rx *rx = (struct rx *)stage;

	for (unsigned int i = 0; i < rx->opt.queues; i++) {
		struct io_port *port = rx->queue[i]->port;
		int r = port->ops->enter != NULL ? port->ops->enter(port) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

static void rx_leave(struct stage *stage)
{
	struct rx *rx = (struct rx *)stage;

	for (unsigned int i = 0; i < rx->opt.queues; i++) {
		struct io_port *port = rx->queue[i]->port;

		if (port->ops->leave != NULL)
			port->ops->leave(port);
	}
}

static const struct stage_ops rx_ops = {
	.name = "rx", .enter = rx_enter, .step = rx_step, .leave = rx_leave
};

/* Several queues on a thread are one epoll set, so that the thread waits for one fd. */
static int watch(struct rx *rx)
{
	for (unsigned int i = 0; i < rx->opt.queues; i++) {
		struct epoll_event event = { .events = EPOLLIN };

		if (rx->queue[i]->fd < 0)
			continue;
		if (rx->epoll < 0)
			rx->epoll = epoll_create1(EPOLL_CLOEXEC);
		if (rx->epoll < 0 || epoll_ctl(rx->epoll, EPOLL_CTL_ADD, rx->queue[i]->fd, &event) < 0)
			return -1;
	}
	return 0;
}

struct stage *rx_create(unsigned int index, const struct rx_options *o)
{
	struct rx *rx = lines_alloc(sizeof(*rx));

	if (rx == NULL)
		return NULL;
	*rx = (struct rx){ .stage = { .ops = &rx_ops, .index = index, .fd = -1, .wake_at = WAKE_NEVER },
			   .opt = *o,
			   .epoll = -1 };
	rx->queue = calloc(o->queues, sizeof(struct io_rxq *));
	rx->control = lines_alloc(o->queues * sizeof(*rx->control));
	if (rx->queue == NULL || rx->control == NULL)
		goto fail;
	memcpy(rx->queue, o->queue, o->queues * sizeof(struct io_rxq *));
	for (unsigned int i = 0; o->control != NULL && i < o->queues; i++) {
		if (control_init(&rx->control[i], o->control[i].edge, o->control[i].edges) < 0)
			goto fail;
	}
	if (watch(rx) < 0)
		goto fail;
	return &rx->stage;
fail:
	rx_destroy(&rx->stage);
	return NULL;
}

void rx_destroy(struct stage *stage)
{
	struct rx *rx = (struct rx *)stage;

	if (rx == NULL)
		return;
	if (rx->epoll >= 0)
		close(rx->epoll);
	for (unsigned int i = 0; rx->control != NULL && i < rx->opt.queues; i++)
		control_fini(&rx->control[i]);
	free(rx->control);
	free(rx->queue);
	free(rx);
}

const struct rx_counters *rx_counters(const struct stage *stage)
{
	return &((const struct rx *)stage)->counters;
}
