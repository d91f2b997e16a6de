/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What this host can do is found out by doing it, never by a version number: distributions backport,
 * containers and security modules take away. Each kind of probe is a row of a table (host.c, interfaces.c)
 * and writes into one JSON object; the text for people is made from that object (text.c), so the two cannot
 * disagree.
 */
#ifndef ANYSCAN_DOCTOR_H
#define ANYSCAN_DOCTOR_H

#include <json-c/json.h>
#include <stdbool.h>

#include "anyscan/error.h"
#include "tools/device/links.h"
#include "tools/options/program.h"

enum exit_code {
	EXIT_LOOKED = 0,
	EXIT_COMMAND = 1,
	EXIT_HOST = 3,
};

#define TASK_LOOK 0 /* its work; the others are of enum about_task */

struct config { /* const after parsing */
	int task; /* TASK_LOOK, or of enum about_task */
	bool json, probe_all;
	struct text_list interfaces; /* each may hold several, with commas */
	bool given[OPTIONS_MAX];
};

extern const struct command_line command_line;
extern const struct program program;

/* ---- capabilities: an object with `available`, and where that is false, `reason` and `remedy` */
struct json_object *can(struct json_object *in, const char *name);
__attribute__((format(printf, 4, 5))) struct json_object *cannot(struct json_object *in, const char *name,
								 const char *remedy, const char *reason, ...);
/* The capability of that name; where it is not available, a copy of why under a name of its own in another object. */
bool available(struct json_object *in, const char *name);
void cannot_as(struct json_object *in, const char *name, struct json_object *why);
/* errno, for a reason */
const char *because(int negative_errno);

void put_text(struct json_object *, const char *key, const char *value);
void put_number(struct json_object *, const char *key, int64_t value);
void put_flag(struct json_object *, const char *key, bool value);

/* ---- what is looked at */
void look_at_host(struct json_object *kernel); /* host.c */
void look_at_engines(struct json_object *engines, struct json_object *kernel); /* engines.c */

/* NICs on the PCI bus, as DPDK would use them: "0000:00:06.0". After the host. */
void look_at_nics(struct json_object *nics, struct json_object *kernel); /* nics.c */

struct interface {
	const struct device *device;
	const struct config *config;
	struct json_object *kernel; /* what the host can */
	int guarded; /* it is not to be disturbed; negative: that could not be found out */
	char guard[256]; /* why: begins with a verb */
};
/* Adds one object for each to the array; 0, or -ENODEV with a sentence. */
int look_at_interfaces(struct json_object *array, const struct config *, struct json_object *kernel,
		       struct error *e); /* interfaces.c */

void print_text(struct json_object *report, bool colour);

#endif
