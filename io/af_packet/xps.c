/* SPDX-License-Identifier: Apache-2.0 */
#include "io/af_packet/xps.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#define MASK_MAX 4096 /* characters: 9 for every 32 CPUs */

static int hex_digit(char c)
{
	const char *digits = "0123456789abcdef";
	const char *at = c != '\0' ? strchr(digits, c | 0x20) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* "00000000,0000000f": groups of 32 bits, the highest first. Read from its end, every digit is four CPUs. */
static int parse_mask(const char *text, cpu_set_t *cpus)
{
	size_t len = strcspn(text, "\n");
	int cpu = 0;

	if (len == 0)
		return -EINVAL;
	while (len-- > 0) {
		int digit = hex_digit(text[len]);
		if (text[len] == ',')
			continue;
		if (digit < 0)
			return -EINVAL;
		for (int bit = 0; bit < 4; bit++, cpu++)
			if (digit >> bit & 1 && cpu < CPU_SETSIZE)
				CPU_SET(cpu, cpus);
	}
	return 0;
}

int xps_cpus_below(const char *root, const char *ifname, unsigned int queue, cpu_set_t *cpus)
{
	char path[PATH_MAX], mask[MASK_MAX];
	FILE *file;
	int rc;

	CPU_ZERO(cpus);
	rc = snprintf(path, sizeof(path), "%s/class/net/%s/queues/tx-%u/xps_cpus", root, ifname, queue);
	if (rc < 0 || (size_t)rc >= sizeof(path))
		return -ENAMETOOLONG;
	file = fopen(path, "re");
	if (file == NULL)
		return -errno;
	if (fgets(mask, sizeof(mask), file) != NULL)
		rc = parse_mask(mask, cpus);
	else
		rc = ferror(file) ? -errno : -EINVAL;
	fclose(file);
	return rc;
}

int xps_cpus_of_queue(const char *ifname, unsigned int queue, cpu_set_t *cpus)
{
	return xps_cpus_below("/sys", ifname, queue, cpus);
}
