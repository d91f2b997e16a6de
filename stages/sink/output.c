/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/sink/output.h"

#include <string.h>

const struct output_module *const output_modules[] = { &output_list, &output_csv, &output_json,
						       &output_endpoint, NULL };

const struct output_module *output_find(const char *name)
{
	for (size_t i = 0; output_modules[i] != NULL; i++)
		if (strcmp(output_modules[i]->name, name) == 0)
			return output_modules[i];
	return NULL;
}
