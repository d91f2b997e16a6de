/* SPDX-License-Identifier: Apache-2.0 */
/* A pipeline that runs, and why it ends before its time. Set-up thread only. */
#ifndef ANYSCAN_PIPE_RUN_H
#define ANYSCAN_PIPE_RUN_H

#include "stages/stop_rules.h"
#include "tools/anyscan-pipe/checkpointing.h"
#include "tools/anyscan-pipe/control_verbs.h"
#include "tools/anyscan-pipe/events.h"
#include "tools/anyscan-pipe/report.h"

struct run {
	struct scan *scan;
	struct report report;
	struct checkpointing checkpoints;
	struct auto_pace pace;
	struct pipeline *pipeline;
	struct events events;
	struct controlled controlled;
	struct control *control; /* NULL: no --control-socket */
	enum pipeline_state state;
	struct stop_rules rules;
	uint64_t stop_ns; /* --max-runtime, UINT64_MAX: none */
	unsigned int interrupts;
	uint64_t exit_ns; /* after the second interrupt: when we go whatever is unwritten, else UINT64_MAX */
	uint64_t failed_ns; /* when the engine's output failed, or 0 */
	const char *reason; /* why the scan ends early, or NULL */
	enum exit_code code;
};

/* ending.c */
/* The first plain end (EXIT_DONE) keeps its reason; any other takes the place of what was before. */
void run_end_early(struct run *, const char *reason, enum exit_code);

/* Each look ends the scan where it must: results that are lost, an engine that cannot be written to, links, rules. */
void run_check_outputs(struct run *);
void run_check_links(struct run *);
void run_check_rules(struct run *);
void run_give_up(struct run *);

#endif
