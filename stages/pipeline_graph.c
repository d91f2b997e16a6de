/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From plan to graph. The graph is a partition, not a mesh: each tx queue
 * belongs to one builder (or its frames are split among several), each builder
 * to one gen (or its targets come from several).
 */
#include "stages/pipeline_graph.h"
#include "anyscan/clock.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rings/lines.h"
#include "rings/memory_node.h"
#include "stages/tx/control.h"

/* Pools: deep enough that a thread switch on either side does not starve the other, small enough for L2. */
#define TARGET_BLOCKS 8
#define FRAME_BLOCKS 16
#define REPLY_BLOCKS 64
#define SINK_NAP_NS 1000000 /* a record is written that much later at most */
#define CONTROL_BLOCKS \
	16 /* a burst of 2000 answers; what lies here is late by as much as the pace makes it */

static int make_threads(struct pipeline *p, struct error *e)
{
	p->thread = lines_alloc(p->plan.threads * sizeof(*p->thread));
	if (p->thread == NULL)
		return error_set(e, -ENOMEM, "out of memory for %u threads", p->plan.threads);
	for (unsigned int t = 0; t < p->plan.threads; t++)
		p->thread[t].waker.eventfd =
			-1; /* graph_free() closes them all, made or not: 0 is standard input */
	for (unsigned int t = 0; t < p->plan.threads; t++) {
		const struct plan_thread *plan = &p->plan.thread[t];
		bool fds = false;
		int r;

		for (unsigned int s = 0; s < plan->steps; s++)
			fds |= plan->step[s].stage == PLAN_RX;
		p->thread[t].cpu = plan->cpu;
		p->thread[t].spin = p->plan.crowded ? 0 : 64;
		if (plan->steps == 1 && plan->step[0].stage == PLAN_SINK)
			p->thread[t].nap_ns = SINK_NAP_NS;
		p->thread[t].done = &p->done;
		p->thread[t].abort = &p->abort;
		r = waker_init(&p->thread[t].waker, fds);
		if (r < 0)
			return error_set(e, r, "cannot make an eventfd: %s", strerror(-r));
	}
	return 0;
}

static int prepare_template(struct pipeline *p, unsigned int i, struct error *e)
{
	const struct pipeline_options *o = &p->opt;
	const struct io_link *link = &o->ports[i].link;
	struct probe_identity id = { .saddr = link->addr,
				     .sport_first = o->sport_first,
				     .sport_last = o->sport_last,
				     .ttl = o->ttl,
				     .vlan = o->vlan,
				     .key = o->key };

	memcpy(id.src_mac, link->mac, sizeof(id.src_mac));
	memcpy(id.dst_mac, link->gateway_mac, sizeof(id.dst_mac));
	memset(p->port[i].template, 0, sizeof(*p->port[i].template));
	return o->module->prepare(&id, o->probe_args, p->port[i].template, e);
}

static int open_ports(struct pipeline *p, struct error *e)
{
	const struct pipeline_options *o = &p->opt;
	const unsigned int parts = (p->nframe + p->ntxq - 1) / p->ntxq; /* builders that share a queue */

	for (unsigned int i = 0; i < o->nports; i++) {
		const struct io_link *link = &o->ports[i].link;
		struct io_port_options io = {
			.link = link,
			.tx_queues = p->plan.tx_queues_per_port,
			.rx_queues = p->plan.rx_queues_per_port,
			.frames =
				parts * FRAME_BLOCKS * BLOCK_ITEMS + (graph_answers(p) ? CONTROL_FRAMES : 0),
			.match = { .key = o->key,
				   .local_addr = link->addr,
				   .port_first = o->sport_first,
				   .port_last = o->sport_last,
				   .ip_proto = o->module->ip_proto,
				   .last_probe = (uint8_t)(o->probes - 1) },
			.world = o->world,
			.world_seen = o->world_seen,
			.xdp_mode = o->xdp_mode,
		};
		struct graph_port *port = &p->port[i];
		int r;

		port->template = aligned_alloc(CACHE_LINE, sizeof(*port->template));
		if (port->template == NULL)
			return error_set(e, -ENOMEM, "out of memory for a probe template");
		r = prepare_template(p, i, e);
		if (r < 0)
			return r;
		io.frame_len = probe_frame_len(port->template);
		r = p->ops->open(&io, &port->io, e);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Frames, blocks and tables lie where the thread that works with them runs. */
static void prefer_node_of(struct pipeline *p, enum plan_stage stage, unsigned int index)
{
	memory_node_prefer(p->plan.thread[graph_thread(p, stage, index) - p->thread].node);
}

static int open_queues(struct pipeline *p, struct error *e)
{
	const unsigned int nports = p->opt.nports;

	for (unsigned int q = 0; q < p->ntxq; q++) {
		/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): a plan has each stage */
		prefer_node_of(p, PLAN_TX, q % graph_count(p, PLAN_TX));
		int r = p->ops->tx_open(p->port[graph_port_of(p, q)].io, q / nports, &p->txq[q], e);

		if (r < 0)
			return r;
	}
	for (unsigned int q = 0; q < p->nrxq; q++) {
		/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): likewise */
		prefer_node_of(p, PLAN_RX, q % graph_count(p, PLAN_RX));
		int r = p->ops->rx_open(p->port[graph_port_of(p, q)].io, q / nports, &p->rxq[q], e);

		if (r < 0)
			return r;
	}
	return 0;
}

/* Who is behind a port may be known only now: templates were made without. */
static int meet_neighbours(struct pipeline *p, struct error *e)
{
	int r = 0;

	for (unsigned int i = 0; i < p->opt.nports && p->opt.meet != NULL && r == 0; i++) {
		r = p->opt.meet(p->opt.meet_arg, i, p->port[i].io, e);
		if (r == 0)
			r = prepare_template(p, i, e);
	}
	return r;
}

/* After the queues and their neighbours: what it takes to set them up is not part of the scan. */
static int read_counters(struct pipeline *p, struct error *e)
{
	(void)e;
	for (unsigned int i = 0; i < p->opt.nports && p->ops->stats != NULL; i++)
		p->port[i].nbefore = p->ops->stats(p->port[i].io, p->port[i].before, READINGS_MAX);
	return 0;
}

static struct edge *join(struct pipeline *p, enum plan_stage from, unsigned int i, enum plan_stage to,
			 unsigned int j, unsigned int blocks, size_t size)
{
	struct thread *producer = graph_thread(p, from, i), *consumer = graph_thread(p, to, j);
	const bool same = producer == consumer;
	/*
	 * Replies are told of at once: classify may share a thread with what blocks. Slower with it is but three threads
	 * into null on two CPUs (20 against 30 M probes/s), where each of them sleeps while the next wakes.
	 */
	const bool later = p->plan.crowded && to <= PLAN_TX;
	char name[48];
	struct edge_options o = { .name = name,
				  .blocks = blocks,
				  .block_size = size,
				  .producer = same ? NULL : &producer->waker,
				  .consumer = same ? NULL : &consumer->waker,
				  .push_later = later ? &producer->notices : NULL,
				  .recycle_later = later ? &consumer->notices : NULL };

	snprintf(name, sizeof(name), "%s%u>%s%u", plan_stage_names[from], i, plan_stage_names[to], j);
	prefer_node_of(p, to, j);
	return edge_create(&o);
}

/* Nobody waits for a block of a control edge to come back: its producer polls. */
static struct edge *join_control(struct pipeline *p, unsigned int k)
{
	/* NOLINTNEXTLINE(clang-analyzer-core.DivideZero): a plan has each stage */
	const unsigned int i = k % p->nrxq % graph_count(p, PLAN_RX),
			   j = k % p->ntxq % graph_count(p, PLAN_TX);
	struct thread *producer = graph_thread(p, PLAN_RX, i), *consumer = graph_thread(p, PLAN_TX, j);
	char name[48];

	snprintf(name, sizeof(name), "%s%u>%s%u", plan_stage_names[PLAN_RX], i, plan_stage_names[PLAN_TX], j);
	prefer_node_of(p, PLAN_TX, j);
	return edge_create(
		&(struct edge_options){ .name = name,
					.blocks = CONTROL_BLOCKS,
					.block_size = sizeof(struct control_block),
					.consumer = producer == consumer ? NULL : &consumer->waker });
}

static int make_edges(struct pipeline *p, struct error *e)
{
	const unsigned int gens = graph_count(p, PLAN_GEN), builds = graph_count(p, PLAN_BUILD),
			   rxs = graph_count(p, PLAN_RX);
	bool ok = true;

	for (unsigned int k = 0; k < p->ntarget && ok; k++) {
		p->target_edge[k] = join(p, PLAN_GEN, k % gens, PLAN_BUILD, k % builds, TARGET_BLOCKS,
					 sizeof(struct target_block));
		ok = p->target_edge[k] != NULL;
	}
	for (unsigned int k = 0; k < p->nframe && ok; k++) {
		p->frame_edge[k] = join(p, PLAN_BUILD, k % builds, PLAN_TX,
					k % p->ntxq % graph_count(p, PLAN_TX), FRAME_BLOCKS,
					sizeof(struct frame_block));
		ok = p->frame_edge[k] != NULL;
	}
	for (unsigned int k = 0; k < rxs && ok; k++) {
		p->reply_edge[k] =
			join(p, PLAN_RX, k, PLAN_CLASSIFY, 0, REPLY_BLOCKS, sizeof(struct reply_block));
		ok = p->reply_edge[k] != NULL;
	}
	for (unsigned int k = 0; k < p->ncontrol && ok; k++) {
		p->control_edge[k] = join_control(p, k);
		ok = p->control_edge[k] != NULL;
	}
	return ok ? 0 : error_set(e, -ENOMEM, "out of memory for the edges between stages");
}

static int make_tables(struct pipeline *p, struct error *e)
{
	const struct pipeline_options *o = &p->opt;
	const struct interval shard = walk_shard(&p->walk, o->shard, o->shards);
	const uint64_t wait_ns = o->spacing_ns > o->spaced_ns ? o->spacing_ns - o->spaced_ns : 0;
	const struct ledger_spacing spacing = { .passes = o->spacing_ns > 0 ? o->probes : 1,
						.spacing_ns = o->spacing_ns,
						.later_due_ns = clock_mono_ns() + wait_ns };

	p->ledger = ledger_create_spaced(o->remaining != NULL ? o->remaining : &shard,
					 o->remaining != NULL ? o->nremaining : 1, graph_count(p, PLAN_GEN),
					 o->max_targets, &spacing);
	if (p->ledger == NULL)
		return error_set(e, -ENOMEM, "out of memory for the chunk ledger");
	if (graph_count(p, PLAN_SINK) == 0)
		return 0;
	prefer_node_of(p, PLAN_CLASSIFY, 0);
	if (o->dedup == DEDUP_FULL)
		p->dedup = dedup_create_full(domain_size(o->domain), o->dedup_memory);
	/* Exactness for any domain that fits; a window, said so in the metadata, for what does not. */
	if (p->dedup == NULL && o->dedup != DEDUP_NONE)
		p->dedup = dedup_create_window(o->dedup_memory);
	if (p->dedup == NULL && o->dedup != DEDUP_NONE)
		return error_set(
			e, -ENOMEM,
			"out of memory for duplicate detection; lower --dedup-memory (now %zu bytes)",
			o->dedup_memory);
	p->results = result_queue_create(o->result_buffer, &graph_thread(p, PLAN_SINK, 0)->waker);
	if (p->results == NULL)
		return error_set(e, -ENOMEM,
				 "out of memory for the result queue; lower --result-buffer (now %zu bytes)",
				 o->result_buffer);
	return 0;
}

static int make_arrays(struct pipeline *p, struct error *e)
{
	bool ok = true;

	p->ntxq = p->plan.tx_queues_per_port * p->opt.nports;
	p->nrxq = p->plan.rx_queues_per_port * p->opt.nports;
	p->ntarget = graph_max(graph_count(p, PLAN_GEN), graph_count(p, PLAN_BUILD));
	p->nframe = graph_max(graph_count(p, PLAN_BUILD), p->ntxq);
	p->port = calloc(p->opt.nports, sizeof(*p->port));
	p->txq = calloc(p->ntxq, sizeof(*p->txq));
	p->rxq = calloc(p->nrxq + 1, sizeof(*p->rxq));
	p->target_edge = calloc(p->ntarget, sizeof(*p->target_edge));
	p->frame_edge = calloc(p->nframe, sizeof(*p->frame_edge));
	p->reply_edge = calloc(graph_count(p, PLAN_RX) + 1, sizeof(*p->reply_edge));
	p->flush.idle = calloc(graph_count(p, PLAN_RX) + 1, sizeof(*p->flush.idle));
	p->ncontrol = graph_answers(p) ? graph_max(p->nrxq, p->ntxq) : 0;
	p->control_edge = calloc(p->ncontrol + 1, sizeof(*p->control_edge));
	p->gen_out = calloc(p->ntarget, sizeof(*p->gen_out));
	p->build_in = calloc(p->ntarget, sizeof(*p->build_in));
	p->build_out = calloc(p->nframe, sizeof(*p->build_out));
	for (int s = 0; s < PLAN_STAGES; s++) {
		p->stage[s] = calloc(graph_count(p, s) + 1, sizeof(*p->stage[s]));
		ok &= p->stage[s] != NULL;
	}
	ok &= p->port != NULL && p->txq != NULL && p->rxq != NULL && p->target_edge != NULL &&
	      p->frame_edge != NULL && p->reply_edge != NULL && p->control_edge != NULL &&
	      p->gen_out != NULL && p->build_in != NULL && p->build_out != NULL && p->flush.idle != NULL;
	return ok ? 0 : error_set(e, -ENOMEM, "out of memory for the pipeline");
}

int graph_build(struct pipeline *p, struct error *e)
{
	static int (*const step[])(struct pipeline *, struct error *) = {
		make_arrays,   make_threads, open_ports,  open_queues,	     meet_neighbours,
		read_counters, make_edges,   make_tables, graph_make_stages,
	};
	int r = 0;

	for (size_t i = 0; i < sizeof(step) / sizeof(step[0]) && r == 0; i++)
		r = step[i](p, e);
	memory_node_prefer(-1);
	return r;
}

static bool conserved(struct edge *const *edge, unsigned int n, unsigned int kept)
{
	for (unsigned int k = 0; k < n; k++) {
		unsigned int hands = 0;

		while (hands <= kept && !edge_conserved(edge[k], hands))
			hands++;
		if (hands > kept)
			return false;
	}
	return true;
}

bool graph_conserved(const struct pipeline *p)
{
	return conserved(p->target_edge, p->ntarget, 0) && conserved(p->frame_edge, p->nframe, 1) &&
	       conserved(p->reply_edge, graph_count(p, PLAN_RX), 0) &&
	       conserved(p->control_edge, p->ncontrol, 0);
}

static void destroy_edges(struct edge **edge, unsigned int n)
{
	for (unsigned int k = 0; edge != NULL && k < n; k++) {
		if (edge[k] != NULL)
			edge_destroy(edge[k]);
	}
	free(edge);
}

void graph_free(struct pipeline *p)
{
	graph_destroy_stages(p);
	result_queue_destroy(p->results);
	dedup_destroy(p->dedup);
	if (p->ledger != NULL)
		ledger_destroy(p->ledger);
	destroy_edges(p->control_edge, p->ncontrol);
	destroy_edges(p->reply_edge, graph_count(p, PLAN_RX));
	destroy_edges(p->frame_edge, p->nframe);
	destroy_edges(p->target_edge, p->ntarget);
	for (unsigned int i = 0; p->port != NULL && i < p->opt.nports; i++) {
		if (p->port[i].io != NULL)
			p->ops->close(p->port[i].io);
		free(p->port[i].template);
	}
	for (unsigned int t = 0; p->thread != NULL && t < p->plan.threads; t++)
		waker_fini(&p->thread[t].waker);
	free(p->thread);
	free(p->gen_out);
	free(p->build_in);
	free(p->build_out);
	free(p->flush.idle);
	free(p->rxq);
	free(p->txq);
	free(p->port);
	plan_free(&p->plan);
}

/*
 * Between gen and the wire lie, per path, two edges of `window` blocks and about two blocks in hands. At 50 pps that is one
 * probe a block and one block an edge; from about 1 Mpps a path on, full blocks and whole pools.
 */
struct policy graph_policy(const struct pipeline *p, double rate, bool stop)
{
	const double paths = graph_max(p->ntarget, p->nframe);
	const double flight = rate * ((double)POLICY_WINDOW_NS / 1e9) / paths;
	struct policy policy = { .rate = rate, .stop = stop, .block_fill = BLOCK_ITEMS, .edge_window = 0 };

	if (rate <= RATE_MAX || flight >= 2.0 * FRAME_BLOCKS * BLOCK_ITEMS)
		return policy;
	policy.block_fill = flight / 4 < 1	     ? 1 :
			    flight / 4 > BLOCK_ITEMS ? BLOCK_ITEMS :
						       (uint32_t)(flight / 4);
	policy.edge_window = (uint32_t)(flight / (2 * policy.block_fill));
	if (policy.edge_window < 1)
		policy.edge_window = 1;
	return policy;
}
