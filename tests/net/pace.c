/* SPDX-License-Identifier: Apache-2.0 */
/*
 *   pace RATE FILE [FROM]
 *
 * Holds the times of arrival that `anyscan-world run --times FILE` wrote against departure k at k/RATE, and
 * prints one `name value` a line. Times are microseconds. FROM: the frames after the FROM-th alone.
 *
 *   frames, rate    how many, and between the first and the last of them how many a second
 *   elapsed         between the first and the last
 *   best            frames a second of the fastest 50 ms: what the pace is when the machine lets it
 *   early           the most that a frame came before its time, counted from the first frame
 *   late_median, late_p99, late_worst
 *   outside         permille of the frames that were late by more than 1% and by more than 1 ms
 *   burst           the most that the frames of any span of time were ahead of RATE and what may be paid back:
 *                   the depth of a token bucket of 128/127 RATE that lets them through
 *   gap             the longest silence
 *   after_gap       the frames of the 10 ms that follow it
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#define FRAMES_MAX (1u << 20)
#define LATE_US 1000.0
#define LATE_SHARE 0.01
#define AFTER_GAP_US 10000.0
#define BEST_SPAN_S 0.05
#define PAYBACK (128.0 / 127) /* of RATE, after a stall: stages/tx/bucket.h */

static uint64_t times[FRAMES_MAX];
static double late[FRAMES_MAX];

static int ascending(const void *a, const void *b)
{
	const double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static size_t load(const char *path, size_t from)
{
	FILE *f = fopen(path, "r");
	size_t n;

	if (f == NULL || fseek(f, (long)(from * sizeof(times[0])), SEEK_SET) != 0)
		return 0;
	n = fread(times, sizeof(times[0]), FRAMES_MAX, f);
	fclose(f);
	return n;
}

static double best_rate(size_t n, double rate)
{
	const size_t wanted = (size_t)(rate * BEST_SPAN_S), span = wanted < 1 ? 1 :
								   wanted < n ? wanted :
										n - 1;
	uint64_t shortest = UINT64_MAX;

	for (size_t k = span; k < n; k++)
		if (times[k] - times[k - span] < shortest)
			shortest = times[k] - times[k - span];
	return (double)span / ((double)shortest / 1e9);
}

static void find_gap(size_t n)
{
	double gap = 0;
	size_t end = 0, after = 0;

	for (size_t k = 1; k < n; k++) {
		const double silence = (double)(int64_t)(times[k] - times[k - 1]) / 1e3;

		if (silence > gap) {
			gap = silence;
			end = k;
		}
	}
	for (size_t k = end; k < n && (double)(int64_t)(times[k] - times[end]) / 1e3 < AFTER_GAP_US; k++)
		after++;
	printf("gap %.0f\nafter_gap %zu\n", gap, after);
}

int main(int argc, char **argv)
{
	const double rate = argc > 2 ? atof(argv[1]) : 0;
	const size_t n = rate > 0 ? load(argv[2], argc > 3 ? strtoul(argv[3], NULL, 10) : 0) : 0;
	double early = 0, burst = 0, latest = 0;
	size_t outside = 0;

	if (n < 2) {
		fprintf(stderr,
			"usage: pace RATE FILE [FROM], FILE with the times of two frames or more after FROM\n");
		return 2;
	}
	for (size_t k = 0; k < n; k++) {
		const double at = (double)(int64_t)(times[k] - times[0]) / 1e3, due = (double)k / rate * 1e6;
		const double behind = at - due / PAYBACK;

		late[k] = at - due;
		early = -late[k] > early ? -late[k] : early;
		/* behind by `latest` once, and by less now: so much faster was it since */
		latest = behind > latest ? behind : latest;
		burst = latest - behind > burst ? latest - behind : burst;
		outside += late[k] > LATE_US && late[k] > due * LATE_SHARE;
	}
	printf("frames %zu\nrate %.1f\nearly %.0f\nburst %.0f\n", n,
	       (double)(n - 1) / ((double)(times[n - 1] - times[0]) / 1e9), early, burst);
	printf("elapsed %.0f\nbest %.1f\n", (double)(times[n - 1] - times[0]) / 1e3, best_rate(n, rate));
	find_gap(n);
	qsort(late, n, sizeof(late[0]), ascending);
	printf("late_median %.0f\nlate_p99 %.0f\nlate_worst %.0f\noutside %zu\n", late[n / 2],
	       late[n - 1 - n / 100], late[n - 1], outside * 1000 / n);
	return 0;
}
