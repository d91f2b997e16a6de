/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the world makes of the frames that it is sent. A frame is taken when
 * there is room for its answer, and only then counted and marked, so that one
 * that is submitted again counts once.
 */
#include "anyscan/clock.h"
#include "io/sim/sim.h"

/* Free places. Only this thread fills the ring, so there are never fewer until it enqueues. */
static unsigned int lane_room(const struct sim_lane *lane)
{
	return lane->slot != NULL ? ck_ring_capacity(&lane->ring) - 1 - ck_ring_size(&lane->ring) : 0;
}

/* A thread that gets no CPU: it sleeps, which costs others nothing. */
static void stand_still(uint64_t until_ns)
{
	const struct timespec until = { .tv_sec = (time_t)(until_ns / NS_PER_S),
					.tv_nsec = (long)(until_ns % NS_PER_S) };

	if (until_ns > clock_mono_ns())
		clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &until, NULL);
}

unsigned int sim_submit(struct io_txq *txq, uint8_t *const frame[], const uint16_t len[], unsigned int n)
{
	struct sim_txq *q = (struct sim_txq *)txq;
	const struct world world = q->port->world; /* a copy that no store can alias */
	const bool heard = q->port->options.rx_queues > 0;
	const bool narrow = world.bottleneck.kind != BOTTLENECK_NONE;
	const uint64_t now = clock_mono_ns(), due = now + world.rtt_ns;
	unsigned int room[2] = { lane_room(q->prompt), lane_room(q->late) };
	uint64_t count[SIM_COUNTS] = { 0 };
	unsigned int i;

	n = departed_room(&q->departed, n);
	if (narrow)
		bottleneck_enter(&q->port->bottleneck, now);
	for (i = 0; i < n; i++) {
		struct sim_answer a;
		unsigned int path = 0, late;
		bool answers;
		const enum sim_count kind = sim_read_probe(frame[i], len[i], &a);

		if (kind != SIM_FRAMES) {
			count[!narrow || bottleneck_pass(&q->port->bottleneck) ? kind : SIM_BOTTLENECK]++;
			continue;
		}
		a.fate = (uint8_t)(a.flags & SIM_ECHO ? world_echo_fate(&world, a.addr) :
							world_fate(&world, a.addr, a.port));
		if (a.fate != WORLD_SILENT)
			path = world_path(&world, a.addr, a.port, a.local_port, a.seq);
		answers = a.fate != WORLD_SILENT && !(path & WORLD_LOST);
		late = answers && (path & WORLD_LATE);
		if (answers && heard && room[late] == 0)
			break;
		if (narrow && !bottleneck_pass(&q->port->bottleneck)) {
			count[SIM_BOTTLENECK]++;
			continue;
		}
		count[SIM_FRAMES]++;
		count[SIM_SILENT + a.fate]++;
		count[SIM_LOST] += (path & WORLD_LOST) != 0;
		if (q->port->seen != NULL)
			count[seen_mark(q->port->seen, a.addr, a.port) ? SIM_TARGETS : SIM_REPEATS]++;
		if (!answers)
			continue;
		count[SIM_LATE] += late;
		count[SIM_DUPLICATED] += (path & WORLD_DUPLICATED) != 0;
		if (!heard)
			continue;
		a.flags |= path & WORLD_DUPLICATED ? SIM_TWICE : 0;
		a.due_ns = due + (late ? world.late_ns : 0);
		if (narrow)
			a.due_ns += bottleneck_delay_ns(&q->port->bottleneck);
		room[late]--;
		struct sim_lane *lane = late ? q->late : q->prompt;
		ck_ring_enqueue_spsc_sim_answer(&lane->ring, lane->slot, &a);
	}
	for (unsigned int c = 0; c < SIM_COUNTS; c++)
		counter_add(&q->count[c], count[c]);
	departed_push(&q->departed, frame, i);
	if (narrow)
		stand_still(bottleneck_leave(&q->port->bottleneck));
	return i;
}
