/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "io/af_packet/xps.h"

static char root[] = "/tmp/test_xps.XXXXXX";

static void make_root(void)
{
	cr_assert_not_null(mkdtemp(root));
}

static void remove_root(void)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	cr_assert_eq(system(command), 0);
}

static int with_mask(const char *mask, cpu_set_t *cpus)
{
	static const char *const below[] = { "class", "class/net", "class/net/eth9", "class/net/eth9/queues",
					     "class/net/eth9/queues/tx-12" };
	char path[256];
	FILE *file;

	for (size_t i = 0; i < sizeof(below) / sizeof(below[0]); i++) {
		snprintf(path, sizeof(path), "%s/%s", root, below[i]);
		mkdir(path, 0700);
	}
	snprintf(path, sizeof(path), "%s/class/net/eth9/queues/tx-12/xps_cpus", root);
	file = fopen(path, "w");
	cr_assert_not_null(file);
	fputs(mask, file);
	fclose(file);
	return xps_cpus_below(root, "eth9", 12, cpus);
}

TestSuite(xps, .init = make_root, .fini = remove_root);

Test(xps, masks)
{
	cpu_set_t cpus;

	cr_assert_eq(with_mask("5\n", &cpus), 0);
	cr_assert_eq(CPU_COUNT(&cpus), 2);
	cr_assert(CPU_ISSET(0, &cpus) && CPU_ISSET(2, &cpus));
	cr_assert_eq(with_mask("80000000,00000000,0000A000\n", &cpus), 0);
	cr_assert_eq(CPU_COUNT(&cpus), 3);
	cr_assert(CPU_ISSET(95, &cpus) && CPU_ISSET(15, &cpus) && CPU_ISSET(13, &cpus));
	cr_assert_eq(with_mask("00000000,00000000\n", &cpus), 0);
	cr_assert_eq(CPU_COUNT(&cpus), 0, "no mask: any CPU");
}

Test(xps, refusals)
{
	cpu_set_t cpus;

	cr_assert_eq(with_mask("0x5\n", &cpus), -EINVAL);
	cr_assert_eq(with_mask("\n", &cpus), -EINVAL);
	cr_assert_eq(with_mask("", &cpus), -EINVAL);
	cr_assert_eq(xps_cpus_below(root, "eth9", 13, &cpus), -ENOENT);
	cr_assert_eq(xps_cpus_below(root, "eth8", 12, &cpus), -ENOENT);
}
