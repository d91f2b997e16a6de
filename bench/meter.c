/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   meter DEVICE
 *
 * Counts what a device took, for bench/compare: prints "ready", looks at its rx_packets a thousand times a second until
 * SIGTERM, and prints {"frames":N,"seconds":S}, from the first look that found a burst to the last: an ARP request
 * that comes long before the scan is none.
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define BURST 16 /* frames in a millisecond */

static volatile sig_atomic_t stop;

static void on_term(int signal)
{
	(void)signal;
	stop = 1;
}

static unsigned long long count(FILE *f)
{
	unsigned long long n = 0;

	rewind(f);
	if (fflush(f) != 0 || fscanf(f, "%llu", &n) != 1)
		exit(1);
	return n;
}

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}

int main(int argc, char **argv)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	unsigned long long at_start, last, frames = 0;
	double before, first = 0, end = 0;
	char path[256];
	FILE *f;

	if (argc != 2)
		return 2;
	snprintf(path, sizeof(path), "/sys/class/net/%s/statistics/rx_packets", argv[1]);
	f = fopen(path, "re");
	if (f == NULL) {
		perror(path);
		return 1;
	}
	setvbuf(f, NULL, _IONBF, 0);
	signal(SIGTERM, on_term);
	at_start = last = count(f);
	puts("ready");
	fflush(stdout);
	before = now();
	for (int done = 0; !done;) {
		done = stop;
		const unsigned long long n = count(f);
		const double at = now();

		if (n - last >= BURST) {
			first = end == 0 ?
					before :
					first; /* the look before, however long it is ago: never too fast */
			end = at;
		}
		before = at;
		last = n;
		frames = n - at_start;
		nanosleep(&pause, NULL);
	}
	printf("{\"frames\":%llu,\"seconds\":%.6f}\n", frames, end - first);
	return 0;
}
