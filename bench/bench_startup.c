/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From files to domain, by line: a list of targets that do not merge, in random order, less 10,000 exclusions. The
 * roof reads the lines of the same list and does nothing with them. Ten times the lines must not cost more a line
 * than the caches explain.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "bench/report.h"
#include "stages/gen/domain.h"

#define RUNS 5
#define EXCLUSIONS 10000

static volatile size_t result; /* keeps the work */

static void path_of(char path[32])
{
	int fd;

	snprintf(path, 32, "/tmp/anyscan-bench.XXXXXX");
	fd = mkstemp(path);
	if (fd < 0)
		abort();
	close(fd);
}

/* Every second address from 20.0.0.0 on: a prime step brings each once, in an order that must be sorted. */
static void write_list(const char *path, uint32_t lines)
{
	FILE *file = fopen(path, "w");

	if (file == NULL)
		abort();
	for (uint32_t i = 0; i < lines; i++) {
		const uint32_t a = 2 * (uint32_t)((uint64_t)i * 7919 % lines);

		fprintf(file, "20.%u.%u.%u\n", a >> 16, a >> 8 & 255, a & 255);
	}
	if (fclose(file) != 0)
		abort();
}

static void write_exclusions(const char *path)
{
	FILE *file = fopen(path, "w");

	if (file == NULL)
		abort();
	for (uint32_t i = 0; i < EXCLUSIONS; i++)
		fprintf(file, "20.%u.%u.%u/30\n", i >> 12, i >> 4 & 255, i << 4 & 255);
	if (fclose(file) != 0)
		abort();
}

static double read_lines(const char *path)
{
	const double start = bench_now();
	FILE *file = fopen(path, "re");
	char *line = NULL;
	size_t room = 0;
	ssize_t len;

	if (file == NULL)
		abort();
	while ((len = getline(&line, &room, file)) >= 0)
		result += (size_t)len;
	free(line);
	fclose(file);
	return bench_now() - start;
}

static double load(const char *targets, const char *exclusions)
{
	struct ranges allowed = { 0 }, out = { 0 };
	const struct ports ports = { .port = (uint16_t[]){ 80 }, .count = 1 };
	const double start = bench_now();
	struct domain *d;
	double took;

	if (targets_load(targets, &allowed, NULL) != 0 || targets_load(exclusions, &out, NULL) != 0)
		abort();
	ranges_normalise(&allowed);
	ranges_normalise(&out);
	if (ranges_subtract(&allowed, &out) != 0 || (d = domain_create(&allowed, &ports, NULL)) == NULL)
		abort();
	took = bench_now() - start;
	result += domain_size(d);
	domain_destroy(d);
	ranges_free(&out);
	ranges_free(&allowed);
	return took;
}

static void run(const char *name, uint32_t lines)
{
	char targets[32], exclusions[32];
	double roof[RUNS], whole[RUNS];

	path_of(targets);
	path_of(exclusions);
	write_list(targets, lines);
	write_exclusions(exclusions);
	for (unsigned int i = 0; i < RUNS; i++) {
		roof[i] = read_lines(targets) * 1e9 / lines;
		whole[i] = load(targets, exclusions) * 1e9 / lines;
	}
	unlink(targets);
	unlink(exclusions);
	struct bench_result r = {
		.bench = "startup",
		.case_name = name,
		.cores = 1,
		.ns_per_item = bench_median(whole, RUNS),
		.roof_ns = bench_median(roof, RUNS),
		.roof = "the lines read",
		.runs = RUNS,
	};
	bench_print(&r);
}

int main(void)
{
	int cpu;

	if (bench_cpus(&cpu, 1) == 1)
		bench_pin(cpu);
	run("100k lines", 100000);
	run("1M lines", 1000000);
	return 0;
}
