/* SPDX-License-Identifier: Apache-2.0 */
/* Which CPUs may be used; the plan, for --show-plan as a table, else as the metadata have it from the start. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>

#include "stages/cores.h"
#include "tools/anyscan-pipe/scan.h"

/* As the affinity of the process: the planner sees no other CPU, and threads that it does not pin have no other. */
enum exit_code scan_cores(const struct scan *s, struct error *e)
{
	const struct config *c = s->config;
	cpu_set_t usable;

	if (!option_given(c, "cores"))
		return EXIT_DONE;
	CPU_ZERO(&usable);
	sched_getaffinity(0, sizeof(usable), &usable);
	if (cores_check(&c->cores, &usable, e) != 0)
		return EXIT_HOST;
	if (sched_setaffinity(0, sizeof(c->cores), &c->cores) == 0)
		return EXIT_DONE;
	error_set(e, -errno, "--cores: the kernel refuses these CPUs: %s", strerror(errno));
	return EXIT_HOST;
}

static int describe(const struct scan *s, const struct plan *plan, char *buf, size_t size)
{
	const char *name[PIPELINE_PORTS_MAX];

	if (s->config->task != TASK_SHOW_PLAN)
		return plan_format(plan, buf, size);
	for (unsigned int i = 0; i < s->options.nports; i++)
		name[i] = s->port[i].link.name;
	return plan_table(plan, name, buf, size);
}

enum exit_code scan_plan(struct scan *s, struct error *e)
{
	struct plan plan;
	size_t size;

	if (pipeline_plan_make(&s->options, &plan, e) != 0)
		return EXIT_COMMAND;
	size = (size_t)describe(s, &plan, NULL, 0) + 1;
	s->plan = malloc(size);
	if (s->plan != NULL)
		describe(s, &plan, s->plan, size);
	plan_free(&plan);
	if (s->plan != NULL)
		return EXIT_DONE;
	error_set(e, -ENOMEM, "out of memory for the text of the plan");
	return EXIT_HOST;
}
