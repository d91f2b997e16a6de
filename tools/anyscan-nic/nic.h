/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prepares an interface for a scan and brings it back. What is set is a table of steps (steps.c); a value is a JSON
 * value, so that comparing, keeping and printing it is the same for all. The order of things:
 *
 *   prepare   read every setting -> journal them (written, fsynced, renamed) -> write what differs from what is wanted
 *   restore   write what differs from the journal -> compare -> remove the journal
 *
 * Each write can be repeated and the journal is there from before the first to after the last, so whatever death this
 * program dies at whatever moment, `restore` afterwards brings back exactly what was.
 */
#ifndef ANYSCAN_NIC_H
#define ANYSCAN_NIC_H

#include <json-c/json.h>
#include <stdbool.h>

#include "anyscan/error.h"
#include "tools/device/links.h"
#include "tools/options/program.h"

enum exit_code {
	EXIT_DONE = 0,
	EXIT_COMMAND = 1,
	EXIT_HOST = 3,
};

#define TASK_WORK 0 /* its work; the others are of enum about_task */

struct config { /* const after parsing */
	int task; /* TASK_WORK, or of enum about_task */
	const char *command, *interface;
	const char *channels, *rings, *mtu;
	int rss; /* enum rss_choice */
	uint64_t napi_defer, gro_flush;
	bool busy_poll, dry_run;
	const char *force, *state_dir, *host_root;
	uint64_t hugepages; /* bytes */
	bool unsafe_no_iommu;
	uint64_t stop_after;
	bool given[OPTIONS_MAX];
};

enum rss_choice {
	RSS_EQUAL,
	RSS_KEEP,
};

extern const struct command_line command_line;
extern const struct program program;
bool option_given(const struct config *, const char *name);

struct nic {
	struct device device;
	const struct config *config;
	unsigned int queues; /* that receive, once the channels are as wanted */
	uint64_t writes; /* so far, for --stop-after */
};

/* ---- one setting */
struct step {
	const char *name; /* in the journal and on the screen */
	const char *options[2]; /* that ask for it */
	/* A new reference; NULL and *rc: this NIC has it not (-EOPNOTSUPP), or it cannot be read. */
	struct json_object *(*read)(const struct nic *, int *rc);
	/* What prepare makes of it, a new reference; NULL with 0: as it is. nic->queues is set by the channels. */
	int (*want)(struct nic *, struct json_object *now, struct json_object **wanted, struct error *);
	int (*write)(const struct nic *, struct json_object *value); /* 0 or negative errno */
	/* After everything is back: what the value alone does not say; may be NULL. */
	void (*settle)(const struct nic *, struct json_object *value);
};

extern const struct step steps[]; /* ends with name NULL */
enum {
	STEP_CHANNELS,
	STEP_RSS
}; /* their places in the table: the order of these two depends on each other */

/* The rows of the table, by kind. */
struct json_object *channels_read(const struct nic *, int *rc);
int channels_want(struct nic *, struct json_object *now, struct json_object **wanted, struct error *);
int channels_write(const struct nic *, struct json_object *value);
unsigned int channels_receiving(struct json_object *value);
struct json_object *rss_read(const struct nic *, int *rc);
int rss_want(struct nic *, struct json_object *now, struct json_object **wanted, struct error *);
int rss_write(const struct nic *, struct json_object *value);
void rss_settle(const struct nic *, struct json_object *value);
struct json_object *rings_read(const struct nic *, int *rc);
int rings_want(struct nic *, struct json_object *now, struct json_object **wanted, struct error *);
int rings_write(const struct nic *, struct json_object *value);
struct json_object *mtu_read(const struct nic *, int *rc);
int mtu_want(struct nic *, struct json_object *now, struct json_object **wanted, struct error *);
int mtu_write(const struct nic *, struct json_object *value);
struct json_object *napi_read(const struct nic *, int *rc);
int napi_want(struct nic *, struct json_object *now, struct json_object **wanted, struct error *);
int napi_write(const struct nic *, struct json_object *value);
struct json_object *gro_read(const struct nic *, int *rc);
int gro_want(struct nic *, struct json_object *now, struct json_object **wanted, struct error *);
int gro_write(const struct nic *, struct json_object *value);

/* Decimal digits only; false: it is no number below 2^32. */
bool parse_number(const char *text, unsigned int *out);

/* ---- all of them */
/*
 * Writes every setting that is not as it should be: as in `saved`, or where that is NULL as prepare wants
 * it. Looks again afterwards, as drivers reset one setting when another changes. 0, or a negative errno
 * with a sentence.
 */
int settings_bring(struct nic *, struct json_object *saved, struct error *);
/* An object of all that this NIC has. */
int settings_read(const struct nic *, struct json_object **out, struct error *);
/* What prepare would change, a line each on standard output. Fails on what cannot be. */
int settings_plan(struct nic *, bool print, struct error *);
void value_print(FILE *, struct json_object *value);

/* --stop-after: dies as by kill -9 after so many changes of the world. Called after each. */
void count_write(struct nic *);

/* ---- commands: an exit code with *e */
int prepare(struct nic *, struct error *e);
int restore(struct nic *, struct error *e);
int status(struct nic *, struct error *e);

#endif
