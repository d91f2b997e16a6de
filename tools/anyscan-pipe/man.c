/* SPDX-License-Identifier: Apache-2.0 */
/* --man: the manual page, from the option table and the field table, so that it cannot fall behind them. */
#include <stdio.h>
#include <string.h>

#include "tools/anyscan-pipe/options.h"
#include "tools/anyscan-pipe/scan.h"

#ifndef ANYSCAN_VERSION
#define ANYSCAN_VERSION "unknown"
#endif

/*
 * Text as roff: what it would read as an escape, a hyphen or a typographic quote is spelled out. Never used at the
 * beginning of a line unless the text begins with a letter, so no full stop becomes a request.
 */
static void roff(FILE *out, const char *text)
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

static void set(FILE *out, const char *font, const char *text)
{
	fprintf(out, "\\f%s", font);
	roff(out, text);
	fputs("\\fR", out);
}

static void section(FILE *out, const char *title)
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
		set(out, "B", name);
		fputs(", ", out);
	}
	snprintf(name, sizeof(name), "--%s", o->name);
	set(out, "B", name);
	if (o->metavar != NULL) {
		fputs(o->optional ? "[=" : " ", out);
		set(out, "I", o->metavar);
		fputs(o->optional ? "]" : "", out);
	}
	fputc('\n', out);
	roff(out, o->help);
	if (initial != NULL) {
		fputs(".\nDefault: ", out);
		roff(out, initial);
	}
	fputs(".\n", out);
}

static void options(FILE *out)
{
	section(out, "OPTIONS");
	fputs("Names are written in full. Numbers may carry k, M, G or T.\n", out);
	for (const struct option_spec *o = option_table; o->name != NULL; o++) {
		if (o->group != NULL) {
			fputs(".SS ", out);
			roff(out, o->group);
			fputc('\n', out);
		}
		option(out, o);
	}
}

static void fields(FILE *out)
{
	section(out, "OUTPUT FIELDS");
	fputs("For \\fB\\-\\-output\\-fields\\fR and \\fB\\-\\-output\\-filter\\fR.\n", out);
	for (const struct field *f = record_fields; f->name != NULL; f++) {
		fputs(".TP\n", out);
		set(out, "B", f->name);
		fputc('\n', out);
		roff(out, f->help);
		fputs(f->nullable ? " (may have no value).\n" : ".\n", out);
	}
}

static void exits(FILE *out)
{
	section(out, "EXIT STATUS");
	for (int code = 0; exit_meanings[code] != NULL; code++)
		fprintf(out, ".TP\n\\fB%d\\fR\n%s.\n", code, exit_meanings[code]);
}

static void the_rest(FILE *out)
{
	fputs(".SH SIGNALS\n"
	      ".TP\n\\fBSIGINT\\fR, \\fBSIGTERM\\fR\n"
	      "Stop sending, await replies, write everything, exit 5. A second one does not await replies.\n"
	      ".TP\n\\fBSIGUSR1\\fR, \\fBSIGUSR2\\fR\n"
	      "Rate up, rate down by 5 percent.\n"
	      ".SH FILES\n"
	      ".TP\n\\fI/etc/anyscan\\-pipe/blocklist.conf\\fR, \\fI/etc/anyscan\\-pipe/allowlist.conf\\fR\n"
	      "What the owner of the host never lets be scanned, and all that may be. No option widens it.\n"
	      ".SH PRIVILEGES\n"
	      "Sending needs CAP_NET_RAW; dry runs, plans and the engines sim, null and pcap need nothing:\n"
	      ".PP\n.nf\n.RS\n"
	      "setcap cap_net_raw+ep $(command \\-v anyscan\\-pipe)\n"
	      ".RE\n.fi\n"
	      ".SH EXAMPLES\n"
	      ".nf\n.RS\n"
	      "anyscan\\-pipe 192.0.2.0/24 \\-p 80,443 \\-o results \\-m metadata.json\n"
	      "anyscan\\-pipe \\-w targets.txt \\-b exclude.txt \\-p 443 \\-r 50k \\-O json \\-f \\(aq*\\(aq\n"
	      "anyscan\\-pipe \\-w targets.txt \\-p 443 \\-e 7 \\-\\-shards 4 \\-\\-shard 2\n"
	      ".RE\n.fi\n",
	      out);
}

void options_man(FILE *out)
{
	/* no date: the same sources make the same page */
	fputs(".\\\" printed by anyscan-pipe --man\n"
	      ".TH ANYSCAN\\-PIPE 1 \"\" \"anyscan\\-pipe " ANYSCAN_VERSION "\" \"User Commands\"\n"
	      ".nh\n.ad l\n",
	      out);
	section(out, "NAME");
	fprintf(out, "anyscan\\-pipe \\- %s\n", summary_text);
	section(out, "SYNOPSIS");
	fputs("\\fBanyscan\\-pipe\\fR [\\fIoption\\fR...] \\fITARGET\\fR...\n", out);
	section(out, "DESCRIPTION");
	roff(out, targets_text);
	fputs("\nResults alone go to standard output; everything else goes to standard error.\n", out);
	options(out);
	fields(out);
	exits(out);
	the_rest(out);
}
