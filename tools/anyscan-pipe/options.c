/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Drives getopt_long(3) from the tables. Names must be written in full, unlike getopt's own habit: an
 * abbreviation that is unique today means something else once an option is added, and a mistyped one would
 * start a scan.
 */
#include "tools/anyscan-pipe/options.h"

#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define FOREIGN_MAX 64
#define VALUE_OURS \
	256 /* getopt's val: VALUE_OURS + index in option_table, VALUE_FOREIGN + index in foreign_options */
#define VALUE_FOREIGN 1024

struct parser {
	struct config *config;
	struct error *error;
	struct option longs[OPTIONS_MAX + FOREIGN_MAX + 1];
	char shorts[2 + 3 * (OPTIONS_MAX + FOREIGN_MAX) + 1];
	const char *names[OPTIONS_MAX + FOREIGN_MAX + 1];
};

const struct option_spec *option_find(const char *name)
{
	for (const struct option_spec *o = option_table; o->name != NULL; o++)
		if (strcmp(o->name, name) == 0)
			return o;
	return NULL;
}

bool option_given(const struct config *c, const char *name)
{
	const struct option_spec *o = option_find(name);

	return o != NULL && c->given[o - option_table];
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
	for (int i = 0; option_table[i].name != NULL; i++) {
		const struct option_spec *o = &option_table[i];
		const int arg = o->metavar == NULL ? no_argument :
				o->optional	   ? optional_argument :
						     required_argument;

		add_long(p, &n, o->name, arg, VALUE_OURS + i);
		add_short(p, o->letter, o->metavar != NULL);
	}
	for (int i = 0; foreign_options[i].means != NULL; i++) {
		const struct foreign_option *f = &foreign_options[i];

		/* a refused one is answered with or without its value */
		add_long(p, &n, f->name, f->kind == FOREIGN_REFUSED ? optional_argument : f->takes_value,
			 VALUE_FOREIGN + i);
		add_short(p, f->letter, f->takes_value && f->kind != FOREIGN_REFUSED);
	}
}

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

	if (o->parse == NULL)
		return error_set(p->error, -EINVAL, "--%s is not in this version", o->name);
	rc = o->parse(o, value, p->config, p->error);
	if (rc == 0)
		p->config->given[o - option_table] = true;
	return rc;
}

static int add_target(struct parser *p, const char *text)
{
	static const struct option_spec targets = { .name = "target",
						    .offset = offsetof(struct config, targets) };

	return option_list(&targets, text, p->config, p->error);
}

static int set_foreign(struct parser *p, const struct foreign_option *f, const char *value)
{
	const size_t notes = sizeof(p->config->notes) / sizeof(p->config->notes[0]);
	char stage[32];

	switch (f->kind) {
	case FOREIGN_ALIAS:
		return set_option(p, option_find(f->means), value);
	case FOREIGN_STAGE:
		if (snprintf(stage, sizeof(stage), "%s=%s", f->means, value) >= (int)sizeof(stage))
			return error_set(p->error, -EINVAL, "\"%s\" is not a number of threads", value);
		return set_option(p, option_find("stages"), stage);
	case FOREIGN_TARGET:
		return add_target(p, value);
	case FOREIGN_IGNORED:
		if (p->config->nnotes < notes)
			p->config->notes[p->config->nnotes++] = f->means;
		return 0;
	default:
		return error_set(p->error, -EINVAL, "%s", f->means);
	}
}

static const struct foreign_option *foreign_element(const char *element)
{
	for (const struct foreign_option *f = foreign_options; f->means != NULL; f++)
		if (f->element != NULL && strcmp(f->element, element) == 0)
			return f;
	return NULL;
}

static const struct foreign_option *foreign_letter(int letter)
{
	for (const struct foreign_option *f = foreign_options; f->means != NULL; f++)
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
		return error_set(p->error, -EINVAL, "%s%s needs a value", name != NULL ? "--" : "-",
				 name != NULL ? name : letter);
	if (name != NULL)
		return error_set(p->error, -EINVAL, "--%s takes no value", name);
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
		return add_target(p, optarg);
	if (code >= VALUE_FOREIGN) {
		f = &foreign_options[code - VALUE_FOREIGN];
		return in_full(element, f->name) ? set_foreign(p, f, optarg) : unknown_long(p, element);
	}
	if (code >= VALUE_OURS) {
		const struct option_spec *o = &option_table[code - VALUE_OURS];

		return in_full(element, o->name) ? set_option(p, o, optarg) : unknown_long(p, element);
	}
	for (const struct option_spec *o = option_table; o->name != NULL; o++)
		if (o->letter == code)
			return set_option(p, o, optarg);
	f = foreign_letter(code);
	return f != NULL ? set_foreign(p, f, optarg) :
			   error_set(p->error, -EINVAL, "there is no option -%c", code);
}

static int set_defaults(struct config *c, struct error *e)
{
	memset(c, 0, sizeof(*c));
	c->max_targets = UINT64_MAX;
	c->max_results = UINT64_MAX;
	c->max_send_failures = UINT64_MAX;
	for (const struct option_spec *o = option_table; o->name != NULL; o++) {
		const int rc = o->initial != NULL ? o->parse(o, o->initial, c, e) : 0;

		if (rc != 0)
			return rc;
	}
	return 0;
}

int options_parse(int argc, char *const *argv, struct config *c, struct error *e)
{
	struct parser p = { .config = c, .error = e };
	int rc = set_defaults(c, e);

	build_tables(&p);
	optind = 0; /* GNU: start over, whatever was parsed before in this process */
	opterr = 0;
	while (rc == 0) {
		/* 0 before the first call: getopt then begins at argv[1] */
		const int at = optind > 0 ? optind : 1;
		const struct foreign_option *f = at < argc ? foreign_element(argv[at]) : NULL;
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
		rc = add_target(&p, argv[optind++]);
	if (rc != 0)
		options_free(c);
	return rc;
}

void options_free(struct config *c)
{
	struct text_list *const lists[] = { &c->targets,    &c->allowlists,    &c->blocklists,
					    &c->excludes,   &c->address_lists, &c->interfaces,
					    &c->source_ips, &c->gateway_macs,  &c->source_macs };

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		free(lists[i]->item);
		*lists[i] = (struct text_list){ .item = NULL };
	}
}
