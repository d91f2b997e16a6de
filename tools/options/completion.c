/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --completion: a function for bash, from the option table. Needs no bash-completion package. What an
 * option's value can be is known for files, interfaces, choices and what the program adds; for others
 * nothing is offered, rather than the names of files.
 */
#include <string.h>

#include "tools/options/program.h"

#define INTERFACES "$(command ls /sys/class/net)"

struct writer {
	FILE *out;
	const struct program *program;
	char prefix[64]; /* of shell functions */
};

static bool is_file(const struct option_spec *o)
{
	return strcmp(o->metavar, "FILE") == 0 || strcmp(o->metavar, "DIR") == 0;
}

static void value(const struct writer *w, const struct option_spec *o)
{
	if (o->letter != 0)
		fprintf(w->out, "\t-%c | --%s)", o->letter, o->name);
	else
		fprintf(w->out, "\t--%s)", o->name);
	if (is_file(o)) {
		fputs("\n\t\tcompopt -o filenames 2>/dev/null\n"
		      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$cur\")\n\t\t;;\n",
		      w->out);
		return;
	}
	if (strcmp(o->name, "interface") == 0 || strcmp(o->metavar, "IF") == 0) {
		fprintf(w->out, " %s_words \"" INTERFACES "\" ;;\n", w->prefix);
		return;
	}
	fprintf(w->out, " %s_words '", w->prefix);
	for (size_t i = 0; o->values != NULL && o->values[i] != NULL; i++)
		fprintf(w->out, " %s", o->values[i]);
	if (w->program->words != NULL)
		w->program->words(w->out, o);
	fputs("' ;;\n", w->out);
}

static void options_and_operands(const struct writer *w)
{
	const bool interfaces = strstr(w->program->operands, "IF") != NULL;

	fputs("\t*)\n\t\tif [[ $cur = -* ]]; then\n\t\t\tmapfile -t COMPREPLY < <(compgen -W '", w->out);
	for (const struct option_spec *o = w->program->options; o->name != NULL; o++)
		fprintf(w->out, " --%s", o->name);
	fputs("' -- \"$cur\")\n", w->out);
	if (interfaces) {
		fprintf(w->out, "\t\telse\n\t\t\t%s_words \"", w->prefix);
		if (w->program->words != NULL)
			w->program->words(w->out, NULL);
		fputs(" " INTERFACES "\"\n", w->out);
	}
	fputs("\t\tfi\n\t\t;;\n\tesac\n}\n\n", w->out);
}

void program_completion(const struct program *p, FILE *out)
{
	struct writer w = { .out = out, .program = p };

	snprintf(w.prefix, sizeof(w.prefix), "_%s", p->name);
	for (char *c = w.prefix; *c != '\0'; c++)
		if (*c == '-')
			*c = '_';
	fprintf(out, "# bash completion; printed by %s --completion\n# shellcheck shell=bash\n\n", p->name);
	fprintf(out, "# The last of a list with commas; what comes before it stays.\n%s_words()\n{\n",
		w.prefix);
	fputs("\tlocal last=${cur##*,}\n"
	      "\tmapfile -t COMPREPLY < <(compgen -P \"${cur%\"$last\"}\" -W \"$1\" -- \"$last\")\n"
	      "}\n\n",
	      out);
	fprintf(out, "%s()\n{\n", w.prefix);
	fputs("\tlocal cur=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}\n"
	      "\tCOMPREPLY=()\n"
	      "\t# bash splits --option=value into three words\n"
	      "\tif [[ $cur = \"=\" ]]; then\n"
	      "\t\tcur=\n"
	      "\telif [[ $option = \"=\" ]]; then\n"
	      "\t\toption=${COMP_WORDS[COMP_CWORD - 2]}\n"
	      "\tfi\n"
	      "\tcase $option in\n",
	      out);
	for (const struct option_spec *o = p->options; o->name != NULL; o++)
		if (o->metavar != NULL && !o->optional)
			value(&w, o);
	options_and_operands(&w);
	fprintf(out, "complete -F %s %s\n", w.prefix, p->name);
}
