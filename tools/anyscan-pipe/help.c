/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "tools/anyscan-pipe/exit_code.h"
#include "tools/anyscan-pipe/options.h"

#define HELP_INDENT 34
#define HELP_WIDTH 100

const char summary_text[] = "sends one probe to every (address, port) of a set and writes down who answered";

const char targets_text[] =
	"TARGET is an address, a CIDR prefix, a range a.b.c.d-e.f.g.h, a host name, or - for lines on standard "
	"input. Special-purpose space is left out, and so is what /etc/anyscan-pipe/blocklist.conf names.";

const char *const exit_meanings[] = {
	[EXIT_DONE] = "done",
	[EXIT_COMMAND] = "the command line is wrong",
	[EXIT_INPUT] = "a file, a list or the resulting set of targets is wrong",
	[EXIT_HOST] = "this host or network cannot",
	[EXIT_STOPPED] = "stopped by a rule about losses",
	[EXIT_INTERRUPTED] = "interrupted",
	[EXIT_RESULTS] = "results could not be written",
	NULL,
};

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

void options_help(FILE *out)
{
	fprintf(out, "anyscan-pipe: %s\n\n  anyscan-pipe [option...] TARGET...\n\n", summary_text);
	print_wrapped(out, targets_text, 0);
	for (const struct option_spec *o = option_table; o->name != NULL; o++) {
		if (o->group != NULL)
			fprintf(out, "\n%s:\n", o->group);
		print_option(out, o);
	}
	fputs("\nExit:\n", out);
	for (int code = 0; exit_meanings[code] != NULL; code++)
		fprintf(out, "  %d  %s\n", code, exit_meanings[code]);
}
