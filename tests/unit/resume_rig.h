/* SPDX-License-Identifier: Apache-2.0 */
/* Command lines with --resume F, where F is a checkpoint: what they come to. One process, one of it. */
#ifndef TESTS_UNIT_RESUME_RIG_H
#define TESTS_UNIT_RESUME_RIG_H

#include <criterion/criterion.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/anyscan-pipe/aliases.c"
#include "tools/anyscan-pipe/option_parsers.c"
#include "tools/anyscan-pipe/option_table.c"
#include "tools/anyscan-pipe/options.c"
#include "tools/anyscan-pipe/resume.c"
#include "tools/anyscan-pipe/resume_engine.c"

#include "tests/unit/checkpoint_sample.h"

const struct program program = { .name = "anyscan-pipe" };

static char file[64];
static struct config config;
static struct resume resume;
static struct error error;

static const struct checkpoint_option then[] = {
	{ "", "10.0.0.0/8" },	   { "target-ports", "80" },   { "include-reserved", NULL },
	{ "rate", "5k" },	   { "output-file", "found" }, { "checkpoint-file", "x" },
	{ "io-engine", "af_xdp" }, { "xdp-mode", "copy" },     { "", "11.0.0.0/8" },
	{ "fuse", NULL },
};

static void write_checkpoint(const struct checkpoint_option *options, size_t n)
{
	struct checkpoint c = sample();

	c.options = options;
	c.noptions = n;
	c.output_file = "/folder/found";
	cr_assert_eq(checkpoint_write(file, &c, &error), 0);
}

static void prepare(void)
{
	strcpy(file, "/tmp/anyscan-resume.XXXXXX");
	close(mkstemp(file));
	write_checkpoint(then, sizeof(then) / sizeof(then[0]));
}

static void clean(void)
{
	char previous[96];

	snprintf(previous, sizeof(previous), "%s" CHECKPOINT_PREVIOUS, file);
	unlink(previous);
	unlink(file);
	resume_free(&resume);
	options_free(&config);
}

/* Blank-separated words; F is the file. */
static enum exit_code load(const char *line)
{
	static char copy[512];
	char *argv[16] = { (char[]){ "anyscan-pipe" } }, *rest = copy, *word;
	int argc = 1;

	resume_free(&resume);
	options_free(&config);
	error.text[0] = '\0';
	snprintf(copy, sizeof(copy), "%s", line);
	while ((word = strsep(&rest, " ")) != NULL)
		argv[argc++] = strcmp(word, "F") == 0 ? file : word;
	cr_assert_eq(options_parse(argc, argv, &config, &error), 0, "%s", error.text);
	return resume_load(&resume, argc, argv, &config, &error);
}

static void refuse(const char *line, const char *now, const char *old)
{
	cr_assert_eq(load(line), EXIT_COMMAND, "%s", line);
	cr_expect_eq(strncmp(error.text, now, strlen(now)), 0, "%s", error.text);
	cr_expect(strstr(error.text, old) != NULL, "%s", error.text);
}

#endif
