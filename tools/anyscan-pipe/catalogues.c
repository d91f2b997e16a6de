/* SPDX-License-Identifier: Apache-2.0 */
/* --list-...: what there is to choose from, one a line. */
#include <stdio.h>

#include "tools/anyscan-pipe/scan.h"

void catalogue_fields(void)
{
	static const char *const types[] = {
		[FIELD_INT] = "int", [FIELD_BOOL] = "bool", [FIELD_STRING] = "string"
	};

	for (const struct field *f = record_fields; f->name != NULL; f++)
		printf("%-18s %-7s %s\n", f->name, types[f->type], f->help);
}

void catalogue_outputs(void)
{
	for (size_t i = 0; output_modules[i] != NULL; i++)
		printf("%-18s %s\n", output_modules[i]->name, output_modules[i]->help);
}

void catalogue_probes(void)
{
	for (size_t i = 0; probe_modules[i] != NULL; i++)
		printf("%-18s %s; --probe-args: %s\n", probe_modules[i]->name, probe_modules[i]->help,
		       probe_modules[i]->args_help);
}
