/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --completion: a function for bash, from the tables. Needs no bash-completion package. What an option's value can be
 * is known for files, interfaces, choices and names of modules, engines and fields; for others nothing is offered,
 * rather than the names of files.
 */
#include <stdio.h>
#include <string.h>

#include "tools/anyscan-pipe/options.h"
#include "tools/anyscan-pipe/scan.h"

static void begin(FILE *out, const struct option_spec *o)
{
	if (o->letter != 0)
		fprintf(out, "\t-%c | --%s)", o->letter, o->name);
	else
		fprintf(out, "\t--%s)", o->name);
}

static void word(FILE *out, const char *text)
{
	fprintf(out, " %s", text);
}

static void list_words(FILE *out, const struct option_spec *o)
{
	for (size_t i = 0; o->values != NULL && o->values[i] != NULL; i++)
		word(out, o->values[i]);
	if (strcmp(o->name, "io-engine") == 0)
		for (size_t i = 0; io_engines[i] != NULL; i++)
			word(out, io_engines[i]->name);
	if (strcmp(o->name, "probe-module") == 0)
		for (size_t i = 0; probe_modules[i] != NULL; i++)
			word(out, probe_modules[i]->name);
	if (strcmp(o->name, "output-module") == 0)
		for (size_t i = 0; output_modules[i] != NULL; i++)
			word(out, output_modules[i]->name);
	if (strcmp(o->name, "output-fields") == 0)
		for (const struct field *f = record_fields; f->name != NULL; f++)
			word(out, f->name);
}

static void value(FILE *out, const struct option_spec *o)
{
	begin(out, o);
	if (strcmp(o->metavar, "FILE") == 0) {
		fputs("\n\t\tcompopt -o filenames 2>/dev/null\n"
		      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n\t\t;;\n",
		      out);
		return;
	}
	if (strcmp(o->name, "interface") == 0) {
		fputs(" _anyscan_pipe_words \"$(command ls /sys/class/net)\" ;;\n", out);
		return;
	}
	fputs(" _anyscan_pipe_words '", out);
	list_words(out, o);
	fputs("' ;;\n", out);
}

void options_completion(FILE *out)
{
	fputs("# bash completion; printed by anyscan-pipe --completion\n"
	      "# shellcheck shell=bash\n\n"
	      "# The last of a list with commas; what comes before it stays.\n"
	      "_anyscan_pipe_words()\n{\n"
	      "\tlocal last=${cur##*,}\n"
	      "\tmapfile -t COMPREPLY < <(compgen -P \"${cur%\"$last\"}\" -W \"$1\" -- \"$last\")\n"
	      "}\n\n"
	      "_anyscan_pipe()\n{\n"
	      "\tlocal cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}\n"
	      "\tCOMPREPLY=()\n"
	      "\t# bash splits --option=value into three words\n"
	      "\tif [[ $cur = \"=\" ]]; then\n"
	      "\t\tcur=\n"
	      "\telif [[ $option = \"=\" ]]; then\n"
	      "\t\toption=${COMP_WORDS[COMP_CWORD - 2]}\n"
	      "\tfi\n"
	      "\tcase $option in\n",
	      out);
	for (const struct option_spec *o = option_table; o->name != NULL; o++)
		if (o->parse != NULL && o->metavar != NULL && !o->optional)
			value(out, o);
	fputs("\t*)\n\t\t[[ $cur != -* ]] || mapfile -t COMPREPLY < <(compgen -W '", out);
	for (const struct option_spec *o = option_table; o->name != NULL; o++)
		if (o->parse != NULL)
			fprintf(out, " --%s", o->name);
	fputs("' -- \"$cur\")\n\t\t;;\n\tesac\n}\n\n"
	      "complete -F _anyscan_pipe anyscan-pipe\n",
	      out);
}
