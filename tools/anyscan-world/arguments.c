/* SPDX-License-Identifier: Apache-2.0 */
#include "arguments.h"

#include <errno.h>
#include <string.h>

static const struct argument *find(const struct argument *table, const char *word)
{
	for (const struct argument *a = table; a->name != NULL; a++)
		if (strncmp(word, "--", 2) == 0 && strcmp(word + 2, a->name) == 0)
			return a;
	return NULL;
}

int arguments_parse(int argc, char **argv, const struct argument *table, const char **file, struct error *e)
{
	for (int i = 1; i < argc; i++) {
		const struct argument *a = find(table, argv[i]);

		if (a == NULL && argv[i][0] != '-' && file != NULL && *file == NULL)
			*file = argv[i];
		else if (a == NULL)
			return error_set(e, -EINVAL, "%s: \"%s\" is not an option; see anyscan-world --help",
					 argv[0], argv[i]);
		else if (++i == argc)
			return error_set(e, -EINVAL, "%s: --%s needs a value", argv[0], a->name);
		else
			*a->value = argv[i];
	}
	for (const struct argument *a = table; a->name != NULL; a++)
		if (a->required && *a->value == NULL)
			return error_set(e, -EINVAL, "%s needs --%s; see anyscan-world --help", argv[0],
					 a->name);
	if (file != NULL && *file == NULL)
		return error_set(e, -EINVAL, "%s needs a FILE; see anyscan-world --help", argv[0]);
	return 0;
}
