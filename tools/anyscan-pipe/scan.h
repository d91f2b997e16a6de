/* SPDX-License-Identifier: Apache-2.0 */
/* A scan as the command line asks for it: built step by step by main.c, const while it runs. */
#ifndef ANYSCAN_PIPE_SCAN_H
#define ANYSCAN_PIPE_SCAN_H

#include "anyscan/error.h"
#include "stages/gen/targets.h"
#include "stages/pipeline.h"
#include "stages/sink/output.h"
#include "stages/sink/output_files.h"
#include "stages/sink/readback.h"
#include "tools/anyscan-pipe/exit_code.h"
#include "tools/anyscan-pipe/options.h"
#include "tools/anyscan-pipe/resume.h"

struct scan {
	const struct config *config;
	int argc;
	char *const *argv;

	/* scan_check() */
	const struct io_ops *ops;
	bool engine_open; /* --io-engine auto: ops may still change, in scan_interfaces() */
	struct error engine_why; /* the text: why auto took it; "" = it was named */
	const char *engine_args; /* after the colon of --io-engine, of --dpdk-eal, or "" */
	const struct field *fields[OUTPUT_FIELDS_MAX];
	struct filter *filter;
	struct world world;
	char world_seen[1024]; /* "" = none */
	uint16_t frame_len;
	int output; /* file descriptor that we opened, or -1 */
	bool output_named; /* a file that had a name then */
	struct output_files *output_files; /* or these */

	/* --checkpoint-file, --resume */
	const struct resume *resume;
	char *output_path; /* from the root, own */
	struct readback readback;
	uint64_t output_bytes, output_records,
		output_successes; /* of earlier runs, that stay in the output */
	struct pipeline_stats earlier; /* counters of earlier runs */

	/* scan_targets() */
	struct ports ports;
	struct domain *domain;
	uint64_t excluded; /* (address, port) pairs */
	char digest[17];

	/* scan_interfaces() */
	bool started; /* the engine's init() was called */
	struct pipeline_port port[PIPELINE_PORTS_MAX];
	struct neighbours *neighbours[PIPELINE_PORTS_MAX];

	/* scan_profile() */
	char profile_mode[256]; /* of its plan; "": it is not used, or does not say */

	/* scan_plan() */
	char *plan; /* text */

	struct pipeline_options options; /* what all of the above comes to */
};

/* In this order. Each returns an exit code; not EXIT_DONE: *e says why, and nothing was sent. */
enum exit_code scan_check(struct scan *, struct error *); /* across options; opens nothing */
enum exit_code scan_check_files(const struct config *,
				struct error *); /* no file has two uses; before the rest */
bool scan_reads_stdin(const struct config *); /* a list comes by standard input */
enum exit_code scan_engine(struct scan *, struct error *); /* part of it: --io-engine */
enum exit_code scan_module(struct scan *, struct error *); /* part of it: the probe, and what fits it */
void scan_choose_rst(struct scan *); /* part of that: --rst, which depends on the engine */
enum exit_code scan_cores(const struct scan *, struct error *); /* --cores */
enum exit_code scan_targets(struct scan *, struct error *); /* files, names, the domain */
enum exit_code scan_fields(struct scan *, struct error *); /* fields and module of a result */
enum exit_code scan_interfaces(struct scan *, struct error *); /* links, gateways, neighbours */
enum exit_code scan_profile(struct scan *, struct error *); /* --profile */
void scan_profile_mode(const struct scan *,
		       struct pipeline *); /* warns if the open pipeline sends in another mode */
enum exit_code scan_plan(struct scan *, struct error *); /* what the pipeline will choose */
enum exit_code scan_open_output(struct scan *, struct error *); /* what is in it stays */
enum exit_code scan_clear_output(const struct scan *, struct error *); /* last of all, before the run */
/* resumed.c: *over: nothing is left to do, and it was said. */
enum exit_code scan_checkpoint(struct scan *, struct error *); /* after scan_fields() */
enum exit_code scan_resume(struct scan *, bool *over, struct error *); /* after scan_open_output() */
enum exit_code scan_mark_answered(const struct scan *, struct pipeline *, struct error *);
enum exit_code scan_exclude_again(const struct scan *, struct pipeline *, struct error *);
/* resumed_stdin.c */
enum exit_code stdin_check(const struct scan *, struct error *); /* before scan_targets() */
void stdin_blame(const struct scan *, struct error *); /* the lists are not those of the checkpoint */
void stdin_note(const struct scan *); /* of a scan from the start */
const char *stdin_again(const struct config *); /* what --resume FILE needs behind it, or "" */
void scan_leave_pollers(const struct plan *); /* the calling thread: to the core that the plan left to it */
enum exit_code scan_run(struct scan *, struct error *);
/* What it is that pipeline_open() failed: the error's code says. */
enum exit_code scan_not_opened(const struct scan *, const struct error *);
bool scan_output_removed(const struct scan *); /* no name leads to the results any more */
/* After the run: close(2) may be the first to say that results were not kept. 0 or negative errno. */
int scan_close_output(struct scan *);
bool scan_rotates(const struct scan *); /* whether they go to a row of files */
/* Where results go, for people. */
const char *scan_output_name(const struct scan *);

/* Between pipeline_open() and pipeline_run(): gives up what a running scan does not need. 0 or negative errno. */
int scan_confine(const struct scan *, struct error *);
void scan_free(struct scan *);

enum exit_code scan_list(struct scan *, struct error *); /* --fast-dryrun, after scan_targets() */
enum exit_code scan_schema(struct scan *, struct error *); /* --output-schema, by itself */

/* --show-plan --topology, by itself */
enum exit_code scan_topology_plan(const struct config *, struct error *);

enum exit_code merge_metadata(const struct config *, struct error *); /* --merge-metadata, by itself */

/* version.c; print to standard output */
/* catalogues.c */
void catalogue_fields(void);
void catalogue_outputs(void);
void catalogue_probes(void);
/* output_schema.c; JSON Schema of what -O json writes with these fields */
void output_schema_print(const struct field *const *fields, size_t nfields);

#endif
