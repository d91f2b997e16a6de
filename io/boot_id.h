/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel calls this start of the host: what a file says of devices holds no longer than that. */
#ifndef IO_BOOT_ID_H
#define IO_BOOT_ID_H

#include <stdio.h>
#include <string.h>

#define BOOT_ID_MAX 40

/* "": unknown. */
static inline void boot_id(char id[BOOT_ID_MAX])
{
	FILE *f = fopen("/proc/sys/kernel/random/boot_id", "re");

	id[0] = '\0';
	if (f == NULL)
		return;
	if (fgets(id, BOOT_ID_MAX, f) != NULL)
		id[strcspn(id, "\n")] = '\0';
	fclose(f);
}

#endif
