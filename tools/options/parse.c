/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives getopt_long(3) from the tables. Names must be written in full, unlike getopt's own habit: an
 * abbreviation that is unique today means something else once an option is added, and a mistyped one would
 * start a scan.
 */
#include "tools/options/option.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define VALUE_OURS \
	256 /* getopt's val: VALUE_OURS + index in the table of options, VALUE_FOREIGN + index in the other */
#define VALUE_FOREIGN 1024

struct parser {
	const struct command_line *line;
	const struct option_spec *options;
	const struct foreign_option *foreign;
	bool *given;
	struct config *config;
	struct error *error;
	struct option longs[OPTIONS_MAX + FOREIGN_MAX + 1];
	char shorts[2 + 3 * (OPTIONS_MAX + FOREIGN_MAX) + 1];
	const char *names[OPTIONS_MAX + FOREIGN_MAX + 1];
};

static const struct foreign_option no_foreign[] = { { .kind = FOREIGN_REFUSED, .means = NULL } };

const struct option_spec *option_named(const struct option_spec *table, const char *name)
{
	for (const struct option_spec *o = table; o->name != NULL; o++)
		if (strcmp(o->name, name) == 0)
			return o;
	return NULL;
}

static void add_short(struct parser *p, char letter, bool value)
{
	size_t n = strlen(p->shorts);

	if (letter == 0)
		return;
	p->shorts[n++] = letter;
	if (value)
		p->shorts[n++] = ':';
}

static void add_long(struct parser *p, size_t *n, const char *name, int has_arg, int value)
{
	if (name == NULL)
		return;
	p->longs[*n] = (struct option){ .name = name, .has_arg = has_arg, .val = value };
	p->names[(*n)++] = name;
}

/* '-': operands come in their place, as value 1, so that argv[optind] is always the element being read. */
static void build_tables(struct parser *p)
{
	size_t n = 0;

	strcpy(p->shorts, "-:");
	for (int i = 0; p->options[i].name != NULL; i++) {
		const struct option_spec *o = &p->options[i];
		const int arg = o->metavar == NULL ? no_argument :
				o->optional	   ? optional_argument :
						     required_argument;

		add_long(p, &n, o->name, arg, VALUE_OURS + i);
		add_short(p, o->letter, o->metavar != NULL);
	}
	for (int i = 0; p->foreign[i].means != NULL; i++) {
		const struct foreign_option *f = &p->foreign[i];

		/* a refused one is answered with or without its value */
		add_long(p, &n, f->name, f->kind == FOREIGN_REFUSED ? optional_argument : f->takes_value,
			 VALUE_FOREIGN + i);
		add_short(p, f->letter, f->takes_value && f->kind != FOREIGN_REFUSED);
	}
}

static int unknown_long(struct parser *p, const char *element)
{
	const size_t len = strcspn(element + 2, "=");
	char name[64];
	const char *near;

	snprintf(name, sizeof(name), "%.*s", (int)len, element + 2);
	near = nearest_name(name, p->names);
	if (near != NULL)
		return error_set(p->error, -EINVAL, "there is no option --%s; did you mean --%s?", name,
				 near);
	return error_set(p->error, -EINVAL, "there is no option --%s; --help lists all", name);
}

static int set_option(struct parser *p, const struct option_spec *o, const char *value)
{
	int rc;

	rc = o->parse(o, value, p->config, p->error);
	if (rc != 0)
		return rc;
	p->given[o - p->options] = true;
	if (p->line->typed != NULL && p->line->typed(o->name, value, p->config) < 0)
		return error_set(p->error, -ENOMEM, "out of memory");
	return 0;
}

static int add_operand(struct parser *p, const char *text)
{
	if (p->line->operand == NULL)
		return error_set(p->error, -EINVAL,
				 "\"%s\" is no option, and nothing else is taken; --help lists all", text);
	return p->line->operand(text, p->config, p->error);
}

static int set_foreign(struct parser *p, const struct foreign_option *f, const char *value)
{
	if (f->kind == FOREIGN_ALIAS)
		return set_option(p, option_named(p->options, f->means), value);
	if (f->kind == FOREIGN_REFUSED)
		return error_set(p->error, -EINVAL, "%s", f->means);
	return p->line->take_foreign(f, value, p->config, p->given, p->error);
}

static const struct foreign_option *foreign_element(const struct parser *p, const char *element)
{
	for (const struct foreign_option *f = p->foreign; f->means != NULL; f++)
		if (f->element != NULL && strcmp(f->element, element) == 0)
			return f;
	return NULL;
}

static const struct foreign_option *foreign_letter(const struct parser *p, int letter)
{
	for (const struct foreign_option *f = p->foreign; f->means != NULL; f++)
		if (f->letter != 0 && f->letter == letter)
			return f;
	return NULL;
}

/* getopt's ':' and '?'. */
static int misused(struct parser *p, int code, const char *element)
{
	const char *name = NULL;
	char letter[2] = { (char)optopt, '\0' };

	for (const struct option *o = p->longs; o->name != NULL; o++)
		if (o->val == optopt)
			name = o->name;
	if (code == ':')
		return error_set(p->error, -EINVAL, "%s%s needs a value; --help says which",
				 name != NULL ? "--" : "-", name != NULL ? name : letter);
	if (name != NULL)
		return error_set(p->error, -EINVAL, "--%s takes no value; write --%s", name, name);
	if (strncmp(element, "--", 2) == 0)
		return unknown_long(p, element);
	return error_set(p->error, -EINVAL, "there is no option -%s; --help lists all", letter);
}

static bool in_full(const char *element, const char *name)
{
	return strncmp(element, "--", 2) == 0 && strncmp(element + 2, name, strlen(name)) == 0 &&
	       (element[2 + strlen(name)] == '\0' || element[2 + strlen(name)] == '=');
}

static int take_option(struct parser *p, int code, const char *element)
{
	const struct foreign_option *f;

	if (code == ':' || code == '?')
		return misused(p, code, element);
	if (code == 1)
		return add_operand(p, optarg);
	if (code >= VALUE_FOREIGN) {
		f = &p->foreign[code - VALUE_FOREIGN];
		return in_full(element, f->name) ? set_foreign(p, f, optarg) : unknown_long(p, element);
	}
	if (code >= VALUE_OURS) {
		const struct option_spec *o = &p->options[code - VALUE_OURS];

		return in_full(element, o->name) ? set_option(p, o, optarg) : unknown_long(p, element);
	}
	for (const struct option_spec *o = p->options; o->name != NULL; o++)
		if (o->letter == code)
			return set_option(p, o, optarg);
	f = foreign_letter(p, code);
	return f != NULL ? set_foreign(p, f, optarg) :
			   error_set(p->error, -EINVAL, "there is no option -%c; --help lists all", code);
}

static int set_initial(struct parser *p)
{
	for (const struct option_spec *o = p->options; o->name != NULL; o++) {
		const int rc = o->initial != NULL ? o->parse(o, o->initial, p->config, p->error) : 0;

		if (rc != 0)
			return rc;
	}
	return 0;
}

static struct parser parser_of(const struct command_line *line, struct config *c, bool *given,
			       struct error *e)
{
	return (struct parser){
		.line = line,
		.options = line->options,
		.foreign = line->foreign != NULL ? line->foreign : no_foreign,
		.config = c,
		.given = given,
		.error = e,
	};
}

int command_line_set(const struct command_line *line, const char *name, const char *value, struct config *c,
		     bool *given, struct error *e)
{
	struct parser p = parser_of(line, c, given, e);

	return set_option(&p, option_named(line->options, name), value);
}

int command_line_parse(const struct command_line *line, int argc, char *const *argv, struct config *c,
		       bool *given, struct error *e)
{
	struct parser p = parser_of(line, c, given, e);
	int rc = set_initial(&p);

	build_tables(&p);
	optind = 0; /* GNU: start over, whatever was parsed before in this process */
	opterr = 0;
	while (rc == 0) {
		/* 0 before the first call: getopt then begins at argv[1] */
		const int at = optind > 0 ? optind : 1;
		const struct foreign_option *f = at < argc ? foreign_element(&p, argv[at]) : NULL;
		int code;

		if (f != NULL) {
			rc = set_foreign(&p, f, NULL);
			break;
		}
		code = getopt_long(argc, argv, p.shorts, p.longs, NULL);
		if (code == -1)
			break;
		rc = take_option(&p, code, argv[at]);
	}
	while (rc == 0 && optind < argc) /* after "--" */
		rc = add_operand(&p, argv[optind++]);
	return rc;
}
