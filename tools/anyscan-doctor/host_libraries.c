/* SPDX-License-Identifier: Apache-2.0 */
/*
 * anyscan-pipe is asked, not looked for in package lists: the dynamic loader says which libraries it finds
 * for it, and the program itself which engines it has. This program links none of the libraries of engines,
 * so it runs where that one cannot.
 */
#include <libgen.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/anyscan-doctor/host.h"
#include "tools/anyscan-doctor/program_output.h"

static const char reinstall[] =
	"install what it needs (tools/install-deps in the sources; `apt-file search NAME` names the package), or build "
	"anyscan-pipe on this host";

/* Beside this program, as after a build and after an installation; else by PATH. */
static void find_pipe(char path[PATH_MAX])
{
	char self[PATH_MAX];
	const ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);

	if (len > 0) {
		self[len] = '\0';
		if (snprintf(path, PATH_MAX, "%s/anyscan-pipe", dirname(self)) < PATH_MAX &&
		    access(path, X_OK) == 0)
			return;
	}
	strcpy(path, "anyscan-pipe");
}

static void first_line(char *text)
{
	text[strcspn(text, "\n")] = '\0';
}

/* "\tlibbpf.so.1 => /lib/x86_64-linux-gnu/libbpf.so.1 (0x...)", "\tlibbpf.so.1 => not found" */
static void sort_lines(char *text, struct json_object *loaded, char *missing, size_t size)
{
	char *rest = text, *line, *arrow;
	size_t len = 0;

	*missing = '\0';
	while ((line = strsep(&rest, "\n")) != NULL) {
		line += strspn(line, "\t ");
		arrow = strstr(line, " => ");
		if (arrow == NULL)
			continue;
		*arrow = '\0';
		if (strncmp(arrow + 4, "not found", 9) != 0)
			json_object_array_add(loaded, json_object_new_string(line));
		else if (len < size)
			len += (size_t)snprintf(missing + len, size - len, "%s%s", len > 0 ? ", " : "", line);
	}
}

static void ask_loader(struct json_object *kernel, const char *path)
{
	const char *const argv[] = { path, "--version", NULL };
	struct json_object *loaded = json_object_new_array(), *c;
	char output[OUTPUT_MAX], missing[256];
	const int rc = program_output(argv, "LD_TRACE_LOADED_OBJECTS=1", output);

	if (rc == 0)
		sort_lines(output, loaded, missing, sizeof(missing));
	else
		first_line(output);
	if (rc < 0)
		c = cannot(kernel, "libraries", "install anyscan-pipe, or put it beside anyscan-doctor",
			   "anyscan-pipe cannot be run: %s", because(rc));
	else if (rc != 0)
		c = cannot(kernel, "libraries", reinstall, "the dynamic loader: %s", output);
	else if (*missing != '\0')
		c = cannot(kernel, "libraries", reinstall, "not found: %s", missing);
	else
		c = can(kernel, "libraries");
	json_object_object_add(c, "loaded", loaded);
}

static void ask_program(struct json_object *kernel, const char *path)
{
	const char *const argv[] = { path, "--version-json", NULL };
	struct json_object *answer = NULL, *c;
	char output[OUTPUT_MAX];
	const int rc = program_output(argv, NULL, output);

	if (rc == 0)
		answer = json_tokener_parse(output);
	if (!json_object_is_type(answer, json_type_object)) {
		first_line(output);
		cannot(kernel, "anyscan_pipe",
		       rc < 0 ? "install anyscan-pipe, or put it beside anyscan-doctor" : reinstall,
		       "it does not start: %s", rc < 0 ? because(rc) : output);
		json_object_put(answer);
		return;
	}
	c = can(kernel, "anyscan_pipe");
	json_object_object_foreach(answer, key, value) json_object_object_add(c, key, json_object_get(value));
	json_object_put(answer);
}

void probe_libraries(struct json_object *kernel)
{
	char path[PATH_MAX];

	find_pipe(path);
	ask_loader(kernel, path);
	ask_program(kernel, path);
}
