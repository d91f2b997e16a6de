/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/options/program.h"

/* Names and versions come from us and from libraries: nothing in them is to be escaped. */
void program_version(const struct program *p, const struct program_library *libraries, bool json, FILE *out)
{
	if (json)
		fprintf(out, "{\"version\":\"%s\",\"libraries\":{", ANYSCAN_VERSION);
	else
		fprintf(out, "%s %s\nlibraries: ", p->name, ANYSCAN_VERSION);
	for (const struct program_library *l = libraries; l->name != NULL; l++)
		fprintf(out, json ? "%s\"%s\":\"%s\"" : "%s%s %s",
			l == libraries ? "" :
			json	       ? "," :
					 ", ",
			l->name, l->version);
	fputs(json ? "}}\n" : "\n", out);
}
