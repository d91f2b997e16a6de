/* SPDX-License-Identifier: Apache-2.0 */
/*
 * anyscan-pipe: the command line is parsed, checked and turned into a scan, step by step; the first step that
 * fails ends it.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/anyscan-pipe/control_ask.h"
#include "tools/anyscan-pipe/log_file.h"
#include "tools/anyscan-pipe/report.h"
#include "tools/anyscan-pipe/scan.h"
#include "tools/anyscan-pipe/screen.h"

static enum exit_code complain(const struct error *e, enum exit_code code)
{
	if (code != EXIT_DONE && e->text[0] != '\0')
		screen_say(LEVEL_ERROR, "anyscan-pipe: %s", e->text);
	return code;
}

/* What is printed and asks for no scan; false: it is one. */
static bool print_only(int task)
{
	switch (task) {
	case TASK_LIST_FIELDS:
		catalogue_fields();
		return true;
	case TASK_LIST_OUTPUTS:
		catalogue_outputs();
		return true;
	case TASK_LIST_PROBES:
		catalogue_probes();
		return true;
	default:
		return program_print(&program, task, stdout);
	}
}

static enum exit_code show_plan(const struct scan *s)
{
	fputs(s->plan, stdout);
	return fflush(stdout) == 0 ? EXIT_DONE : EXIT_RESULTS;
}

/* What the scan is of, and what becomes of it. */
static enum exit_code prepare(struct scan *s, struct error *e)
{
	enum exit_code code = stdin_check(s, e);

	if (code != EXIT_DONE)
		return code;
	code = scan_targets(s, e);
	if (code == EXIT_DONE)
		code = scan_fields(s, e);
	if (code == EXIT_DONE)
		code = scan_checkpoint(s, e);
	if (code == EXIT_INPUT)
		stdin_blame(s, e);
	return code;
}

static enum exit_code scan(struct scan *s, struct error *e)
{
	const int task = s->config->task;
	enum exit_code code;
	bool over = false;

	if (task == TASK_OUTPUT_SCHEMA)
		return scan_schema(s, e);
	if (s->config->topology != NULL)
		return scan_topology_plan(s->config, e);
	code = scan_check(s, e);
	if (code == EXIT_HOST)
		return code; /* no such engine here, and nothing that metadata could tell */
	if (code == EXIT_DONE)
		code = prepare(s, e);
	if (code == EXIT_DONE)
		code = scan_cores(s, e);
	if (code == EXIT_DONE && task == TASK_LISTING) {
		code = scan_open_output(s, e);
		if (code == EXIT_DONE)
			code = scan_clear_output(s, e);
		return code == EXIT_DONE ? scan_list(s, e) : code;
	}
	/* before the interfaces, which send ARP */
	if (code == EXIT_DONE && task != TASK_SHOW_PLAN)
		code = scan_open_output(s, e);
	if (code == EXIT_DONE)
		code = scan_resume(s, &over, e);
	if (code == EXIT_DONE && over)
		return code;
	if (code == EXIT_DONE)
		code = scan_interfaces(s, e);
	if (code == EXIT_DONE)
		code = scan_profile(s, e);
	if (code == EXIT_DONE)
		code = scan_plan(s, e);
	if (code == EXIT_DONE && task == TASK_SHOW_PLAN)
		return show_plan(s);
	if (code == EXIT_HOST && task != TASK_SHOW_PLAN && task != TASK_LISTING)
		report_refused(s);
	return code == EXIT_DONE ? scan_run(s, e) : code;
}

void scan_free(struct scan *s)
{
	for (unsigned int i = 0; i < PIPELINE_PORTS_MAX; i++)
		if (s->neighbours[i] != NULL)
			neighbours_destroy(s->neighbours[i]);
	if (s->ops != NULL && s->ops->fini != NULL && s->started)
		s->ops->fini();
	if (s->output >= 0)
		close(s->output);
	output_files_close(s->output_files);
	if (s->domain != NULL)
		domain_destroy(s->domain);
	ports_free(&s->ports);
	filter_free(s->filter);
	free(s->plan);
	free(s->output_path);
	free(s);
}

/*
 * A closed standard output would be the number of the next file that is opened, and results would go there. What is
 * put in its place refuses to be written, so that the scan says what is wrong (EBADF, exit 6).
 */
static void fill_standard_files(void)
{
	int fd;

	do
		fd = open("/dev/null", O_RDONLY);
	while (fd >= 0 && fd <= STDERR_FILENO);
	if (fd >= 0)
		close(fd);
}

static enum exit_code run_scan(const struct config *c, const struct resume *resume, int argc, char **argv)
{
	struct error error = { .code = 0 };
	struct scan *s = calloc(1, sizeof(*s));
	enum exit_code code;

	if (s == NULL)
		return EXIT_HOST;
	s->config = c;
	s->resume = resume;
	s->argc = argc;
	s->argv = argv;
	s->output = -1;
	code = complain(&error, scan(s, &error));
	scan_free(s);
	return code;
}

static enum exit_code nothing_left(const struct checkpoint *from)
{
	/* it may have been killed before the last files had their names */
	const int rc = from->row != NULL ? output_files_finish(from->output_file, from->row) : 0;

	if (rc < 0) {
		screen_say(LEVEL_ERROR, "anyscan-pipe: %s: a file that is complete cannot take its name: %s",
			   from->output_file, strerror(-rc));
		return EXIT_RESULTS;
	}
	screen_say(LEVEL_ERROR, "this scan is finished: %llu results in %s; there is nothing to resume",
		   (unsigned long long)from->totals.output.written, from->output_file);
	return EXIT_DONE;
}

static enum exit_code program_run(struct config *c, struct resume *resume, int argc, char **argv)
{
	struct error error = { .code = 0 };
	enum exit_code code = complain(&error, resume_load(resume, argc, argv, c, &error));

	if (code != EXIT_DONE)
		return code;
	screen_init(c->quiet ? LEVEL_ERROR : (enum level)c->verbosity, !c->quiet && c->task == TASK_SCAN);
	if (resume->over)
		return nothing_left(&resume->from);
	/* first, so that a log is not written to somebody's list */
	code = complain(&error, scan_check_files(c, &error));
	if (code == EXIT_DONE && c->log_file != NULL)
		code = complain(&error, log_file_open(c->log_file, (enum level)c->verbosity, &error));
	for (size_t i = 0; i < c->nnotes && code == EXIT_DONE; i++)
		screen_say(LEVEL_WARNING, "%s", c->notes[i]);
	if (code == EXIT_DONE)
		code = run_scan(c, resume, argc, argv);
	log_file_close();
	return code;
}

int main(int argc, char **argv)
{
	struct config config;
	struct resume resume = { .path = NULL };
	struct error error = { .code = 0 };
	enum exit_code code;

	fill_standard_files();
	if (argc > 1 && strcmp(argv[1], "ctl") == 0)
		return control_ask(argc - 2, argv + 2);
	if (options_parse(argc, argv, &config, &error) != 0)
		return complain(&error, EXIT_COMMAND);
	if (print_only(config.task)) {
		options_free(&config);
		return fflush(stdout) == 0 ? EXIT_DONE : EXIT_RESULTS;
	}
	if (config.task == TASK_MERGE) {
		code = complain(&error, merge_metadata(&config, &error));
		options_free(&config);
		return code;
	}
	/* who writes is told: EPIPE of a reader that has gone, EFBIG of a file that ulimit holds */
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
	code = program_run(&config, &resume, argc, argv);
	options_free(&config);
	resume_free(&resume);
	return code;
}
