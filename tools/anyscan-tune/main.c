/* SPDX-License-Identifier: Apache-2.0 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/anyscan-tune/tune.h"

static int complain(const struct error *e, int code)
{
	if (e->text[0] != '\0')
		fprintf(stderr, "anyscan-tune: %s\n", e->text);
	return code;
}

static enum exit_code work(const struct config *c, struct error *e)
{
	if (c->task == TASK_VALIDATE)
		return tune_validate(c, e);
	if (c->model != NULL)
		return tune_model(c, e);
	return tune_walk(c, e);
}

int main(int argc, char **argv)
{
	struct config config = { .task = TASK_TUNE };
	struct error e = { .code = 0 };
	int code;

	libbpf_set_print(NULL);
	if (command_line_parse(&command_line, argc, argv, &config, config.given, &e) != 0) {
		code = complain(&e, EXIT_COMMAND);
	} else if (program_print(&program, config.task, stdout)) {
		code = fflush(stdout) == 0 ? EXIT_TUNED : EXIT_HOST;
	} else {
		code = work(&config, &e);
		if (fflush(stdout) != 0 && code == EXIT_TUNED) {
			error_set(&e, -EIO, "cannot write to standard output");
			code = EXIT_HOST;
		}
		code = code == EXIT_TUNED ? code : complain(&e, code);
	}
	free(config.interfaces.item);
	return code;
}
