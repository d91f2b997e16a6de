/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instructions per probe, counted by callgrind: a figure that a busy machine does not change, to tell whether a commit made
 * gen or build do more. Two runs of one build give the same figure to the instruction; compilers differ.
 *
 * Valgrind 3.19 knows no AVX-512, and tells the program so: the forms that are counted are plain and AVX2. One line
 * a stage and form on standard output, with instructions_per_item where the others have ns_per_item:
 *
 *     {"bench":"instructions","case":"build, plain","cores":1,"instructions_per_item":123.4,"items":16384,"runs":1,"stat":"exact"}
 */
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench/report.h"

#define PROBES 16384
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

int main(void)
{
	static const char *const stages[] = { "gen", "build" }, *const forms[] = { "plain", "avx2" };
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
	for (unsigned int f = 0; f < 2; f++)
		for (unsigned int s = 0; s < 2; s++) {
			unsigned long long instructions, items;

			if (!counted(dir, stages[s], forms[f], &instructions, &items)) {
				bench_skip("instructions", "this form does not run under valgrind here");
				continue;
			}
			printf("{\"bench\":\"instructions\",\"case\":\"%s, %s\",\"cores\":1,"
			       "\"instructions_per_item\":%.1f,\"items\":%llu,\"runs\":1,\"stat\":\"exact\"}\n",
			       stages[s], forms[f], (double)instructions / (double)items, items);
			fflush(stdout);
			fprintf(stderr, "%-14s %5s, %-21s %9.1f instructions/item\n", "instructions",
				stages[s], forms[f], (double)instructions / (double)items);
		}
	return 0;
}
