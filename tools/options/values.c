/* SPDX-License-Identifier: Apache-2.0 */
/* Parsers of the types that several options share. A value that is not wholly understood is refused. */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "tools/options/option.h"

static void *destination(const struct option_spec *o, struct config *c)
{
	return (char *)c + o->offset;
}

int option_flag(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	(void)value, (void)e;
	*(bool *)destination(o, c) = true;
	return 0;
}

/* --help and its like win over work, whatever the order; of two others the first stays. */
int option_task(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	int *task = destination(o, c);

	(void)value, (void)e;
	if (*task == 0 || o->task >= TASK_PRINTS)
		*task = o->task;
	return 0;
}

static int empty(const struct option_spec *o, struct error *e)
{
	return error_set(e, -EINVAL, "--%s: the value is empty; write --%s %s, or leave it out", o->name,
			 o->name, o->metavar);
}

int option_text(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	if (*value == '\0')
		return empty(o, e);
	*(const char **)destination(o, c) = value;
	return 0;
}

int option_list(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	struct text_list *list = destination(o, c);
	const char **grown;

	if (*value == '\0')
		return empty(o, e);
	grown = realloc(list->item, (list->count + 1) * sizeof(*grown));
	if (grown == NULL)
		return error_set(e, -ENOMEM, "out of memory");
	list->item = grown;
	list->item[list->count++] = value;
	return 0;
}

int option_choice(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	char known[128] = "";

	for (int i = 0; o->values[i] != NULL; i++) {
		if (strcmp(o->values[i], value) == 0) {
			*(int *)destination(o, c) = i;
			return 0;
		}
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s", i > 0 ? ", " : "",
			 o->values[i]);
	}
	return error_set(e, -EINVAL, "--%s: there is no \"%s\"; write one of %s", o->name, value, known);
}

/* strtod without its other languages: no hex, no inf, no nan, no sign, no blanks. */
static bool parse_plain(const char *text, double *value, const char **end)
{
	char *stop;

	if (!isdigit((unsigned char)*text) && !(*text == '.' && isdigit((unsigned char)text[1])))
		return false;
	if (text[0] == '0' && (text[1] == 'x' || text[1] == 'X'))
		return false;
	errno = 0;
	*value = strtod(text, &stop);
	*end = stop;
	return errno == 0 && isfinite(*value);
}

static bool parse_scaled(const char *text, double base, double *value)
{
	static const char suffixes[] = "KMGT";
	const char *end, *suffix;

	if (!parse_plain(text, value, &end))
		return false;
	if (*end == '\0')
		return true;
	suffix = strchr(suffixes, toupper((unsigned char)*end));
	if (suffix == NULL || end[1] != '\0')
		return false;
	*value *= pow(base, (double)(suffix - suffixes + 1));
	return isfinite(*value);
}

int number_parse(const char *option, const char *text, double *out, struct error *e)
{
	if (parse_scaled(text, 1000, out))
		return 0;
	return error_set(e, -EINVAL, "--%s: \"%s\" is not a number; write 10000, 10k, 2.5M or 0.2", option,
			 text);
}

static int check_bounds(const struct option_spec *o, const char *text, uint64_t value, struct error *e)
{
	if (value < o->least)
		return error_set(e, -ERANGE, "--%s: %s is too small; the least is %llu", o->name, text,
				 (unsigned long long)o->least);
	if (o->most != 0 && value > o->most)
		return error_set(e, -ERANGE, "--%s: %s is too large; the most is %llu", o->name, text,
				 (unsigned long long)o->most);
	return 0;
}

/* All 64 bits of a plain number; with a suffix, as 10k or 1.5M, what is a whole number. */
int option_count(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	uint64_t number;
	double scaled;
	char *end;

	errno = 0;
	number = strtoull(value, &end, 10);
	if (!isdigit((unsigned char)*value) || *end != '\0') {
		if (!parse_scaled(value, 1000, &scaled) || scaled != floor(scaled) || scaled >= 0x1p64)
			return error_set(e, -EINVAL,
					 "--%s: \"%s\" is not a whole number; write digits, or 10k", o->name,
					 value);
		number = (uint64_t)scaled;
	} else if (errno != 0) {
		return error_set(e, -ERANGE,
				 "--%s: %s does not fit into 64 bits; the most is 18446744073709551615",
				 o->name, value);
	}
	*(uint64_t *)destination(o, c) = number;
	return check_bounds(o, value, number, e);
}

int option_bytes(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	double bytes;

	if (!parse_scaled(value, 1024, &bytes) || bytes >= 0x1p63)
		return error_set(e, -EINVAL, "--%s: \"%s\" is not a size; write 256M or 1G", o->name, value);
	*(uint64_t *)destination(o, c) = (uint64_t)bytes;
	return check_bounds(o, value, (uint64_t)bytes, e);
}

/* "0.5" and "0.5%" are the same: the status line prints percent, too. */
int option_percent(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	double *percent = destination(o, c);
	const char *end;

	if (!parse_plain(value, percent, &end) || (*end != '\0' && strcmp(end, "%") != 0))
		return error_set(e, -EINVAL, "--%s: \"%s\" is not a percentage; write 0.5 or 0.5%%", o->name,
				 value);
	if (*percent > 100)
		return error_set(e, -ERANGE, "--%s: %s is more than all; write 100 or less", o->name, value);
	return 0;
}

int option_seconds(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	double *seconds = destination(o, c);
	const char *end;

	if (!parse_plain(value, seconds, &end) || (*end != '\0' && strcmp(end, "s") != 0))
		return error_set(e, -EINVAL, "--%s: \"%s\" is not a time; write seconds, as 8 or 0.5",
				 o->name, value);
	if (*seconds > 1e9)
		return error_set(e, -ERANGE, "--%s: %s is more than 30 years; write 1e9 or less", o->name,
				 value);
	return 0;
}
