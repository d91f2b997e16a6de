/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   line_hop CPU CPU
 *
 * Prints how many ns a cache line takes from one CPU to the other now, half a round trip. A hypervisor moves virtual CPUs
 * about: with both on cores that share a cache it takes a fifth of what it takes between two caches, and whatever two
 * CPUs do together goes at another speed.
 */
#define _GNU_SOURCE
#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define TRIPS 4000 /* a sample */
#define SAMPLES 9

static uint64_t line __attribute__((aligned(128)));

static double now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static void settle(const char *cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(strtoul(cpu, NULL, 10), &set);
	if (pthread_setaffinity_np(pthread_self(), sizeof(set), &set) != 0) {
		fprintf(stderr, "line_hop: no CPU %s\n", cpu);
		exit(2);
	}
}

static void await(uint64_t value)
{
	while (__atomic_load_n(&line, __ATOMIC_ACQUIRE) != value)
		;
}

static void *answer(void *cpu)
{
	settle(cpu);
	for (uint64_t i = 0; i < SAMPLES * TRIPS; i++) {
		await(2 * i + 1);
		__atomic_store_n(&line, 2 * i + 2, __ATOMIC_RELEASE);
	}
	return NULL;
}

static int by_size(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

int main(int argc, char **argv)
{
	double hop[SAMPLES];
	pthread_t other;
	uint64_t i = 0;

	if (argc != 3) {
		fprintf(stderr, "usage: line_hop CPU CPU\n");
		return 2;
	}
	settle(argv[1]);
	if (pthread_create(&other, NULL, answer, argv[2]) != 0)
		return 1;
	for (unsigned int s = 0; s < SAMPLES; s++) {
		const double start = now_ns();

		for (unsigned int trip = 0; trip < TRIPS; trip++, i++) {
			__atomic_store_n(&line, 2 * i + 1, __ATOMIC_RELEASE);
			await(2 * i + 2);
		}
		hop[s] = (now_ns() - start) / TRIPS / 2;
	}
	pthread_join(other, NULL);
	qsort(hop, SAMPLES, sizeof(hop[0]), by_size);
	printf("%.0f\n", hop[SAMPLES / 2]);
	return 0;
}
