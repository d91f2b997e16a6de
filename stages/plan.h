/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The placement plan: how many of each stage, which steps run on which thread, which thread on which CPU.
 */
#ifndef STAGES_PLAN_H
#define STAGES_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "anyscan/error.h"

#define PLAN_THREADS_MAX 1024

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
};

/* "gen=4,tx=8,rx=4": any subset, each 1..PLAN_THREADS_MAX. */
int plan_parse(const char *text, struct plan_request *, struct error *);

struct plan_host { /* what the plan is made for */
	unsigned int cpus; /* usable by this process */
	const int *cpu; /* their numbers, ascending */
	unsigned int ports; /* NICs */
	bool receives; /* the engine has an rx side */
	unsigned int queues_max; /* queues per port that the engine can open, 0: any number */
	const int *tx_cpu; /* the CPU from which tx queue i of a port is fed (XPS), or NULL */
	unsigned int tx_cpus;
};

struct plan_step {
	enum plan_stage stage;
	unsigned int index;
};

struct plan_thread {
	int cpu; /* -1: not pinned */
	struct plan_step step[8];
	unsigned int steps;
};

struct plan {
	unsigned int count[PLAN_STAGES];
	unsigned int tx_queues_per_port, rx_queues_per_port;
	struct plan_thread *thread;
	unsigned int threads;
	bool crowded; /* more busy threads than CPUs: wait soon, do not spin */
};

int plan_make(const struct plan_request *, const struct plan_host *, struct plan *, struct error *);
void plan_free(struct plan *);

/* One line per thread for --show-plan and metadata: "cpu 0: gen0 build0 tx0". Returns bytes as snprintf. */
int plan_format(const struct plan *, char *buf, size_t size);

#endif
