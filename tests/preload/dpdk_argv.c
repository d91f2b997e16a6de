/* SPDX-License-Identifier: Apache-2.0 */
/* What rte_eal_init() gets, a word a line, to the file ARGV; it is called all the same. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

int rte_eal_init(int argc, char **argv)
{
	int (*next)(int, char **) = (int (*)(int, char **))dlsym(RTLD_NEXT, "rte_eal_init");
	FILE *f = fopen(getenv("ARGV"), "w");

	for (int i = 0; i < argc; i++)
		fprintf(f, "%s\n", argv[i]);
	fclose(f);
	return next(argc, argv);
}
