/* SPDX-License-Identifier: Apache-2.0 */
#include "io/sim/spec_value.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define TIME_MAX_S 3600.0

/* strtod alone would take nan, inf and hex too. */
const char *spec_number(const char *text, double *out)
{
	char *end;

	if (text[0] != '.' && (text[0] < '0' || text[0] > '9'))
		return NULL;
	if (text[0] == '0' && (text[1] | 0x20) == 'x')
		return NULL;
	*out = strtod(text, &end);
	return end != text ? end : NULL;
}

bool spec_share(const char *text, __u64 *out)
{
	double share;
	const char *end = spec_number(text, &share);

	if (end == NULL)
		return false;
	if (*end == '%') {
		share /= 100;
		end++;
	}
	if (*end != '\0' || share > 1)
		return false;
	*out = (__u64)(share * SHARE_ONE);
	return true;
}

bool spec_time(const char *text, __u64 *out)
{
	static const struct {
		const char *unit;
		double ns;
	} units[] = { { "ns", 1 }, { "us", 1e3 }, { "ms", 1e6 }, { "s", 1e9 } };
	double time;
	const char *end = spec_number(text, &time);

	if (end == NULL)
		return false;
	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		if (strcmp(end, units[i].unit) == 0 && time * units[i].ns <= TIME_MAX_S * 1e9) {
			*out = (__u64)(time * units[i].ns + 0.5);
			return true;
		}
	}
	if (strcmp(end, "") != 0 || time != 0)
		return false;
	*out = 0; /* a bare 0 needs no unit */
	return true;
}

bool spec_seed(const char *text, __u64 *out)
{
	char *end;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &end, 0);
	return errno == 0 && *end == '\0';
}
