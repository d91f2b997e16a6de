/* SPDX-License-Identifier: Apache-2.0 */
/* Which CPUs may be used; the plan, for --show-plan as a table, else as the metadata have it from the start. */
#include <errno.h>
#include <sched.h>
#include <stdio.h>
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

/* What each interface would grant, a line each, where that is found out by trying. NULL fills *e. */
static char *try_modes(const struct scan *s, const struct plan *plan, struct error *e)
{
	const size_t line = IO_NAME_MAX + 1200;
	char *text = calloc(s->options.nports + 1, line), mode[1024];

	if (text == NULL)
		error_set(e, -ENOMEM, "out of memory for the text of the plan");
	for (unsigned int i = 0; text != NULL && s->ops->try_mode != NULL && i < s->options.nports; i++) {
		const struct io_port_options o = {
			.link = &s->port[i].link,
			.tx_queues = plan->tx_queues_per_port,
			.rx_queues = plan->rx_queues_per_port,
			.frames = BLOCK_ITEMS,
			.frame_len = s->frame_len,
			.match = { .ip_proto = s->options.module->ip_proto },
			.xdp_mode = s->options.xdp_mode,
		};

		if (s->ops->try_mode(&o, mode, sizeof(mode), e) != 0) {
			free(text);
			return NULL;
		}
		snprintf(text + strlen(text), line, "%s: %s, %s\n", o.link->name, s->ops->name, mode);
	}
	if (text != NULL && s->engine_why.text[0] != '\0')
		snprintf(text + strlen(text), line, "engine: %s; auto: %s\n", s->ops->name,
			 s->engine_why.text);
	return text;
}

/* As a table, with what the interfaces grant behind it. */
static enum exit_code show(struct scan *s, const struct plan *plan, struct error *e)
{
	char *modes = try_modes(s, plan, e), *text;

	if (modes == NULL)
		return EXIT_HOST;
	text = realloc(s->plan, strlen(s->plan) + strlen(modes) + 1);
	if (text != NULL)
		s->plan = strcat(text, modes);
	free(modes);
	return text != NULL ? EXIT_DONE : EXIT_HOST;
}

enum exit_code scan_plan(struct scan *s, struct error *e)
{
	enum exit_code code = EXIT_HOST;
	struct plan plan;
	size_t size;

	if (pipeline_plan_make(&s->options, &plan, e) != 0)
		return EXIT_COMMAND;
	size = (size_t)describe(s, &plan, NULL, 0) + 1;
	s->plan = malloc(size);
	if (s->plan != NULL)
		describe(s, &plan, s->plan, size);
	if (s->plan == NULL)
		error_set(e, -ENOMEM, "out of memory for the text of the plan");
	else if (s->config->task == TASK_SHOW_PLAN)
		code = show(s, &plan, e);
	else
		code = EXIT_DONE;
	plan_free(&plan);
	return code;
}

void scan_leave_pollers(const struct plan *plan)
{
	cpu_set_t set;

	if (plan->housekeeping.cpu < 0)
		return;
	CPU_ZERO(&set);
	CPU_SET(plan->housekeeping.cpu, &set);
	sched_setaffinity(0, sizeof(set), &set);
}

/* An engine without an interface opens what the command line named: a file. */
enum exit_code scan_not_opened(const struct scan *s, const struct error *e)
{
	const bool file = e->code == -ENOENT || e->code == -ENOTDIR || e->code == -EISDIR ||
			  e->code == -EACCES || e->code == -EROFS;

	return file && !s->ops->needs_interface ? EXIT_INPUT : EXIT_HOST;
}
