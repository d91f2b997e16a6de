/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What every benchmark shares: how it measures and how it reports. Programs
 * read standard output (one JSON object a line), people standard error.
 */
#ifndef BENCH_REPORT_H
#define BENCH_REPORT_H

struct bench_result {
	const char *bench, *case_name;
	unsigned int cores; /* CPUs kept busy */
	double ns_per_item; /* median over runs */
	double roof_ns; /* the same work in its barest form, measured in the same run; 0 = none */
	const char *roof; /* what that form is */
	unsigned int runs;
};

void bench_print(const struct bench_result *);

double bench_now(void); /* CLOCK_MONOTONIC, seconds */

/* Sorts values[0..n), n > 0. */
double bench_median(double *values, unsigned int n);

/* The calling thread to this CPU. 0 or negative errno. */
int bench_pin(int cpu);

/* The first n CPUs this process may use, ascending; returns how many there are, at most n. */
unsigned int bench_cpus(int cpu[], unsigned int n);

#endif
