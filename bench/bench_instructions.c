/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instructions per probe, counted by callgrind: a figure that a busy machine does not change, to tell whether a commit made
 * gen or build do more. Two runs of one build give the same figure to the instruction; compilers differ.
 *
 * Valgrind 3.19 knows no AVX-512, and tells the program so: the forms that are counted are plain and AVX2. One line
 * a stage and form on standard output, with instructions_per_item where the others have ns_per_item:
 *
 *     {"bench":"instructions","case":"build, plain","cores":1,"instructions_per_item":123.4,"expected":123.4,"items":16384,"runs":1,"stat":"exact"}
 */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/report.h"

#define PROBES 16384
#define TOLERANCE 0.02 /* of what is expected */
#define WORKLOAD "bench_gen_build" /* beside this program; takes FORM PROBES */

/* Instructions inside the step function of a stage, and the items that it did. False: the form does not run here. */
static bool counted(const char *dir, const char *stage, const char *form, unsigned long long *instructions,
		    unsigned long long *items)
{
	char command[PATH_MAX + 256], line[512];
	unsigned long long gen, build;
	FILE *f;

	*instructions = *items = 0;
	snprintf(
		command, sizeof(command),
		"valgrind --tool=callgrind --callgrind-out-file=/dev/null --toggle-collect=%s_step %s/" WORKLOAD
		" %s %u 2>&1",
		stage, dir, form, PROBES);
	f = popen(command, "r");
	if (f == NULL)
		return false;
	while (fgets(line, sizeof(line), f) != NULL) {
		const char *collected = strstr(line, "Collected : ");

		if (collected != NULL)
			*instructions = strtoull(collected + strlen("Collected : "), NULL, 10);
		else if (sscanf(line, "gen %llu build %llu", &gen, &build) == 2)
			*items = strcmp(stage, "gen") == 0 ? gen : build;
	}
	return pclose(f) == 0 && *items > 0;
}

/* What gcc 12 makes of the tree with -O3: a commit that changes one on purpose changes it here, and says why. */
static const struct expected {
	const char *stage, *form;
	double instructions; /* per item */
} table[] = {
	{ "gen", "plain", 36.4 },
	{ "build", "plain", 184.2 },
	{ "gen", "avx2", 36.4 },
	{ "build", "avx2", 87.6 },
};

/* A remark, no failure: another compiler, or other flags, count otherwise. */
static void compare(const struct expected *e, double measured)
{
	const double off = measured / e->instructions - 1;

	if (off > TOLERANCE || off < -TOLERANCE)
		fprintf(stderr,
			"warning: %s, %s: %.1f instructions an item, %.1f expected of gcc 12 -O3 (%+.1f%%)\n",
			e->stage, e->form, measured, e->instructions, 100 * off);
}

int main(void)
{
	char dir[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", dir, sizeof(dir) - 1);

	if (system("command -v valgrind >/dev/null") != 0) {
		bench_skip("instructions", "valgrind is not installed: tools/install-deps --bench");
		return 0;
	}
	if (len < 0)
		return 1;
	dir[len] = '\0';
	*strrchr(dir, '/') = '\0';
	for (unsigned int i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		const struct expected *e = &table[i];
		unsigned long long instructions, items;

		if (!counted(dir, e->stage, e->form, &instructions, &items)) {
			bench_skip("instructions", "this form does not run under valgrind here");
			continue;
		}
		const double each = (double)instructions / (double)items;

		printf("{\"bench\":\"instructions\",\"case\":\"%s, %s\",\"cores\":1,"
		       "\"instructions_per_item\":%.1f,\"expected\":%.1f,\"items\":%llu,\"runs\":1,\"stat\":\"exact\"}\n",
		       e->stage, e->form, each, e->instructions, items);
		fflush(stdout);
		fprintf(stderr, "%-14s %5s, %-21s %9.1f instructions/item\n", "instructions", e->stage,
			e->form, each);
		compare(e, each);
	}
	return 0;
}
