/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A trial: a pipeline that runs in this process for a few ten milliseconds, with its counters. Neighbours on a shared
 * machine only ever take time away, so what counts of several trials is the best.
 */
#ifndef TUNE_TRIAL_H
#define TUNE_TRIAL_H

#include "anyscan/error.h"
#include "anyscan/world.h"
#include "stages/pipeline.h"

#define TRIAL_NAME_MAX 64

struct trial_wire { /* where probes go */
	char name[TRIAL_NAME_MAX]; /* for people: "af_packet, veth" */
	const struct io_ops *ops;
	struct io_link link[PIPELINE_PORTS_MAX];
	unsigned int ports;
	const char *targets; /* "16.0.0.0/5" */
	bool many_ports; /* few targets: all ports of each */
	struct world world; /* of sim */
};

/* One of our own: engines that reach no wire. Fills link and targets. 0 or negative errno. */
int trial_wire_inside(struct trial_wire *, const struct io_ops *, const char *world, struct error *);

struct layout {
	char stages[64]; /* as --stages, or "" */
	bool fuse;
	unsigned int cpus; /* of those that this process may use, the first so many; 0: all */
};

/* "--fuse --stages tx=2" */
void layout_text(const struct layout *, char *text, size_t size);
int layout_request(const struct layout *, struct plan_request *, struct error *);

struct trial_result {
	double pps; /* by the clock */
	double alone_pps; /* what it would be with nothing else on the machine: times that it waited for a CPU left out */
	double cpu_ns, sending_ns; /* of all threads, and of those of gen, build and tx; per probe */
	double busy_ns[PLAN_STAGES]; /* per probe, all instances together */
	double share[PLAN_STAGES]; /* of the time that one of them worked, 0..1 */
	uint64_t stalled[PLAN_STAGES], starved[PLAN_STAGES];
	unsigned int count[PLAN_STAGES];
	uint64_t sent;
	unsigned int threads;
	const char *limit; /* as status says */
	char mode[128]; /* profile_mode() */
};

#define PATIENCE 8

struct trial_limits {
	unsigned int
		ms; /* of CPU time on each CPU, so that a busy machine takes longer: up to PATIENCE times */
	double rate; /* probes/s; RATE_MAX: none */
};

/* 0, or negative errno with *e. */
int trial_run(const struct trial_wire *, const struct layout *, const struct trial_limits *,
	      struct trial_result *, struct error *);

/* The CPUs that the calling thread may use, before a layout had it use fewer. */
void trial_cpus(unsigned int cpus);
unsigned int trial_cpus_all(void);

#endif
