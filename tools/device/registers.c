/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/device/registers.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>

/* Where it begins, or 0. The file has a line of start, end and flags for each. */
static unsigned long long start_of(const char *root, const char *pci, int bar)
{
	unsigned long long start = 0;
	char path[PATH_MAX], line[256];
	FILE *f;

	snprintf(path, sizeof(path), "%s/sys/bus/pci/devices/%s/resource", root, pci);
	f = fopen(path, "re");
	if (f == NULL)
		return 0;
	for (int i = 0; i <= bar && fgets(line, sizeof(line), f) != NULL; i++)
		if (i == bar && sscanf(line, "%llx", &start) != 1)
			start = 0;
	fclose(f);
	return start;
}

bool registers_mapped(const char *root, const char *pci, int bar, char *type, size_t size)
{
	const unsigned long long start = start_of(root, pci, bar);
	unsigned long long from, to;
	char path[PATH_MAX], line[256], kind[64];
	bool found = false;
	FILE *f;

	snprintf(path, sizeof(path), "%s/sys/kernel/debug/x86/pat_memtype_list", root);
	f = start != 0 ? fopen(path, "re") : NULL;
	if (f == NULL)
		return false;
	while (!found && fgets(line, sizeof(line), f) != NULL)
		found = sscanf(line, "PAT: [mem 0x%llx-0x%llx] %63s", &from, &to, kind) == 3 &&
			from <= start && start < to;
	fclose(f);
	if (found)
		snprintf(type, size, "%s", kind);
	return found;
}
