/* SPDX-License-Identifier: Apache-2.0 */
/* --man: the manual page, from the option table, so that it cannot fall behind it. */
#include <ctype.h>
#include <string.h>

#include "tools/options/program.h"

/*
 * Text as roff: what it would read as an escape, a hyphen or a typographic quote is spelled out. Never used
 * at the beginning of a line unless the text begins with a letter, so no full stop becomes a request.
 */
void roff_text(FILE *out, const char *text)
{
	static const struct {
		char c;
		const char *roff;
	} special[] = { { '\\', "\\e" },  { '-', "\\-" },   { '\'', "\\(aq" },
			{ '^', "\\(ha" }, { '~', "\\(ti" }, { '`', "\\(ga" } };

	for (; *text != '\0'; text++) {
		const char *spelled = NULL;

		for (size_t i = 0; i < sizeof(special) / sizeof(special[0]); i++)
			if (special[i].c == *text)
				spelled = special[i].roff;
		if (spelled != NULL)
			fputs(spelled, out);
		else
			fputc(*text, out);
		if (*text == ',' && text[1] != ' ') /* a line may be broken here */
			fputs("\\:", out);
	}
}

void roff_font(FILE *out, char font, const char *text)
{
	fprintf(out, "\\f%c", font);
	roff_text(out, text);
	fputs("\\fR", out);
}

void roff_section(FILE *out, const char *title)
{
	fprintf(out, ".SH %s\n", title);
}

static void option(FILE *out, const struct option_spec *o)
{
	const char *initial = o->initial != NULL ? o->initial : o->shown;
	char name[64] = "-?";

	fputs(".TP\n", out);
	if (o->letter != 0) {
		name[1] = o->letter;
		roff_font(out, 'B', name);
		fputs(", ", out);
	}
	snprintf(name, sizeof(name), "--%s", o->name);
	roff_font(out, 'B', name);
	if (o->metavar != NULL) {
		fputs(o->optional ? "[=" : " ", out);
		roff_font(out, 'I', o->metavar);
		fputs(o->optional ? "]" : "", out);
	}
	fputc('\n', out);
	roff_text(out, o->help);
	if (initial != NULL) {
		fputs(".\nDefault: ", out);
		roff_text(out, initial);
	}
	fputs(".\n", out);
}

static void options(const struct program *p, FILE *out)
{
	roff_section(out, "OPTIONS");
	fprintf(out, "Names are written in full.%s%s\n", p->numbers != NULL ? " " : "",
		p->numbers != NULL ? p->numbers : "");
	for (const struct option_spec *o = p->options; o->name != NULL; o++) {
		if (o->group != NULL) {
			fputs(".SS ", out);
			roff_text(out, o->group);
			fputc('\n', out);
		}
		option(out, o);
	}
}

static void exits(const struct program *p, FILE *out)
{
	roff_section(out, "EXIT STATUS");
	for (int code = 0; p->exits[code] != NULL; code++)
		if (*p->exits[code] != '\0')
			fprintf(out, ".TP\n\\fB%d\\fR\n%s.\n", code, p->exits[code]);
}

static void title(const struct program *p, FILE *out)
{
	fprintf(out, ".\\\" printed by %s --man\n.TH ", p->name);
	for (const char *c = p->name; *c != '\0'; c++)
		fprintf(out, *c == '-' ? "\\-" : "%c", toupper((unsigned char)*c));
	fputs(" 1 \"\" \"", out); /* no date: the same sources make the same page */
	roff_text(out, p->name);
	fputs(" " ANYSCAN_VERSION "\" \"User Commands\"\n.nh\n.ad l\n", out);
}

void program_man(const struct program *p, FILE *out)
{
	title(p, out);
	roff_section(out, "NAME");
	roff_text(out, p->name);
	fputs(" \\- ", out);
	roff_text(out, p->summary);
	fputc('\n', out);
	roff_section(out, "SYNOPSIS");
	roff_font(out, 'B', p->name);
	fputs(" [\\fIoption\\fR...] ", out);
	roff_font(out, 'I', p->operands);
	fputc('\n', out);
	roff_section(out, "DESCRIPTION");
	roff_text(out, p->description);
	fputc('\n', out);
	options(p, out);
	if (p->man_fields != NULL)
		p->man_fields(out);
	exits(p, out);
	if (p->man_rest != NULL)
		p->man_rest(out);
}
