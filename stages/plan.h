/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The placement plan: how many of each stage, which steps run on which thread, which thread on which CPU.
 */
#ifndef STAGES_PLAN_H
#define STAGES_PLAN_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>

#include "anyscan/error.h"

#define PLAN_THREADS_MAX 1024
#define PLAN_NODES_MAX 16 /* NUMA nodes with a NIC that get a quiet core each */

enum plan_stage {
	PLAN_GEN,
	PLAN_BUILD,
	PLAN_TX,
	PLAN_RX,
	PLAN_CLASSIFY,
	PLAN_SINK,
	PLAN_STAGES
};
extern const char *const plan_stage_names[PLAN_STAGES];

struct plan_request {
	unsigned int count[PLAN_STAGES]; /* 0: planned */
	bool fuse; /* one thread per queue: gen, build and tx */
	unsigned int tx_queues; /* of each port; 0: one for each tx, or planned with it */
};

/* "gen=4,tx=8,rx=4": any subset, each 1..PLAN_THREADS_MAX. */
int plan_parse(const char *text, struct plan_request *, struct error *);

/* What no host could do: counts that a fused plan cannot have. */
int plan_check(const struct plan_request *, struct error *);

struct plan_cpu { /* a hardware thread */
	int cpu; /* its number */
	int core; /* hardware threads of one core have the same */
	int node; /* NUMA, -1: unknown */
};

struct plan_host { /* what the plan is made for; plain data, so that any machine can be planned for on any other */
	unsigned int cpus; /* usable by this process, at least one */
	const struct plan_cpu *cpu; /* ascending by number */
	unsigned int ports; /* NICs */
	const int *port_node; /* NUMA node of each, -1: unknown; or NULL */
	bool receives; /* the engine has an rx side */
	unsigned int queues_max; /* queues per port that the engine can open, 0: any number */
	unsigned int
		rx_queues_all; /* rx queues per port that must be opened, few threads or many; 0: one a thread */
	/* CPUs from which queue i of port p is fed (XPS): fed[i * ports + p]. */
	const cpu_set_t *fed; /* empty: from any CPU */
	unsigned int feds;
};

struct plan_step {
	enum plan_stage stage;
	unsigned int index;
};

struct plan_thread {
	int cpu, core, node; /* -1: not pinned */
	struct plan_step step[8];
	unsigned int steps;
};

struct plan {
	unsigned int count[PLAN_STAGES];
	unsigned int ports, tx_queues_per_port, rx_queues_per_port;
	/*
	 * Queue q of the pipeline is queue q / ports of port port_at[q % ports]. NUMA nodes take turns, so that a gen or a
	 * build that feeds every n-th queue feeds those of one node, where n is a multiple of the nodes.
	 */
	unsigned int *port_at;
	struct plan_thread *thread;
	unsigned int threads;
	bool crowded; /* more busy threads than CPUs: wait soon, do not spin, tell others later (rings/notices.h) */
	struct plan_cpu
		housekeeping; /* for the sink and the set-up thread, its core has no poller; cpu -1: none is left */
	struct plan_cpu
		quiet[PLAN_NODES_MAX]; /* other nodes' cores without a poller, for their NICs' interrupts */
	unsigned int quiets;
};

int plan_make(const struct plan_request *, const struct plan_host *, struct plan *, struct error *);
void plan_free(struct plan *);

/* One line per thread for the log and metadata: "cpu 0: gen0 build0 tx0". Returns bytes as snprintf. */
int plan_format(const struct plan *, char *buf, size_t size);

/* --show-plan: thread as in top -H, CPU, core, NUMA node, stages, queues as "ens1:tx0". port: names. As snprintf. */
int plan_table(const struct plan *, const char *const *port, char *buf, size_t size);

#endif
