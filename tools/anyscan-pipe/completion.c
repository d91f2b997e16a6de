/* SPDX-License-Identifier: Apache-2.0 */
/* What the values of options can be, beside choices: names of modules, engines and fields. */
#include <stdio.h>
#include <string.h>

#include "tools/anyscan-pipe/options.h"
#include "tools/anyscan-pipe/scan.h"

static void word(FILE *out, const char *text)
{
	fprintf(out, " %s", text);
}

void completion_words(FILE *out, const struct option_spec *o)
{
	if (o == NULL)
		return;
	if (strcmp(o->name, "io-engine") == 0) {
		word(out, "auto");
		for (size_t i = 0; io_engines[i] != NULL; i++)
			word(out, io_engines[i]->name);
	}
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
