/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tools/options/option.h"

static size_t smallest(size_t a, size_t b, size_t c)
{
	a = a < b ? a : b;
	return a < c ? a : c;
}

/* Levenshtein distance; names longer than the row are no one's typing error. */
static size_t distance(const char *a, const char *b)
{
	const size_t n = strlen(b);
	size_t row[64], diagonal, above;

	if (n >= sizeof(row) / sizeof(row[0]))
		return SIZE_MAX;
	for (size_t j = 0; j <= n; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= n; j++) {
			above = row[j];
			row[j] = smallest(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
			diagonal = above;
		}
	}
	return row[n];
}

const char *nearest_name(const char *name, const char *const *names)
{
	const size_t len = strlen(name);
	size_t best = len / 3 + 2; /* further off it is another word */
	const char *found = NULL;

	for (; *names != NULL; names++) {
		const bool begins = len >= 3 && strncmp(name, *names, len) == 0;
		const size_t d = begins ? 0 : distance(name, *names);

		if (d < best) {
			best = d;
			found = *names;
		}
	}
	return found;
}
