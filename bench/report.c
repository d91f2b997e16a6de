/* SPDX-License-Identifier: Apache-2.0 */
/* Medians, not means: on a shared machine the slow runs are somebody else's. */
#include "bench/report.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "anyscan/clock.h"

void bench_print(const struct bench_result *r)
{
	double per_s = r->ns_per_item > 0 ? 1e9 / r->ns_per_item : 0;

	printf("{\"bench\":\"%s\",\"case\":\"%s\",\"cores\":%u,\"ns_per_item\":%.3f,\"items_per_s\":%.0f,"
	       "\"items\":\"%s\",\"roof_ns\":%.3f,\"roof\":\"%s\",",
	       r->bench, r->case_name, r->cores, r->ns_per_item, per_s, r->items != NULL ? r->items : "items",
	       r->roof_ns, r->roof != NULL ? r->roof : "");
	if (r->of_roof > 0)
		printf("\"of_roof\":%.4f,", r->of_roof);
	if (r->rss_bytes > 0)
		printf("\"rss_bytes\":%zu,", r->rss_bytes);
	printf("\"runs\":%u,\"stat\":\"median\"}\n", r->runs);
	fflush(stdout);

	fprintf(stderr, "%-14s %-28s %2u core%s %9.2f ns/item %9.2f M%s%s/s", r->bench, r->case_name,
		r->cores, r->cores == 1 ? " " : "s", r->ns_per_item, per_s / 1e6, r->items != NULL ? " " : "",
		r->items != NULL ? r->items : "");
	if (r->roof_ns > 0)
		fprintf(stderr, "   roof %8.2f ns (%s), %.2fx", r->roof_ns, r->roof,
			r->ns_per_item / r->roof_ns);
	if (r->of_roof > 0)
		fprintf(stderr, ", %.1f%% of it by pairs", 100 * r->of_roof);
	if (r->rss_bytes > 0)
		fprintf(stderr, ", %.1f MiB resident", (double)r->rss_bytes / (1 << 20));
	fprintf(stderr, ", median of %u\n", r->runs);
}

/* Jiffies of all CPUs since the start: idle ones, and all. False: no /proc/stat. */
static bool jiffies(unsigned long long *idle, unsigned long long *all)
{
	unsigned long long j[8] = { 0 }; /* user, nice, system, idle, iowait, irq, softirq, steal */
	FILE *f = fopen("/proc/stat", "re");
	int n;

	if (f == NULL)
		return false;
	n = fscanf(f, "cpu %llu %llu %llu %llu %llu %llu %llu %llu", &j[0], &j[1], &j[2], &j[3], &j[4], &j[5],
		   &j[6], &j[7]);
	fclose(f);
	*idle = j[3] + j[4];
	*all = 0;
	for (int i = 0; i < n; i++)
		*all += j[i];
	return n == 8;
}

/*
 * Until nine tenths of the machine have been idle for a tenth of a second, or until the patience of this program is used
 * up: two cores at once are rarely left alone on a busy one.
 */
static void wait_for_quiet(void)
{
	static double patience = 10; /* seconds, for all that one program measures */
	const struct timespec look = { .tv_nsec = 100000000 };
	unsigned long long idle, all, idle_before, all_before;
	const double start = bench_now();

	while (bench_now() - start < patience && jiffies(&idle_before, &all_before)) {
		nanosleep(&look, NULL);
		if (!jiffies(&idle, &all) || 10 * (idle - idle_before) >= 9 * (all - all_before))
			break;
	}
	patience -= bench_now() - start;
}

void bench_pair(struct bench_result r, bench_run *measured, bench_run *bare, void *arg)
{
	double ns[BENCH_RUNS], roof[BENCH_RUNS], ratio[BENCH_RUNS];

	for (int i = -1; i < BENCH_RUNS; i++) { /* -1 warms up */
		if (r.cores > 1)
			wait_for_quiet();
		const double a = bare != NULL ? bare(arg) : 0, b = measured(arg);

		if (i >= 0) {
			roof[i] = a;
			ns[i] = b;
			ratio[i] = a / b;
		}
	}
	r.ns_per_item = bench_median(ns, BENCH_RUNS);
	r.roof_ns = bench_median(roof, BENCH_RUNS);
	r.of_roof = bench_median(ratio, BENCH_RUNS);
	r.runs = BENCH_RUNS;
	bench_print(&r);
}

struct half {
	bench_run *run;
	void *arg;
	int cpu;
	pthread_barrier_t *start;
	double ns;
};

static void *run_half(void *arg)
{
	struct half *h = arg;

	bench_pin(h->cpu);
	pthread_barrier_wait(h->start);
	h->ns = h->run(h->arg);
	return NULL;
}

double bench_on_two(bench_run *run, void *a, void *b)
{
	pthread_barrier_t start;
	struct half half[2] = { { .run = run, .arg = a, .start = &start },
				{ .run = run, .arg = b, .start = &start } };
	pthread_t thread[2];
	cpu_set_t before;
	int cpu[2];

	/* the caller may have pinned itself */
	sched_getaffinity(0, sizeof(before), &before);
	bench_unpin();
	if (bench_cpus(cpu, 2) < 2)
		abort();
	pthread_barrier_init(&start, NULL, 2);
	for (unsigned int i = 0; i < 2; i++) {
		half[i].cpu = cpu[i];
		if (pthread_create(&thread[i], NULL, run_half, &half[i]) != 0)
			abort();
	}
	for (unsigned int i = 0; i < 2; i++)
		pthread_join(thread[i], NULL);
	pthread_barrier_destroy(&start);
	sched_setaffinity(0, sizeof(before), &before);
	return (half[0].ns + half[1].ns) / 4;
}

void bench_skip(const char *bench, const char *reason)
{
	fprintf(stderr, "%-14s skipped: %s\n", bench, reason);
}

double bench_now(void)
{
	return (double)clock_mono_ns() * 1e-9;
}

double bench_cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

static int ascending(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double bench_median(double *values, unsigned int n)
{
	qsort(values, n, sizeof(*values), ascending);
	return n % 2 ? values[n / 2] : (values[n / 2 - 1] + values[n / 2]) / 2;
}

int bench_pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	return sched_setaffinity(0, sizeof(set), &set) < 0 ? -errno : 0;
}

unsigned int bench_cpus(int cpu[], unsigned int n)
{
	cpu_set_t set;
	unsigned int found = 0;

	if (sched_getaffinity(0, sizeof(set), &set) < 0)
		return 0;
	for (int i = 0; i < CPU_SETSIZE && found < n; i++)
		if (CPU_ISSET(i, &set))
			cpu[found++] = i;
	return found;
}

void bench_unpin(void)
{
	cpu_set_t all;

	memset(&all, 0xff, sizeof(all)); /* the kernel leaves those that there are */
	sched_setaffinity(0, sizeof(all), &all);
}

void bench_pin_here(void)
{
	const int cpu = sched_getcpu();

	if (cpu >= 0)
		bench_pin(cpu);
}
