/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a scan occupies before its first probe: resident memory of a process with the domain made and the pipeline
 * open, on the sim engine, which has a receiving side. An item is a set-up, its time that of domain and pipeline.
 */
#include <stdio.h>
#include <sys/wait.h>

#include "bench/internet.h"
#include "bench/report.h"
#include "tests/unit/pipeline_rig.h"

struct set_up {
	double ns;
	size_t bytes; /* resident */
};

static size_t resident(void)
{
	unsigned long all, pages = 0;
	FILE *f = fopen("/proc/self/statm", "re");

	if (f == NULL || fscanf(f, "%lu %lu", &all, &pages) != 2)
		abort();
	fclose(f);
	return pages * (size_t)sysconf(_SC_PAGESIZE);
}

/* In a process of its own: one does not give back what another has used. */
static struct set_up set_up(bool small, unsigned int holes, const char *ports)
{
	struct set_up result;
	int fd[2], status;
	pid_t pid;

	if (pipe(fd) < 0 || (pid = fork()) < 0)
		abort();
	if (pid == 0) {
		struct pipeline *pipeline;
		struct rig rig;
		double start;

		if (rig_init(&rig, &sim_ops, 1, "10.0.0.0/24", ports, "seed=1") != 0)
			abort();
		rig.opt.dedup_memory = (size_t)1 << 30;
		start = bench_now();
		if (!small) {
			domain_destroy(rig.domain);
			rig.opt.domain = rig.domain = internet(holes, ports);
		}
		if (pipeline_open(&rig.opt, &pipeline, &rig.error) < 0)
			abort();
		result.ns = (bench_now() - start) * 1e9;
		result.bytes = resident();
		if (write(fd[1], &result, sizeof(result)) != sizeof(result))
			abort();
		_exit(0);
	}
	close(fd[1]);
	if (read(fd[0], &result, sizeof(result)) != sizeof(result) || waitpid(pid, &status, 0) != pid) {
		fprintf(stderr, "bench_memory: a set-up failed\n");
		exit(1);
	}
	close(fd[0]);
	return result;
}

static void run(const char *name, bool small, unsigned int holes, const char *ports)
{
	double ns[BENCH_RUNS], bytes[BENCH_RUNS];

	for (int i = 0; i < BENCH_RUNS; i++) {
		const struct set_up s = set_up(small, holes, ports);

		ns[i] = s.ns;
		bytes[i] = (double)s.bytes;
	}
	bench_print(&(struct bench_result){ .bench = "memory",
					    .case_name = name,
					    .cores = 1,
					    .ns_per_item = bench_median(ns, BENCH_RUNS),
					    .rss_bytes = (size_t)bench_median(bytes, BENCH_RUNS),
					    .runs = BENCH_RUNS });
}

int main(void)
{
	run("a /24", true, 0, "443");
	run("IPv4", false, 0, "443");
	run("IPv4, 10k exclusions", false, 10000, "443");
	run("IPv4, 100k exclusions", false, 100000, "443");
	run("IPv4, 65536 ports", false, 0, "*");
	return 0;
}
