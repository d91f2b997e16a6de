/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/cores.h"

#include <errno.h>
#include <string.h>

/* Digits only, up to CPU_SETSIZE - 1. Returns what follows, or NULL. */
static const char *parse_number(const char *text, int *out)
{
	const char *p = text;

	for (*out = 0; *p >= '0' && *p <= '9'; p++) {
		*out = *out * 10 + (*p - '0');
		if (*out >= CPU_SETSIZE)
			return NULL;
	}
	return p > text ? p : NULL;
}

static int refuse(const char *text, const char *item, const char *what, struct error *e)
{
	return error_set(e, -EINVAL, "--cores: column %zu: \"%.*s\" %s; write CPU numbers as 0-3,8",
			 (size_t)(item - text) + 1, (int)strcspn(item, ","), item, what);
}

int cores_parse(const char *text, cpu_set_t *out, struct error *e)
{
	const char *item = text;

	CPU_ZERO(out);
	for (;;) {
		const char *end;
		int first, last;

		end = parse_number(item, &first);
		last = first;
		if (end != NULL && *end == '-')
			end = parse_number(end + 1, &last);
		if (end == NULL || (*end != ',' && *end != '\0'))
			return refuse(text, item,
				      first >= CPU_SETSIZE || last >= CPU_SETSIZE ?
					      "is above 1023" :
					      "is neither a CPU nor a range of them",
				      e);
		if (first > last)
			return refuse(text, item, "begins above its end", e);
		for (int cpu = first; cpu <= last; cpu++)
			CPU_SET(cpu, out);
		if (*end == '\0')
			return 0;
		item = end + 1;
	}
}

int cores_format(const cpu_set_t *set, char *buf, size_t size)
{
	size_t len = 0;

	if (size > 0)
		buf[0] = '\0';
	for (int first = 0; first < CPU_SETSIZE; first++) {
		int last = first;

		if (!CPU_ISSET(first, set))
			continue;
		while (last + 1 < CPU_SETSIZE && CPU_ISSET(last + 1, set))
			last++;
		len += (size_t)snprintf(len < size ? buf + len : NULL, len < size ? size - len : 0,
					first < last ? "%s%d-%d" : "%s%d", len > 0 ? "," : "", first, last);
		first = last;
	}
	return (int)len;
}

int cores_check(const cpu_set_t *wanted, const cpu_set_t *usable, struct error *e)
{
	char missing[256], there[256];
	cpu_set_t common, beyond;

	CPU_AND(&common, wanted, usable);
	CPU_XOR(&beyond, wanted, &common);
	if (CPU_COUNT(&beyond) == 0)
		return 0;
	cores_format(&beyond, missing, sizeof(missing));
	cores_format(usable, there, sizeof(there));
	return error_set(
		e, -ENODEV,
		"--cores: this process may not use CPU %s (not there, offline, or kept from it by taskset "
		"or a cgroup); it may use %s",
		missing, there);
}
