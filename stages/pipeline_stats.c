/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "anyscan/clock.h"
#include "stages/build/build.h"
#include "stages/gen/gen.h"
#include "stages/pipeline_graph.h"
#include "stages/rx/rx.h"
#include "stages/tx/tx.h"

#define LIMIT_NS 100000000ULL /* what is counted in less says little of what holds the scan back */

static uint64_t targets_total(const struct pipeline *p)
{
	const struct interval shard = walk_shard(&p->walk, p->opt.shard, p->opt.shards);
	const uint64_t n = domain_size(p->opt.domain);
	/* Elements outside the domain lie anywhere in the walk: exact for one shard, within their few otherwise. */
	const uint64_t share = (uint64_t)((unsigned __int128)n * (shard.end - shard.first) / p->walk.order);

	return share < p->opt.max_targets ? share : p->opt.max_targets;
}

static void add_sending(struct pipeline *p, struct pipeline_stats *s)
{
	const struct interval shard = walk_shard(&p->walk, p->opt.shard, p->opt.shards);

	s->targets_total = targets_total(p);
	s->progress_total = shard.end - shard.first;
	/* of the shard, so that a resumed scan goes on where it was */
	s->progress = s->progress_total - ledger_length(p->ledger) + ledger_leased(p->ledger);
	for (unsigned int i = 0; i < p->plan.count[PLAN_TX]; i++) {
		s->sent += counter_read(&p->stage[PLAN_TX][i]->counters.items);
		s->refused += counter_read(&tx_counters(p->stage[PLAN_TX][i])->refused);
		s->excluded += counter_read(&tx_counters(p->stage[PLAN_TX][i])->excluded);
		s->abandoned += counter_read(&tx_counters(p->stage[PLAN_TX][i])->abandoned);
		s->pressed += counter_read(&tx_counters(p->stage[PLAN_TX][i])->paused);
		s->rst_sent += counter_read(&tx_counters(p->stage[PLAN_TX][i])->answered);
		s->rst_dropped += counter_read(&tx_counters(p->stage[PLAN_TX][i])->unanswered);
	}
	for (unsigned int i = 0; i < p->plan.count[PLAN_GEN]; i++)
		s->spared += counter_read(&gen_counters(p->stage[PLAN_GEN][i])->spared);
	for (unsigned int i = 0; i < p->plan.count[PLAN_BUILD]; i++)
		s->unresolved += build_unresolved(p->stage[PLAN_BUILD][i]);
}

static void add_receiving(struct pipeline *p, struct pipeline_stats *s)
{
	const struct classify_counters *c;

	for (unsigned int i = 0; i < p->plan.count[PLAN_RX]; i++) {
		const struct rx_counters *rx = rx_counters(p->stage[PLAN_RX][i]);

		s->received += counter_read(&p->stage[PLAN_RX][i]->counters.items);
		s->valid += counter_read(&rx->valid);
		s->rst_dropped += counter_read(&rx->unanswered);
		for (int cause = 0; cause < REJECT_CAUSES; cause++)
			s->rejects[cause] += counter_read(&rx->rejects[cause]);
	}
	s->dedup_exact = p->dedup != NULL && dedup_exact(p->dedup);
	if (p->plan.count[PLAN_CLASSIFY] == 0)
		return;
	c = classify_counters(p->stage[PLAN_CLASSIFY][0]);
	s->rejects[REJECT_UNASKED] += counter_read(&c->unasked);
	s->valid -= s->valid < counter_read(&c->unasked) ? s->valid : counter_read(&c->unasked);
	s->duplicates = counter_read(&c->repeats);
	for (int k = 0; k < REPLY_CLASSES; k++)
		s->class[k] = counter_read(&c->first[k]);
	s->success = s->class[REPLY_SYNACK] + s->class[REPLY_ECHO];
	s->results = counter_read(&c->results);
	s->output = sink_state(p->stage[PLAN_SINK][0]);
	s->results_lost = counter_read(&c->lost) + s->output.lost;
}

/* What frames a filter in the kernel or in the NIC rejected belongs to the rejects of rx, whoever found the cause. */
static void add_reject(const char *name, uint64_t n, struct pipeline_stats *s)
{
	const size_t prefix = strlen(READING_REJECT_PREFIX);

	for (int cause = 0; cause < REJECT_CAUSES; cause++) {
		if (strncmp(name, READING_REJECT_PREFIX, prefix) == 0 &&
		    strcmp(name + prefix, reject_names[cause]) == 0)
			s->rejects[cause] += n;
	}
}

static void add_readings(struct pipeline *p, struct pipeline_stats *s)
{
	struct reading now[READINGS_MAX];

	for (unsigned int i = 0; i < p->opt.nports; i++) {
		const struct graph_port *port = &p->port[i];
		size_t n = pipeline_readings(p, i, now, READINGS_MAX);

		for (size_t k = 0; k < n; k++) {
			uint64_t before = 0;

			for (size_t b = 0; b < port->nbefore; b++) {
				if (strcmp(port->before[b].name, now[k].name) == 0)
					before = port->before[b].value;
			}
			if (now[k].kind == READING_DROP)
				s->drops += now[k].value - before;
			else if (now[k].kind == READING_REJECT)
				add_reject(now[k].name, now[k].value - before, s);
			if (strcmp(now[k].name, READING_SEND_LOST) == 0)
				s->send_lost += now[k].value - before;
		}
	}
}

/* Every gen that has not ended waits for the time of a later probe. */
static bool spacing_holds(const struct pipeline *p)
{
	bool waits = false;

	for (unsigned int i = 0; i < graph_count(p, PLAN_GEN); i++) {
		const struct stage *gen = p->stage[PLAN_GEN][i];

		if (__atomic_load_n(&gen->finished, __ATOMIC_ACQUIRE))
			continue;
		if (counter_read(&gen_counters(gen)->waits) == 0)
			return false;
		waits = true;
	}
	return waits;
}

/*
 * What holds the scan back, from what changed since the last look: the pacer if tx waited for it more often than
 * for frames, the result path if tx waited for that, else the stage of the sending side that worked most.
 */
static const char *limit(struct pipeline *p, uint64_t now_ns)
{
	uint64_t paced = 0, starved = 0, paused = 0, most = 0;
	const char *name = plan_stage_names[PLAN_TX];
	uint64_t dpaced, dstarved, dpaused;

	if (p->state == PIPELINE_SENDING && p->last.limit != NULL && now_ns - p->last.now_ns < LIMIT_NS)
		return p->live.paused ? "pause" : p->last.limit;
	p->last.now_ns = now_ns;
	p->last.limit = NULL;
	for (unsigned int i = 0; i < p->plan.count[PLAN_TX]; i++) {
		const struct stage *tx = p->stage[PLAN_TX][i];

		paced += counter_read(&tx_counters(tx)->paced);
		paused += counter_read(&tx_counters(tx)->paused);
		starved += counter_read(&tx->counters.starved_in);
	}
	dpaced = paced - p->last.paced;
	dstarved = starved - p->last.starved;
	dpaused = paused - p->last.paused;
	p->last.paced = paced;
	p->last.starved = starved;
	p->last.paused = paused;
	for (int s = PLAN_GEN; s <= PLAN_TX; s++) {
		const unsigned int n = graph_count(p, s);
		uint64_t busy = 0;

		for (unsigned int i = 0; i < n; i++)
			busy += counter_read(&p->stage[s][i]->counters.busy_cycles) / n;
		if (busy > p->last.busy[s] + most) {
			most = busy - p->last.busy[s];
			name = plan_stage_names[s];
		}
		p->last.busy[s] = busy;
	}
	if (p->state != PIPELINE_SENDING)
		return "none";
	if (p->live.paused)
		return "pause";
	p->last.limit = dpaused > 0	      ? "output" :
			spacing_holds(p)      ? "spacing" :
			dpaced > dstarved / 2 ? "rate" :
						name;
	return p->last.limit;
}

void pipeline_counters(struct pipeline *p, struct pipeline_stats *s)
{
	*s = (struct pipeline_stats){ .state = p->state,
				      .now_ns = clock_mono_ns(),
				      .start_ns = p->start_ns,
				      .send_end_ns = p->send_end_ns,
				      .receive_end_ns = p->receive_end_ns,
				      .paused = p->live.paused,
				      .rate = p->policy->rate };
	s->paused_ns = live_paused_ns(p, s->now_ns);
	add_sending(p, s);
	add_receiving(p, s);
	add_readings(p, s);
}

void pipeline_stats(struct pipeline *p, struct pipeline_stats *s)
{
	pipeline_counters(p, s);
	s->limit = limit(p, s->now_ns);
}

size_t pipeline_stage_stats(struct pipeline *p, struct stage_stats *out, size_t max)
{
	size_t n = 0;

	for (int s = 0; s < PLAN_STAGES; s++) {
		for (unsigned int i = 0; i < p->plan.count[s]; i++, n++) {
			const struct stage_counters *c = &p->stage[s][i]->counters;

			if (n >= max)
				continue;
			out[n] = (struct stage_stats){ .name = plan_stage_names[s],
						       .index = i,
						       .items = counter_read(&c->items),
						       .stalled = counter_read(&c->stalled_out),
						       .starved = counter_read(&c->starved_in),
						       .busy = (double)counter_read(&c->busy_cycles) /
							       (double)(cycles() - p->start_cycles) };
		}
	}
	return n;
}

static size_t add_edges(struct edge *const *edge, unsigned int count, struct edge_stats *out, size_t n,
			size_t max)
{
	for (unsigned int k = 0; k < count; k++, n++) {
		const struct edge_counters *in = edge_produced(edge[k]), *done = edge_consumed(edge[k]);

		if (n < max)
			out[n] = (struct edge_stats){ .name = edge_name(edge[k]),
						      .items = counter_read(&in->items),
						      .blocks = counter_read(&in->blocks),
						      .stalled = counter_read(&in->stalls),
						      .starved = counter_read(&done->stalls),
						      .pool = edge_blocks(edge[k]) };
	}
	return n;
}

size_t pipeline_edge_stats(struct pipeline *p, struct edge_stats *out, size_t max)
{
	size_t n = add_edges(p->target_edge, p->ntarget, out, 0, max);

	n = add_edges(p->frame_edge, p->nframe, out, n, max);
	n = add_edges(p->reply_edge, p->plan.count[PLAN_RX], out, n, max);
	return add_edges(p->control_edge, p->ncontrol, out, n, max);
}

unsigned int pipeline_ports(const struct pipeline *p)
{
	return p->opt.nports;
}

size_t pipeline_readings(struct pipeline *p, unsigned int port, struct reading *out, size_t max)
{
	return p->ops->stats != NULL ? p->ops->stats(p->port[port].io, out, max) : 0;
}

size_t pipeline_readings_before(struct pipeline *p, unsigned int port, struct reading *out, size_t max)
{
	const struct graph_port *g = &p->port[port];

	memcpy(out, g->before, (g->nbefore < max ? g->nbefore : max) * sizeof(*out));
	return g->nbefore;
}

bool pipeline_link_up(struct pipeline *p, unsigned int port)
{
	return p->ops->link_up == NULL || p->ops->link_up(p->port[port].io);
}

const char *pipeline_io_mode(struct pipeline *p, unsigned int port)
{
	return p->ops->mode != NULL ? p->ops->mode(p->port[port].io) : p->ops->name;
}

const char *pipeline_frame_memory(struct pipeline *p, unsigned int port)
{
	for (unsigned int q = 0; q < p->ntxq; q++) {
		if (graph_port_of(p, q) == port)
			return p->txq[q]->memory;
	}
	return NULL;
}

const struct plan *pipeline_plan(const struct pipeline *p)
{
	return &p->plan;
}
