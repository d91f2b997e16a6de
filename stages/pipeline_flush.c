/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a checkpoint asks of a running pipeline: what is left to send, and whether what has arrived is written down.
 *
 * The second goes stage by stage, always from a counter that the stage before has reached: every rx has found its
 * queues empty, so all that had arrived is on its edge; classify has examined as many replies as were pushed by then;
 * the sink has written as many records as classify had made by then. More traffic does not hold it up, but at the
 * first step an rx that never runs dry does.
 */
#include <errno.h>
#include <stdlib.h>

#include "stages/classify/classify.h"
#include "stages/pipeline_graph.h"

enum flush_step {
	FLUSH_RX,
	FLUSH_CLASSIFY,
	FLUSH_RECORDS,
	FLUSH_SINK,
	FLUSH_DONE,
};

/* The first may have begun before we asked; the second may count before it has pushed what it found. */
#define IDLE_STEPS 3

int pipeline_remaining(const struct pipeline *p, struct interval *part, uint64_t *probes)
{
	return ledger_remaining(p->ledger, part, probes);
}

size_t pipeline_parts_max(const struct pipeline *p)
{
	return ledger_parts_max(p->ledger);
}

uint64_t pipeline_exponent(const struct pipeline *p, uint64_t ahead)
{
	return ledger_exponent(p->ledger, ahead);
}

struct interval pipeline_shard(const struct pipeline *p)
{
	return walk_shard(&p->walk, p->opt.shard, p->opt.shards);
}

bool pipeline_mark_answered(struct pipeline *p, uint32_t addr, uint16_t port, bool success)
{
	uint64_t index;

	if (!domain_index(p->opt.domain, addr, port, &index))
		return false;
	if (p->dedup != NULL)
		dedup_seen(p->dedup, index, success);
	return true;
}

void pipeline_flush_start(struct pipeline *p)
{
	p->flush.step = graph_count(p, PLAN_SINK) > 0 ? FLUSH_RX : FLUSH_DONE;
	for (unsigned int i = 0; i < graph_count(p, PLAN_RX); i++)
		p->flush.idle[i] = counter_read(&p->stage[PLAN_RX][i]->counters.starved_in);
}

static bool rx_was_idle(struct pipeline *p)
{
	bool idle = true;

	for (unsigned int i = 0; i < graph_count(p, PLAN_RX); i++) {
		const struct stage *rx = p->stage[PLAN_RX][i];

		if (__atomic_load_n(&rx->finished, __ATOMIC_ACQUIRE) ||
		    counter_read(&rx->counters.starved_in) >= p->flush.idle[i] + IDLE_STEPS)
			continue;
		idle = false;
		waker_notify(&graph_thread(p, PLAN_RX, i)->waker); /* one that sleeps makes no step */
	}
	return idle;
}

static uint64_t replies_pushed(const struct pipeline *p)
{
	uint64_t items = 0;

	for (unsigned int i = 0; i < graph_count(p, PLAN_RX); i++)
		items += counter_read(&edge_produced(p->reply_edge[i])->items);
	return items;
}

bool pipeline_flushed(struct pipeline *p)
{
	struct sink_state sink;

	switch (p->flush.step) {
	case FLUSH_RX:
		if (!rx_was_idle(p))
			return false;
		p->flush.replies = replies_pushed(p);
		p->flush.step = FLUSH_CLASSIFY;
		__attribute__((fallthrough));
	case FLUSH_CLASSIFY:
		if (counter_read(&p->stage[PLAN_CLASSIFY][0]->counters.items) < p->flush.replies)
			return false;
		/* its records are read at the next look: two plain counters may be seen out of order */
		p->flush.step = FLUSH_RECORDS;
		return false;
	case FLUSH_RECORDS:
		p->flush.results = counter_read(&classify_counters(p->stage[PLAN_CLASSIFY][0])->results);
		p->flush.step = FLUSH_SINK;
		__attribute__((fallthrough));
	case FLUSH_SINK:
		sink = sink_state(p->stage[PLAN_SINK][0]);
		if (sink.written + sink.lost < p->flush.results)
			return false;
		p->flush.step = FLUSH_DONE;
		__attribute__((fallthrough));
	default:
		return true;
	}
}

bool pipeline_results_whole(const struct pipeline *p)
{
	const struct classify_counters *c;
	const struct sink_state output = pipeline_output(p);

	if (pipeline_failed(p) < 0 || p->abort || output.lost > 0 || output.error != 0)
		return false;
	if (graph_count(p, PLAN_CLASSIFY) == 0)
		return true;
	c = classify_counters(p->stage[PLAN_CLASSIFY][0]);
	return counter_read(&c->lost) == 0 && counter_read(&c->results) < p->opt.max_results;
}
