/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads --fast-dryrun records of a domain too large for a bitmap and checks that
 * no two are equal: a walk that falls into a short cycle repeats itself within
 * millions of targets. Sorts all records by radix (8 bytes of memory each, twice). Shares no code with the scanner.
 *
 *   distinct COUNT < records     exit 0: COUNT records, all different
 */
#include <err.h>
#include <inttypes.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static uint64_t *sort(uint64_t *a, uint64_t *b, size_t n)
{
	static size_t count[65536 + 1];

	for (int shift = 0; shift < 48; shift += 16) {
		uint64_t *t = a;

		memset(count, 0, sizeof(count));
		for (size_t i = 0; i < n; i++)
			count[(a[i] >> shift & 0xffff) + 1]++;
		for (int v = 0; v < 65536; v++)
			count[v + 1] += count[v];
		for (size_t i = 0; i < n; i++)
			b[count[a[i] >> shift & 0xffff]++] = a[i];
		a = b;
		b = t;
	}
	return a;
}

int main(int argc, char **argv)
{
	const size_t want = argc == 2 ? strtoull(argv[1], NULL, 10) : 0;
	uint64_t *a = calloc(want + 1, 8), *b = calloc(want + 1, 8);
	size_t n = 0, repeated = 0;
	uint8_t r[6];

	if (want == 0 || a == NULL || b == NULL)
		errx(2, "usage: distinct COUNT < records");
	while (n < want && fread(r, 1, 6, stdin) == 6)
		a[n++] = (uint64_t)r[0] << 40 | (uint64_t)r[1] << 32 | (uint64_t)r[2] << 24 |
			 (uint64_t)r[3] << 16 | (uint64_t)r[4] << 8 | r[5];
	if (n < want)
		errx(1, "only %zu of %zu records", n, want);
	if (fread(r, 1, 1, stdin) != 0)
		errx(1, "more than %zu records", want);
	a = sort(a, b, n);
	for (size_t i = 1; i < n; i++)
		repeated += a[i] == a[i - 1];
	printf("%s: %zu records, %zu repeated\n", repeated == 0 ? "distinct" : "WRONG", n, repeated);
	return repeated == 0 ? 0 : 1;
}
