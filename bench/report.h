/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every benchmark shares: how it measures and how it reports. Programs
 * read standard output (one JSON object a line), people standard error.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

#include <stddef.h>

#define BENCH_RUNS 9 /* of each side of a pair */

struct bench_result {
	const char *bench, *case_name;
	const char *items; /* what is counted: "replies"; NULL: whatever the bench works on */
	unsigned int cores; /* CPUs kept busy */
	double ns_per_item; /* median over runs */
	double roof_ns; /* the same work in its barest form, measured in the same run; 0 = none */
	const char *roof; /* what that form is */
	double of_roof; /* median over the pairs of roof / measured: 1 is as fast as can be; 0: no pairs */
	unsigned int runs;
	size_t rss_bytes; /* resident memory, where that is the point; 0: not measured */
};

void bench_print(const struct bench_result *);

/* One timed run: ns per item. */
typedef double bench_run(void *arg);

/*
 * Fills ns_per_item, roof_ns, of_roof and runs of r and prints it: BENCH_RUNS of each, in turn so that both see the same
 * neighbours, after one of each that warms up. bare NULL: no roof. Pairs on more than one core begin at a quiet moment of
 * the machine, if one comes within ten seconds in all.
 */
void bench_pair(struct bench_result r, bench_run *measured, bench_run *bare, void *arg);

/* run(a) and run(b) at once, on the first two CPUs: ns an item of both together. */
double bench_on_two(bench_run *run, void *a, void *b);

/* Why this host cannot run the benchmark; for people. */
void bench_skip(const char *bench, const char *reason);

double bench_now(void); /* CLOCK_MONOTONIC, seconds */
double bench_cpu(void); /* of the calling thread, seconds: what a busy machine takes away does not count */

/* Sorts values[0..n), n > 0. */
double bench_median(double *values, unsigned int n);

/* The calling thread to this CPU. 0 or negative errno. */
int bench_pin(int cpu);

/* The first n CPUs this process may use, ascending; returns how many there are, at most n. */
unsigned int bench_cpus(int cpu[], unsigned int n);

/* The calling thread to any CPU again. */
void bench_unpin(void);

/* The calling thread to the CPU that it is on: where the scheduler found room. */
void bench_pin_here(void);

#endif
