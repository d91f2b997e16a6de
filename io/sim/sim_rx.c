/* SPDX-License-Identifier: Apache-2.0 */
#include <time.h>

#include "io/sim/sim.h"

#define SIM_IDLE_NS 1000000 /* an answer that is not sent yet is never noticed later than this */

static uint64_t clock_ns(clockid_t id)
{
	struct timespec t;
	clock_gettime(id, &t);
	return (uint64_t)t.tv_sec * 1000000000 + (uint64_t)t.tv_nsec;
}

/* True when the lane has an answer, which then lies in head. */
static bool lane_peek(struct sim_lane *lane)
{
	if (!lane->held)
		lane->held = ck_ring_dequeue_spsc_sim_answer(&lane->ring, lane->slot, &lane->head);
	return lane->held;
}

static void hand_out(struct sim_rxq *q, const struct sim_answer *a, uint64_t to_realtime,
		     struct frame_view *view, unsigned int i)
{
	view->data = q->frame[i];
	view->len = sim_reply(&q->port->world, &q->port->link, a, q->frame[i]);
	view->time_ns = a->due_ns + to_realtime;
}

/* What else comes of this answer, in a later rx_receive(): at most two a frame, and the list was empty. */
static void put_off_extras(struct sim_rxq *q, const struct sim_answer *a)
{
	if (a->flags & SIM_TWICE)
		q->extra[q->extras++] = *a;
	if (a->fate == WORLD_FORGED && sim_sends_garbage(&q->port->world, a->addr, a->port)) {
		q->extra[q->extras] = *a;
		q->extra[q->extras++].flags |= SIM_GARBAGE;
	}
}

unsigned int sim_receive(struct io_rxq *rxq, struct frame_view view[], unsigned int n)
{
	struct sim_rxq *q = (struct sim_rxq *)rxq;
	const uint64_t now = clock_ns(CLOCK_MONOTONIC);
	const uint64_t to_realtime = clock_ns(CLOCK_REALTIME) - now;
	unsigned int count = 0, k = q->turn;

	if (n > SIM_BATCH)
		n = SIM_BATCH;
	for (; count < n && q->extras > 0; count++)
		hand_out(q, &q->extra[--q->extras], to_realtime, &view[count], count);
	for (unsigned int tried = 0; tried < q->lanes && count < n; tried++) {
		struct sim_lane *lane = q->lane[k];

		for (; count < n && lane_peek(lane) && lane->head.due_ns <= now; count++) {
			hand_out(q, &lane->head, to_realtime, &view[count], count);
			put_off_extras(q, &lane->head);
			lane->held = false;
		}
		k = k + 1 < q->lanes ? k + 1 : 0;
	}
	q->turn = k;
	counter_add(&q->replies, count);
	return count;
}

/* Frames lie in the queue's own memory until the next rx_receive() writes over them. */
void sim_release(struct io_rxq *rxq)
{
	(void)rxq;
}

uint64_t sim_next(struct io_rxq *rxq, uint64_t now_ns)
{
	struct sim_rxq *q = (struct sim_rxq *)rxq;
	uint64_t next = now_ns + SIM_IDLE_NS;

	if (q->extras > 0)
		return now_ns;
	for (unsigned int k = 0; k < q->lanes; k++)
		if (lane_peek(q->lane[k]) && q->lane[k]->head.due_ns < next)
			next = q->lane[k]->head.due_ns;
	return next;
}
