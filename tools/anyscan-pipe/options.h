/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: one typed table (option_table.c) that parses, validates and prints --help (tools/options). What
 * other scanners call their options is a second table (aliases.c).
 */
#ifndef ANYSCAN_PIPE_OPTIONS_H
#define ANYSCAN_PIPE_OPTIONS_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/error.h"
#include "stages/auto_rate/auto_rate.h"
#include "stages/plan.h"
#include "tools/options/program.h"

enum reserved_choice {
	RESERVED_OUT,
	RESERVED_IN,
	RESERVED_ALL
};
enum dedup_choice {
	CHOICE_DEDUP_AUTO,
	CHOICE_DEDUP_NONE,
	CHOICE_DEDUP_FULL,
	CHOICE_DEDUP_WINDOW
};
enum rst_choice {
	CHOICE_RST_AUTO,
	CHOICE_RST_ON,
	CHOICE_RST_OFF
};
enum status_choice {
	STATUS_CSV,
	STATUS_JSON
};

enum task { /* what the command line asks for */
	TASK_SCAN,
	TASK_DRYRUN,
	TASK_LISTING, /* --fast-dryrun */
	TASK_SHOW_PLAN,
	TASK_LIST_FIELDS = TASK_OWN, /* these need nothing else of the command line, as enum about_task */
	TASK_LIST_OUTPUTS,
	TASK_LIST_PROBES,
	TASK_OUTPUT_SCHEMA,
	TASK_MERGE, /* --merge-metadata: the operands are files */
};

/* An option as it was typed, by our name for it; a target has the name "". A checkpoint keeps them. */
struct typed_option {
	const char *name;
	char *value; /* own, or NULL */
};

struct rate_choice { /* --rate */
	double rate; /* probes/s, RATE_MAX; of auto: its floor */
	struct auto_rate_range range; /* of auto; ceiling 0: a plain rate */
	bool ranged; /* the range was written, and not just auto */
};

struct config { /* const after options_parse() */
	int task; /* enum task */
	/* targets */
	struct text_list targets, allowlists, blocklists, excludes, address_lists;
	const char *ports;
	int reserved; /* enum reserved_choice */
	bool yes_large_scan;
	/* run control */
	uint64_t max_targets; /* UINT64_MAX: all */
	double max_targets_percent; /* 0: not given */
	double max_runtime; /* s, 0: no limit */
	uint64_t max_results; /* UINT64_MAX: no limit */
	double min_hitrate; /* percent of the probes, 0: no limit */
	uint64_t max_send_failures; /* UINT64_MAX: no limit */
	uint64_t probes;
	double probe_spacing;
	uint64_t seed;
	uint64_t shard, shards;
	uint64_t shards_named; /* N of --shard n/N; 0: not written so */
	uint64_t key[2];
	const char *checkpoint_file;
	double checkpoint_interval; /* s */
	const char *resume; /* NULL: not given; "" where --checkpoint-file names the file */
	/* sending and receiving */
	struct rate_choice rate;
	double bandwidth; /* bits/s, 0: not given */
	double cooldown;
	struct plan_request plan;
	cpu_set_t cores;
	const char *engine, *topology, *profile;
	int xdp_mode; /* index of xdp_mode_choices */
	const char *dpdk_eal; /* arguments of the EAL, or NULL */
	struct text_list interfaces, source_ips, gateway_ips, gateway_macs, source_macs;
	uint16_t sport_first, sport_last;
	uint64_t ttl, vlan; /* vlan 0: no tag */
	int rst; /* enum rst_choice */
	const char *module, *probe_args, *world;
	bool icmp; /* another way to write the module */
	/* results */
	const char *output_file, *output_module, *fields, *filter;
	uint64_t rotate_size; /* bytes, 0: no limit */
	double rotate_interval; /* s, 0: no limit */
	bool no_header;
	int dedup; /* enum dedup_choice */
	uint64_t dedup_memory, result_buffer;
	const char *metadata_file, *remark, *status_file, *log_file, *control_socket;
	int status_format; /* enum status_choice */
	bool quiet;
	uint64_t verbosity;

	bool given[OPTIONS_MAX]; /* by index in option_table */
	struct typed_option *typed; /* all of them in order, own */
	size_t ntyped;
	char *joined; /* "--resume=FILE" of --resume FILE, own, or NULL */
	const char *notes[8]; /* sentences about options that were accepted without effect */
	size_t nnotes;
};

extern const struct option_spec option_table[]; /* ends with name NULL */

extern const char *const xdp_mode_choices[]; /* the first: whatever is granted */

const struct option_spec *option_find(const char *name); /* or NULL */
bool option_given(const struct config *, const char *name);

/* Types of values that are like no other's (option_parsers.c). */
option_parser option_rate, option_bandwidth, option_max_targets, option_runtime, option_shard, option_key,
	option_stages, option_source_port, option_reserved, option_cores, option_resume, option_interval;

/* --rate, for the option of that name: 0 or -EINVAL with *e. */
int rate_parse(const char *option, const char *value, struct rate_choice *, struct error *e);

/* Of --rate auto without a range: no more by a word than ten times the default rate; who wants more says how much. */
#define RATE_AUTO_FLOOR 1e3
#define RATE_AUTO_CEILING 100e3

/* 0 or -EINVAL with *e: the message is complete. Free with options_free(). */
int options_parse(int argc, char *const *argv, struct config *, struct error *e);
void options_free(struct config *);

extern const struct program program; /* program.c; its parts that have a file of their own: */
void version_print(bool json, FILE *);
void man_fields(FILE *), man_rest(FILE *);
void completion_words(FILE *, const struct option_spec *);

extern const struct foreign_option foreign_options[]; /* ends with kind FOREIGN_REFUSED and means NULL */

#endif
