/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A machine that need not be here: its CPUs, its NICs and what a packet costs on it, from a topology file
 * (topologies/ has examples; each says where its figures are from). What can be planned and predicted for.
 */
#ifndef MACHINE_MACHINE_H
#define MACHINE_MACHINE_H

#include "anyscan/error.h"
#include "stages/plan.h"

#define MACHINE_NICS_MAX 64
#define MACHINE_ENGINES_MAX 8
#define MACHINE_NOTES_MAX 16

struct machine_nic {
	char name[48];
	int node; /* NUMA */
	unsigned int queues; /* tx, and as many rx */
	double gbps; /* of the link; 0: no limit is known */
	double pps; /* most packets per second that it sends, by any means; 0: none is known */
};

struct machine_engine {
	char name[16]; /* as --io-engine */
	double tx_ns; /* CPU time of the tx stage per packet on a core of this machine, kernel included */
	double kernel_ns; /* and what the kernel spends on it elsewhere, on whichever CPU is free */
	double port_pps; /* most that one NIC takes from this engine, whatever the cores; 0: none is known */
};

struct machine {
	char name[32], about[512];
	unsigned int sockets, nodes; /* all of the machine, cores too */
	unsigned int cores, threads_per_core;
	char siblings
		[8]; /* "far": CPU n and n + cores share a core, as Linux numbers most; "near": 2n and 2n + 1 */
	double speed; /* of a core; 1: as the one that the stage costs are measured on */
	double smt_yield; /* work of a core whose hardware threads are all busy; 1: as of one alone */
	double allowance_pps; /* most that the provider lets out; 0: none is known */
	char note[MACHINE_NOTES_MAX][256]; /* assumptions, for people */
	unsigned int notes;
	struct machine_engine engine[MACHINE_ENGINES_MAX];
	unsigned int engines;
	struct machine_nic nic[MACHINE_NICS_MAX];
	unsigned int nics;
};

/* 0, or negative errno with *e: "FILE:LINE: ...". */
int machine_read(const char *file, struct machine *, struct error *e);

const struct machine_engine *machine_engine(const struct machine *, const char *name); /* or NULL */

/* What a plan is made for. Own arrays, for machine_host_free(). 0 or -ENOMEM. */
int machine_host(const struct machine *, struct plan_host *);
void machine_host_free(struct plan_host *);

#endif
