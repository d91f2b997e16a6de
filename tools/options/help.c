/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "tools/options/program.h"

#define HELP_INDENT 34
#define HELP_WIDTH 100

/* Prints text from column `indent` on, broken at blanks, every further line indented. */
static void print_wrapped(FILE *out, const char *text, int indent)
{
	int column = indent;

	while (*text != '\0') {
		const int word = (int)strcspn(text, " ");

		if (column > indent && column + 1 + word > HELP_WIDTH) {
			fprintf(out, "\n%*s", indent, "");
			column = indent;
		}
		column += fprintf(out, "%s%.*s", column > indent ? " " : "", word, text);
		text += word;
		text += strspn(text, " ");
	}
	fputc('\n', out);
}

static void print_option(FILE *out, const struct option_spec *o)
{
	const char *initial = o->initial != NULL ? o->initial : o->shown;
	char left[96], right[512];
	int n;

	if (o->letter != 0)
		n = snprintf(left, sizeof(left), "  -%c, --%s", o->letter, o->name);
	else
		n = snprintf(left, sizeof(left), "      --%s", o->name);
	if (o->metavar != NULL)
		snprintf(left + n, sizeof(left) - (size_t)n, o->optional ? "[=%s]" : " %s", o->metavar);
	snprintf(right, sizeof(right), initial != NULL ? "%s [%s]" : "%s", o->help, initial);

	n = fprintf(out, "%s", left);
	if (n >= HELP_INDENT)
		fprintf(out, "\n%*s", HELP_INDENT, "");
	else
		fprintf(out, "%*s", HELP_INDENT - n, "");
	print_wrapped(out, right, HELP_INDENT);
}

void program_help(const struct program *p, FILE *out)
{
	fprintf(out, "%s: %s\n\n  %s [option...] %s\n\n", p->name, p->summary, p->name, p->operands);
	print_wrapped(out, p->description, 0);
	for (const struct option_spec *o = p->options; o->name != NULL; o++) {
		if (o->group != NULL)
			fprintf(out, "\n%s:\n", o->group);
		print_option(out, o);
	}
	fputs("\nExit:\n", out);
	for (int code = 0; p->exits[code] != NULL; code++)
		if (*p->exits[code] != '\0')
			fprintf(out, "  %d  %s\n", code, p->exits[code]);
}
