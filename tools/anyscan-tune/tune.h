/* SPDX-License-Identifier: Apache-2.0 */
/* anyscan-tune: what core plan to use, found by trying, or by a model of a machine that is not here. */
#ifndef ANYSCAN_TUNE_H
#define ANYSCAN_TUNE_H

#include <stdio.h>

#include "tools/anyscan-tune/costs.h"
#include "tools/machine/machine.h"
#include "tools/machine/model.h"
#include "tools/options/program.h"

enum exit_code {
	EXIT_TUNED = 0,
	EXIT_COMMAND = 1,
	EXIT_INPUT = 2,
	EXIT_HOST = 3,
	EXIT_ERROR = 4, /* --validate: the model is further off than it may be */
};

enum task {
	TASK_TUNE, /* its work; others are of enum about_task */
	TASK_VALIDATE,
};

struct config { /* const after parsing */
	int task;
	const char *model; /* topology file */
	const char *engine, *output, *target;
	struct text_list interfaces;
	double rate; /* probes/s; 0: not given */
	uint64_t rounds, days;
	bool given[OPTIONS_MAX];
};

extern const struct command_line command_line;
extern const struct program program;

/* Each prints to standard output, and returns an exit code; not EXIT_TUNED: *e says why. */
enum exit_code tune_model(const struct config *, struct error *);
enum exit_code tune_validate(const struct config *, struct error *);
enum exit_code tune_walk(const struct config *, struct error *);

struct validation { /* relative errors, 0.1 = 10% */
	double median, worst;
	unsigned int layouts;
};
/*
 * Predicted against measured, on a wire. A line for each layout to out, unless it is NULL; what the stages cost to *costs,
 * likewise. Adds to error[VALIDATION_MAX].
 */
int validate_wire(const struct trial_wire *, unsigned int rounds, FILE *out, struct stage_costs *costs,
		  double *error, unsigned int *n, struct error *);
struct validation validation_of(double *error, unsigned int n);
#define VALIDATION_MAX 64

#endif
