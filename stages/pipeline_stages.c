/* SPDX-License-Identifier: Apache-2.0 */
/* Creates the stages of a pipeline, each with its group of edges, and puts them on their threads. */
#include "stages/pipeline_graph.h"

#include <errno.h>
#include <stdlib.h>

#include "stages/gen/gen.h"
#include "stages/rx/rx.h"
#include "stages/tx/tx.h"

static int place(struct pipeline *p, enum plan_stage stage, unsigned int index, struct stage *s,
		 struct error *e)
{
	struct thread *t = graph_thread(p, stage, index);

	if (s == NULL)
		return error_set(e, -ENOMEM, "out of memory for stage %s %u", plan_stage_names[stage], index);
	p->stage[stage][index] = s;
	t->step[t->steps++] = s;
	return 0;
}

/* Copies every stride-th edge from `first` on to group. Returns how many. */
static unsigned int gather(struct edge *const *edge, unsigned int n, unsigned int first, unsigned int stride,
			   struct edge **group)
{
	unsigned int taken = 0;

	for (unsigned int k = first; k < n; k += stride)
		group[taken++] = edge[k];
	return taken;
}

static int make_gens(struct pipeline *p, struct error *e)
{
	const unsigned int gens = graph_count(p, PLAN_GEN);
	struct edge **group = p->gen_out;
	int r = 0;

	for (unsigned int i = 0; i < gens && r == 0; i++) {
		struct gen_options o = { .domain = p->opt.domain,
					 .walk = &p->walk,
					 .ledger = p->ledger,
					 .policy = (const struct policy *const *)&p->policy,
					 .probes = p->opt.probes,
					 .spacing_ns = p->opt.spacing_ns,
					 .found = p->dedup,
					 .out = group };

		o.outs = gather(p->target_edge, p->ntarget, i, gens, group);
		group += o.outs;
		r = place(p, PLAN_GEN, i, gen_create(i, &o), e);
	}
	return r;
}

static int make_builds(struct pipeline *p, struct error *e)
{
	const unsigned int builds = graph_count(p, PLAN_BUILD);
	struct build_output *out = p->build_out;
	struct edge **group = p->build_in;
	int r = 0;

	for (unsigned int i = 0; i < builds && r == 0; i++) {
		struct build_options o = { .module = p->opt.module,
					   .policy = (const struct policy *const *)&p->policy,
					   .in = group,
					   .out = out };

		o.ins = gather(p->target_edge, p->ntarget, i, builds, group);
		group += o.ins;
		for (unsigned int k = i; k < p->nframe; k += builds) {
			const unsigned int port = graph_port_of(p, k % p->ntxq);

			out[o.outs++] = (struct build_output){ .edge = p->frame_edge[k],
							       .template = p->port[port].template,
							       .neighbours = p->opt.ports[port].neighbours };
		}
		out += o.outs;
		r = place(p, PLAN_BUILD, i, build_create(i, &o), e);
	}
	return r;
}

static int make_txs(struct pipeline *p, struct error *e)
{
	const unsigned int txs = graph_count(p, PLAN_TX);
	struct edge *in[p->nframe], *control[p->ncontrol + 1];
	struct tx_queue_options queue[p->ntxq];
	int r = 0;

	for (unsigned int i = 0; i < txs && r == 0; i++) {
		struct tx_options o = { .policy = (const struct policy *const *)&p->policy,
					.bucket = &p->bucket,
					.queue = queue,
					.results = &p->results,
					.nresults = p->results != NULL,
					.module = p->opt.module,
					.stop = &p->rx_stop,
					.on_sent = &p->done };
		unsigned int used = 0, controls = 0;

		for (unsigned int q = i; q < p->ntxq; q += txs) {
			struct tx_queue_options *own = &queue[o.queues++];
			const unsigned int port = graph_port_of(p, q);

			*own = (struct tx_queue_options){ .queue = p->txq[q],
							  .in = &in[used],
							  .control = &control[controls],
							  .template = p->port[port].template,
							  .neighbours = p->opt.ports[port].neighbours };
			own->ins = gather(p->frame_edge, p->nframe, q, p->ntxq, &in[used]);
			own->controls = gather(p->control_edge, p->ncontrol, q, p->ntxq, &control[controls]);
			used += own->ins;
			controls += own->controls;
		}
		r = place(p, PLAN_TX, i, tx_create(i, &o), e);
	}
	return r;
}

static int make_receiving(struct pipeline *p, struct error *e)
{
	const unsigned int rxs = graph_count(p, PLAN_RX);
	struct io_rxq *queue[p->nrxq + 1];
	struct edge *edge[p->ncontrol + 1];
	struct rx_control control[p->nrxq + 1];
	struct sink_options sink = p->opt.output;
	int r = 0;

	for (unsigned int i = 0; i < rxs && r == 0; i++) {
		struct rx_options o = { .module = p->opt.module,
					.queue = queue,
					.out = p->reply_edge[i],
					.control = control,
					.stop = &p->rx_stop };
		unsigned int used = 0;

		for (unsigned int q = i; q < p->nrxq; q += rxs) {
			struct rx_control *own = &control[o.queues];

			own->edge = &edge[used];
			own->edges = gather(p->control_edge, p->ncontrol, q, p->nrxq, own->edge);
			used += own->edges;
			queue[o.queues++] = p->rxq[q];
		}
		r = place(p, PLAN_RX, i, rx_create(i, &o), e);
	}
	if (r == 0 && graph_count(p, PLAN_CLASSIFY) > 0) {
		struct classify_options o = { .domain = p->opt.domain,
					      .dedup = p->dedup,
					      .filter = p->opt.filter,
					      .max_results = p->opt.max_results,
					      .in = p->reply_edge,
					      .ins = rxs,
					      .out = p->results,
					      .send_end_ns = &p->send_end_real_ns,
					      .on_max = &p->done };

		r = place(p, PLAN_CLASSIFY, 0, classify_create(0, &o), e);
	}
	if (r == 0 && graph_count(p, PLAN_SINK) > 0) {
		sink.in = &p->results;
		sink.ins = 1;
		sink.failed = &p->done;
		r = place(p, PLAN_SINK, 0, sink_create(&sink), e);
	}
	return r;
}

int graph_make_stages(struct pipeline *p, struct error *e)
{
	static int (*const make[])(struct pipeline *, struct error *) = { make_gens, make_builds, make_txs,
									  make_receiving };

	for (size_t i = 0; i < sizeof(make) / sizeof(make[0]); i++) {
		int r = make[i](p, e);

		if (r < 0)
			return r;
	}
	return 0;
}

void graph_destroy_stages(struct pipeline *p)
{
	static void (*const destroy[PLAN_STAGES])(struct stage *) = {
		[PLAN_GEN] = gen_destroy, [PLAN_BUILD] = build_destroy,	      [PLAN_TX] = tx_destroy,
		[PLAN_RX] = rx_destroy,	  [PLAN_CLASSIFY] = classify_destroy, [PLAN_SINK] = sink_destroy,
	};

	for (int s = 0; s < PLAN_STAGES; s++) {
		for (unsigned int i = 0; p->stage[s] != NULL && i < graph_count(p, s); i++) {
			if (p->stage[s][i] != NULL)
				destroy[s](p->stage[s][i]);
		}
		free(p->stage[s]);
	}
}
