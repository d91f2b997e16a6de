/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The command line: one typed table (option_table.c) that parses, validates and prints --help. What other
 * scanners call their options is a second table (aliases.c).
 */
#ifndef ANYSCAN_PIPE_OPTIONS_H
#define ANYSCAN_PIPE_OPTIONS_H

#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "anyscan/error.h"
#include "stages/plan.h"

struct text_list { /* of a repeatable option, in order; items point into argv */
	const char **item;
	size_t count;
};

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
enum status_choice {
	STATUS_CSV,
	STATUS_JSON
};

enum task { /* what the command line asks for */
	TASK_SCAN,
	TASK_DRYRUN,
	TASK_LISTING, /* --fast-dryrun */
	TASK_SHOW_PLAN,
	TASK_HELP,
	TASK_VERSION,
	TASK_VERSION_JSON,
	TASK_LIST_FIELDS,
	TASK_LIST_OUTPUTS,
	TASK_LIST_PROBES,
	TASK_OUTPUT_SCHEMA,
	TASK_MAN,
	TASK_COMPLETION,
};

#define OPTIONS_MAX 96

struct config { /* const after options_parse() */
	enum task task;
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
	/* sending and receiving */
	double rate; /* probes/s, 0: no limit */
	double bandwidth; /* bits/s, 0: not given */
	double cooldown;
	struct plan_request plan;
	cpu_set_t cores;
	const char *engine;
	struct text_list interfaces, source_ips, gateway_macs, source_macs;
	uint16_t sport_first, sport_last;
	uint64_t ttl;
	const char *module, *probe_args, *world;
	/* results */
	const char *output_file, *output_module, *fields, *filter;
	bool no_header;
	int dedup; /* enum dedup_choice */
	uint64_t dedup_memory, result_buffer;
	const char *metadata_file, *status_file, *log_file;
	int status_format; /* enum status_choice */
	bool quiet;
	uint64_t verbosity;

	bool given[OPTIONS_MAX]; /* by index in option_table */
	const char *notes[8]; /* sentences about options that were accepted without effect */
	size_t nnotes;
};

struct option_spec;
typedef int option_parser(const struct option_spec *, const char *value, struct config *, struct error *);

struct option_spec {
	const char *name; /* without the dashes */
	char letter; /* 0: none */
	option_parser *parse; /* of the type; NULL: known, but not in this version */
	size_t offset; /* of the destination in struct config */
	const char *metavar; /* NULL: takes no value */
	bool optional; /* the value may be left out: --name or --name=value */
	const char *initial; /* parsed before the command line, and shown in the help */
	const char *shown; /* shown as the default where there is nothing to parse */
	const char *group; /* heading in the help; NULL: as the row before */
	const char *help;
	uint64_t least, most; /* of numbers; most 0: no limit */
	const char *const *values; /* of a choice, NULL-terminated */
	int task; /* of option_task */
};

extern const struct option_spec option_table[]; /* ends with name NULL */

const struct option_spec *option_find(const char *name); /* or NULL */
bool option_given(const struct config *, const char *name);

/* Types of values (option_values.c, option_parsers.c). */
option_parser option_flag, option_task, option_count, option_rate, option_bandwidth, option_seconds,
	option_bytes, option_text, option_list, option_choice, option_max_targets, option_shard, option_key,
	option_stages, option_source_port, option_reserved, option_cores, option_percent;

/* "12", "2.5M", "0.2", with k M G T in any case, decimal: 0 or -EINVAL with *e, which names the option. */
int number_parse(const char *option, const char *text, double *out, struct error *e);

/* 0 or -EINVAL with *e: the message is complete. Free with options_free(). */
int options_parse(int argc, char *const *argv, struct config *, struct error *e);
void options_free(struct config *);

/* All of the table: for a terminal, for man(1) in roff, for bash. */
void options_help(FILE *);
void options_man(FILE *);
void options_completion(FILE *);

/* What help and manual both say (help.c). */
extern const char summary_text[], targets_text[];
extern const char *const exit_meanings[]; /* by enum exit_code; NULL-terminated */

/* The known name nearest to this one by edit distance, or NULL: none is near. names: NULL-terminated. */
const char *nearest_name(const char *name, const char *const *names);

enum foreign_kind {
	FOREIGN_ALIAS, /* another name of ours */
	FOREIGN_STAGE, /* --stages with a prefix: tx=N */
	FOREIGN_TARGET, /* its value is a TARGET */
	FOREIGN_IGNORED, /* accepted, said, without effect */
	FOREIGN_REFUSED,
};

struct foreign_option {
	const char *name; /* long name, or NULL */
	char letter; /* or 0 */
	const char *element; /* a whole argv element, as -oX, or NULL */
	enum foreign_kind kind;
	bool takes_value;
	const char *means; /* our option's name, the stage, or the sentence */
};

extern const struct foreign_option foreign_options[]; /* ends with kind FOREIGN_REFUSED and means NULL */

#endif
