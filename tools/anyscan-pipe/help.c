/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "tools/anyscan-pipe/options.h"

#define HELP_INDENT 34
#define HELP_WIDTH 100

/* Prints text from column `at` on, broken at blanks, every further line indented. */
static void print_wrapped(FILE *out, const char *text, int at)
{
	int column = at;

	while (*text != '\0') {
		const int word = (int)strcspn(text, " ");

		if (column > HELP_INDENT && column + 1 + word > HELP_WIDTH) {
			fprintf(out, "\n%*s", HELP_INDENT, "");
			column = HELP_INDENT;
		}
		column += fprintf(out, "%s%.*s", column > HELP_INDENT ? " " : "", word, text);
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

void options_help(FILE *out)
{
	fputs("anyscan-pipe: sends one probe to every (address, port) of a set and writes down who answered\n\n"
	      "  anyscan-pipe [option...] TARGET...\n\n"
	      "TARGET is an address, a CIDR prefix, a range a.b.c.d-e.f.g.h, a host name, or - for lines on\n"
	      "standard input. "
	      "Special-purpose space is left out, and so is what\n/etc/anyscan-pipe/blocklist.conf names.\n",
	      out);
	for (const struct option_spec *o = option_table; o->name != NULL; o++) {
		if (o->group != NULL)
			fprintf(out, "\n%s:\n", o->group);
		print_option(out, o);
	}
	fputs("\nExit: 0 done, 1 the command line is wrong, 2 a file, list or the resulting set of targets is wrong,\n"
	      "3 this host or network cannot, 4 stopped by a rule about losses, 5 interrupted, 6 results could not\n"
	      "be written.\n",
	      out);
}
