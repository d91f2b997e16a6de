/* SPDX-License-Identifier: Apache-2.0 */
#include <bpf/libbpf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "tools/anyscan-doctor/doctor.h"

static int complain(const struct error *e, int code)
{
	fprintf(stderr, "anyscan-doctor: %s\n", e->text);
	return code;
}

static int look(const struct config *c)
{
	struct json_object *report = json_object_new_object(), *kernel = json_object_new_object();
	struct json_object *engines = json_object_new_object(), *interfaces = json_object_new_array();
	struct json_object *nics = json_object_new_object();
	struct error e = { .code = 0 };
	int code = EXIT_LOOKED;

	put_text(report, "version", ANYSCAN_VERSION);
	json_object_object_add(report, "kernel", kernel);
	json_object_object_add(report, "engines", engines);
	json_object_object_add(report, "nics", nics);
	json_object_object_add(report, "interfaces", interfaces);
	look_at_host(kernel);
	look_at_engines(engines, kernel);
	look_at_nics(nics, kernel);
	if (look_at_interfaces(interfaces, c, kernel, &e) < 0)
		code = complain(&e, EXIT_HOST);
	else if (c->json)
		puts(json_object_to_json_string_ext(report, JSON_C_TO_STRING_PRETTY |
								    JSON_C_TO_STRING_NOSLASHESCAPE));
	else
		print_text(report, isatty(STDOUT_FILENO) && getenv("NO_COLOR") == NULL);
	json_object_put(report);
	if (fflush(stdout) != 0 && code == EXIT_LOOKED) {
		error_set(&e, -EIO, "cannot write to standard output");
		code = complain(&e, EXIT_HOST);
	}
	return code;
}

int main(int argc, char **argv)
{
	struct config config = { .task = TASK_LOOK };
	struct error e = { .code = 0 };
	int code;

	libbpf_set_print(NULL); /* a refusal is a finding, and goes into the report */
	if (command_line_parse(&command_line, argc, argv, &config, config.given, &e) != 0)
		code = complain(&e, EXIT_COMMAND);
	else if (program_print(&program, config.task, stdout))
		code = fflush(stdout) == 0 ? EXIT_LOOKED : EXIT_HOST;
	else
		code = look(&config);
	free(config.interfaces.item);
	return code;
}
