/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Elapsed time from exec to exit of anyscan-pipe, an item being a run. The roof: the same of a program that does
 * nothing. What a scan of 256 targets takes is all start-up and shut-down.
 */
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench/report.h"

struct program {
	char path[PATH_MAX + 16];
	const char *argv[16];
};

static double run_once(const char *path, const char *const argv[])
{
	extern char **environ;
	posix_spawn_file_actions_t quiet;
	double start;
	int status;
	pid_t pid;

	posix_spawn_file_actions_init(&quiet);
	posix_spawn_file_actions_addopen(&quiet, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
	posix_spawn_file_actions_addopen(&quiet, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	start = bench_now();
	if (posix_spawn(&pid, path, &quiet, NULL, (char *const *)argv, environ) != 0 ||
	    waitpid(pid, &status, 0) != pid || status != 0) {
		fprintf(stderr, "bench_exec: %s does not run\n", path);
		exit(1);
	}
	start = bench_now() - start;
	posix_spawn_file_actions_destroy(&quiet);
	return start * 1e9;
}

static double measured(void *arg)
{
	struct program *p = arg;

	return run_once(p->path, p->argv);
}

static double bare(void *arg)
{
	const char *argv[] = { "true", NULL };

	(void)arg;
	return run_once("/bin/true", argv);
}

int main(void)
{
	static const struct {
		const char *name;
		const char *argv[16];
	} cases[] = {
		{ "--version", { "anyscan-pipe", "--version", NULL } },
		{ "256 targets, null",
		  { "anyscan-pipe", "10.0.0.0/24", "-p", "443", "--include-reserved", "--io-engine", "null",
		    "-r", "max", "-c", "0", "-q", NULL } },
		{ "256 targets, sim",
		  { "anyscan-pipe", "10.0.0.0/24", "-p", "443", "--include-reserved", "--io-engine", "sim",
		    "-r", "max", "-c", "0", "-q", NULL } },
	};
	char self[PATH_MAX] = "";
	struct program p;

	if (readlink("/proc/self/exe", self, sizeof(self) - 1) < 0)
		return 1;
	snprintf(p.path, sizeof(p.path), "%s/../anyscan-pipe", dirname(self));
	if (access(p.path, X_OK) != 0) {
		bench_skip("start-up", "build anyscan-pipe first: make");
		return 0;
	}
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (size_t k = 0; k < sizeof(p.argv) / sizeof(p.argv[0]); k++)
			p.argv[k] = cases[i].argv[k];
		bench_pair(
			(struct bench_result){
				.bench = "start-up", .case_name = cases[i].name, .cores = 1, .roof = "true" },
			measured, bare, &p);
	}
	return 0;
}
