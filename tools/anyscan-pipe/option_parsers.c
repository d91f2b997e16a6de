/* SPDX-License-Identifier: Apache-2.0 */
/* Parsers of the options whose values are like no other's. */
#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "anyscan/policy.h"
#include "stages/cores.h"
#include "tools/anyscan-pipe/options.h"

/* "1k-2M": both ends are rates, and auto stays between them. */
static int parse_auto_range(const char *option, const char *value, struct rate_choice *r, struct error *e)
{
	const char *range = strchr(value, ':') + 1, *dash = strchr(range, '-');
	char floor[32] = "";
	int rc = -EINVAL;

	if (dash == NULL || (size_t)(dash - range) >= sizeof(floor))
		return error_set(e, -EINVAL, "--%s %s: write auto, or auto:FLOOR-CEILING, as auto:10k-2M",
				 option, value);
	memcpy(floor, range, (size_t)(dash - range));
	rc = number_parse(option, floor, &r->range.floor, e);
	if (rc == 0)
		rc = number_parse(option, dash + 1, &r->range.ceiling, e);
	if (rc == 0 && (r->range.floor <= 0 || r->range.floor > r->range.ceiling))
		return error_set(
			e, -EINVAL,
			"--%s %s: the range is empty; write the lower rate first, above 0, as auto:10k-2M",
			option, value);
	r->ranged = true;
	return rc;
}

static int parse_auto(const char *option, const char *value, struct rate_choice *r, struct error *e)
{
	int rc = 0;

	r->range = (struct auto_rate_range){ RATE_AUTO_FLOOR, RATE_AUTO_CEILING };
	if (value[4] == ':')
		rc = parse_auto_range(option, value, r, e);
	else if (value[4] != '\0')
		rc = error_set(e, -EINVAL, "--%s %s: write auto, or auto:FLOOR-CEILING, as auto:10k-2M",
			       option, value);
	r->rate = r->range.floor;
	return rc;
}

int rate_parse(const char *option, const char *value, struct rate_choice *r, struct error *e)
{
	int rc;

	*r = (struct rate_choice){ .rate = RATE_MAX };
	if (strcmp(value, "max") == 0)
		return 0;
	if (strncmp(value, "auto", 4) == 0)
		return parse_auto(option, value, r, e);
	rc = number_parse(option, value, &r->rate, e);
	if (rc == 0 && r->rate == 0)
		return error_set(e, -EINVAL, "--%s 0: for no limit write --%s max", option, option);
	return rc;
}

int option_rate(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	return rate_parse(o->name, value, &c->rate, e);
}

int option_bandwidth(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	const int rc = number_parse(o->name, value, &c->bandwidth, e);

	if (rc == 0 && c->bandwidth == 0)
		return error_set(e, -EINVAL, "--%s 0: for no limit write --rate max", o->name);
	return rc;
}

int option_max_targets(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	const size_t len = strlen(value);
	char number[32];
	int rc;

	c->max_targets_percent = 0;
	c->max_targets = UINT64_MAX;
	if (len == 0 || value[len - 1] != '%') {
		rc = option_count(o, value, c, e);
		if (rc == 0 && c->max_targets == 0)
			return error_set(e, -EINVAL, "--%s 0: a scan of nothing; write 1 or more", o->name);
		return rc;
	}
	if (len >= sizeof(number))
		return error_set(e, -EINVAL, "--%s: \"%s\" is not a percentage; write 1%% or 0.5%%", o->name,
				 value);
	memcpy(number, value, len - 1);
	number[len - 1] = '\0';
	rc = number_parse(o->name, number, &c->max_targets_percent, e);
	if (rc == 0 && (c->max_targets_percent <= 0 || c->max_targets_percent > 100))
		return error_set(e, -EINVAL, "--%s: %s is not a share; write above 0%% and up to 100%%",
				 o->name, value);
	return rc;
}

/* ZMap takes 0 for no limit, and whoever writes it may mean the opposite. */
int option_runtime(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	const int rc = option_seconds(o, value, c, e);

	if (rc == 0 && c->max_runtime == 0)
		return error_set(e, -EINVAL,
				 "--%s 0: for no limit leave it out; for no probes write --dryrun", o->name);
	return rc;
}

/* n, or n/N. Counting from 1 would leave shard 0 out for good, so N/N is answered. */
int option_shard(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	const char *slash = strchr(value, '/');
	unsigned long long n, of;
	int used = 0;

	if (slash == NULL)
		return option_count(o, value, c, e);
	if (!isdigit((unsigned char)value[0]) || !isdigit((unsigned char)slash[1]) ||
	    sscanf(value, "%7llu/%7llu%n", &n, &of, &used) != 2 || value[used] != '\0')
		return error_set(e, -EINVAL, "--%s: \"%s\" is not n/N; write 0/4 for the first of four",
				 o->name, value);
	if (of == 0 || of > 65535)
		return error_set(e, -EINVAL,
				 "--%s %s: there can be 1 to 65535 shards; write n/N with such an N", o->name,
				 value);
	if (n >= of)
		return error_set(e, -EINVAL, "--%s %s: shards are 0-based; the last of %llu is %llu/%llu",
				 o->name, value, of, of - 1, of);
	if (option_given(c, "shards") && c->shards != of)
		return error_set(e, -EINVAL, "--%s %s and --shards %llu do not agree; write one of them",
				 o->name, value, (unsigned long long)c->shards);
	c->shard = n;
	c->shards = c->shards_named = of;
	return 0;
}

int option_key(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	if (strlen(value) != 32 || strspn(value, "0123456789abcdefABCDEF") != 32)
		return error_set(e, -EINVAL, "--%s: \"%s\" is not a key; write 32 hex digits", o->name,
				 value);
	for (unsigned int i = 0; i < 2; i++) {
		char half[17] = "";

		memcpy(half, value + 16 * i, 16);
		c->key[i] = strtoull(half, NULL, 16);
	}
	return 0;
}

/* Several --stages add up; a later count replaces an earlier one. */
int option_stages(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	struct plan_request parsed = { .fuse = false };
	const int rc = plan_parse(value, &parsed, e);

	(void)o;
	if (rc != 0)
		return rc;
	for (unsigned int i = 0; i < PLAN_STAGES; i++)
		if (parsed.count[i] != 0)
			c->plan.count[i] = parsed.count[i];
	return 0;
}

int option_cores(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	(void)o;
	return cores_parse(value, &c->cores, e);
}

int option_source_port(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	unsigned int first, last;
	int used = 0;

	if (!isdigit((unsigned char)*value) || sscanf(value, "%6u%n", &first, &used) != 1)
		goto wrong;
	last = first;
	if (value[used] == '-') {
		const char *rest = value + used + 1;

		if (!isdigit((unsigned char)*rest) || sscanf(rest, "%6u%n", &last, &used) != 1 ||
		    rest[used] != '\0')
			goto wrong;
	} else if (value[used] != '\0') {
		goto wrong;
	}
	if (first == 0 || first > last || last > 65535)
		return error_set(
			e, -EINVAL,
			"--%s: %s is not a range of ports; write A-B within 1-65535, lower one first",
			o->name, value);
	c->sport_first = (uint16_t)first;
	c->sport_last = (uint16_t)last;
	return 0;
wrong:
	return error_set(e, -EINVAL, "--%s: \"%s\" is not a port or a range; write 40000 or 32768-61000",
			 o->name, value);
}

int option_reserved(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	if (value != NULL && strcmp(value, "all") != 0)
		return error_set(e, -EINVAL, "--%s=%s: write --%s or --%s=all", o->name, value, o->name,
				 o->name);
	c->reserved = value != NULL ? RESERVED_ALL : RESERVED_IN;
	return 0;
}

int option_resume(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	(void)e;
	*(const char **)((char *)c + o->offset) = value != NULL ? value : "";
	return 0;
}

int option_interval(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	const int rc = option_seconds(o, value, c, e);

	if (rc == 0 && c->checkpoint_interval < 0.01)
		return error_set(e, -EINVAL, "--%s %s: write 0.01 seconds or more", o->name, value);
	return rc;
}
