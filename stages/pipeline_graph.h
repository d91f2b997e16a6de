/* SPDX-License-Identifier: Apache-2.0 */
/* The inside of struct pipeline, shared by pipeline_graph.c (set-up), pipeline.c (states) and pipeline_stats.c. */
#ifndef STAGES_PIPELINE_GRAPH_H
#define STAGES_PIPELINE_GRAPH_H

#include "anyscan/policy.h"
#include "rings/edge.h"
#include "stages/build/build.h"
#include "stages/classify/classify.h"
#include "stages/gen/ledger.h"
#include "stages/gen/walk.h"
#include "stages/pipeline.h"
#include "stages/policy_rcu.h"
#include "stages/thread.h"
#include "stages/tx/bucket.h"

#define READINGS_MAX 64 /* per port */

struct graph_port {
	struct io_port *io;
	struct probe_template *template;
	struct reading before[READINGS_MAX];
	size_t nbefore;
};

struct pipeline {
	struct pipeline_options opt;
	struct plan plan;
	const struct io_ops *ops; /* of every port */
	struct graph_port *port;

	/* sending side */
	struct walk walk;
	struct ledger *ledger;
	struct policy *policy; /* published by rcu_xchg_pointer */
	struct policy_writer policy_writer;
	struct bucket bucket;
	struct io_txq **txq; /* queue q is index q / nports of port graph_port_of(q) */
	unsigned int ntxq;
	struct edge **target_edge; /* k: gen k % gens -> build k % builds */
	struct edge **frame_edge; /* k: build k % builds -> queue k % ntxq */
	unsigned int ntarget, nframe;
	struct edge **gen_out,
		**build_in; /* target_edge, grouped by gen and by build: stages borrow their group */
	struct build_output *build_out; /* frame_edge, grouped by build */

	/* receiving side */
	struct io_rxq **rxq;
	unsigned int nrxq;
	struct edge **reply_edge; /* k: rx k -> classify */
	struct edge **control_edge; /* k: rx queue k % nrxq -> tx queue k % ntxq, of the same port */
	unsigned int ncontrol; /* 0: replies are not answered */
	struct dedup *dedup;
	struct result_queue *results;

	struct stage **stage[PLAN_STAGES];
	struct thread *thread;
	struct waker done; /* its eventfd is pipeline_fd() */

	/* state */
	enum pipeline_state state;
	uint64_t start_ns, start_cycles, send_end_ns, cooldown_end_ns;
	uint64_t send_end_real_ns; /* read by classify */
	uint64_t receive_end_ns;
	bool skip_cooldown;
	bool rx_stop; /* read by rx */
	bool abort; /* read by threads: a stage could not start, nobody waits for anybody */
	struct { /* pipeline_flushed() */
		unsigned int step;
		uint64_t *idle; /* of each rx, when it began */
		uint64_t replies, results; /* that must be through */
	} flush;
	struct { /* pipeline_live.c */
		bool paused;
		uint64_t paused_since_ns,
			paused_ns; /* CLOCK_MONOTONIC; the sum of the pauses before this one */
		struct ranges excluded; /* normalised: what every policy from now on carries */
		struct exclusion *added; /* as they came, EXCLUSIONS_MAX at most */
		size_t nadded;
	} live;
	struct { /* for pipeline_stats(): what it saw last time */
		const char *limit; /* NULL: none so far */
		uint64_t now_ns;
		uint64_t paced, starved, paused, busy[PLAN_STAGES];
	} last;
};

/* Opens ports and queues, creates edges and stages, assigns them to threads. On failure graph_free() cleans up. */
int graph_build(struct pipeline *, struct error *);
void graph_free(struct pipeline *);
/* After a scan that ran to its end: every block of every pool is home (a builder may keep one blank frame block). */
bool graph_conserved(const struct pipeline *);

/* pipeline_stages.c: the stages alone. */
int graph_make_stages(struct pipeline *, struct error *);
void graph_destroy_stages(struct pipeline *);

/* Replies of this scan are answered: wanted, and there is something to answer. */
static inline bool graph_answers(const struct pipeline *p)
{
	return p->opt.rst && p->plan.count[PLAN_RX] > 0 && p->opt.module->answer != NULL;
}

static inline unsigned int graph_max(unsigned int a, unsigned int b)
{
	return a > b ? a : b;
}

/* tx and rx queues are numbered alike. */
static inline unsigned int graph_port_of(const struct pipeline *p, unsigned int queue)
{
	return p->plan.port_at[queue % p->opt.nports];
}

static inline unsigned int graph_count(const struct pipeline *p, enum plan_stage s)
{
	return p->plan.count[s];
}

/* The thread that runs a stage; the plan names each exactly once. */
static inline struct thread *graph_thread(struct pipeline *p, enum plan_stage stage, unsigned int index)
{
	for (unsigned int t = 0; t < p->plan.threads; t++) {
		const struct plan_thread *plan = &p->plan.thread[t];

		for (unsigned int s = 0; s < plan->steps; s++) {
			if (plan->step[s].stage == stage && plan->step[s].index == index)
				return &p->thread[t];
		}
	}
	return NULL;
}

/*
 * pipeline_live.c: swaps the policy, with the pause and the exclusions there are; stages see it from their next step
 * on. 0 or -ENOMEM: the old one stays.
 */
int live_publish(struct pipeline *, struct policy next);
uint64_t live_paused_ns(const struct pipeline *, uint64_t now_ns); /* of the time of sending */
void live_free(struct pipeline *);

/* Every thread looks at what has changed. */
void graph_notify(struct pipeline *);

/* The policy of a rate: block sizes and windows that keep POLICY_WINDOW_NS of it in flight. */
struct policy graph_policy(const struct pipeline *, double rate, bool stop);

#endif
