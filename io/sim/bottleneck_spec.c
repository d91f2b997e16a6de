/* SPDX-License-Identifier: Apache-2.0 */
#include "io/sim/bottleneck_spec.h"

#include <errno.h>
#include <string.h>

#include "io/sim/spec_value.h"

#define CAPACITY_MAX 1e9 /* frames/s */
#define QUEUE_NS 50000000

static const char *const kind_names[BOTTLENECK_KINDS] = {
	[BOTTLENECK_NONE] = "none",   [BOTTLENECK_POLICER] = "policer", [BOTTLENECK_SILENT] = "silent",
	[BOTTLENECK_QUEUE] = "queue", [BOTTLENECK_RAMP] = "ramp",	[BOTTLENECK_CPU] = "cpu",
};

int bottleneck_parse_kind(const char *text, struct world_bottleneck *b, struct error *error)
{
	for (unsigned int k = 0; k < BOTTLENECK_KINDS; k++) {
		if (strcmp(text, kind_names[k]) == 0) {
			b->kind = k;
			return 0;
		}
	}
	return error_set(error, -EINVAL,
			 "--world: bottleneck=%s is none; write policer, silent, queue, ramp or cpu", text);
}

/* "20k", whole frames a second. */
static bool parse_rate(const char *text, __u64 *rate)
{
	double value, unit = 1;
	const char *end = spec_number(text, &value);

	if (end == NULL)
		return false;
	if (*end == 'k' || *end == 'K')
		unit = 1e3;
	else if (*end == 'M')
		unit = 1e6;
	end += unit > 1;
	if (*end != '\0' || value * unit < 1 || value * unit > CAPACITY_MAX)
		return false;
	*rate = (__u64)(value * unit + 0.5);
	return true;
}

/* "10k@15s"; the first has no time. */
static bool parse_step(char *text, struct world_bottleneck *b)
{
	const __u64 i = b->capacities;
	char *at = strchr(text, '@');

	if (i == WORLD_CAPACITIES || (at == NULL) != (i == 0))
		return false;
	if (at != NULL)
		*at++ = '\0';
	if (!parse_rate(text, &b->capacity[i].rate))
		return false;
	b->capacity[i].from_ns = 0;
	if (at != NULL &&
	    (!spec_time(at, &b->capacity[i].from_ns) || b->capacity[i].from_ns <= b->capacity[i - 1].from_ns))
		return false;
	b->capacities++;
	return true;
}

int bottleneck_parse_capacity(char *text, struct world_bottleneck *b, struct error *error)
{
	char shown[64];

	strncpy(shown, text, sizeof(shown) - 1);
	shown[sizeof(shown) - 1] = '\0';
	b->capacities = 0;
	for (char *step = text, *slash; step != NULL; step = slash) {
		slash = strchr(step, '/');
		if (slash != NULL)
			*slash++ = '\0';
		if (!parse_step(step, b))
			return error_set(
				error, -EINVAL,
				"--world: capacity=%s is not frames a second and when they change, as in "
				"capacity=20k or capacity=20k/10k@15s/20k@30s (%d at most, up to 1000M)",
				shown, WORLD_CAPACITIES);
	}
	return 0;
}

int bottleneck_check(struct world_bottleneck *b, struct error *error)
{
	if (b->kind == BOTTLENECK_NONE && b->capacities > 0)
		b->kind = BOTTLENECK_POLICER;
	if (b->kind != BOTTLENECK_NONE && b->capacities == 0)
		return error_set(error, -EINVAL,
				 "--world: bottleneck=%s of how many frames a second? add capacity=20k",
				 kind_names[b->kind]);
	if (b->queue_ns != 0 && b->kind != BOTTLENECK_QUEUE)
		return error_set(
			error, -EINVAL,
			"--world: queue= is how long a queue is; add bottleneck=queue, or leave it out");
	if (b->kind == BOTTLENECK_QUEUE && b->queue_ns == 0)
		b->queue_ns = QUEUE_NS;
	return 0;
}
