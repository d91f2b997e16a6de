/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The argv of the EAL: what the user wrote, word by word as typed, after what it lacks. Needs no DPDK.
 */
#ifndef DPDK_EAL_ARGS_H
#define DPDK_EAL_ARGS_H

#include <stdbool.h>

#include "anyscan/error.h"

#define DPDK_HUGE_MB 512 /* what some 16 queues take; with less, ordinary pages are safer */

struct dpdk_host { /* what the additions depend on */
	int cpu; /* of housekeeping: the first that we may run on */
	int pid;
	bool hugepages; /* DPDK_HUGE_MB of them are free */
};

struct dpdk_argv {
	int argc;
	char **argv; /* NULL-terminated; the strings lie in one block behind it */
	char remark[256]; /* for people: what was done and costs something, or "" */
	bool files; /* the EAL makes some, which rte_eal_cleanup() removes */
	bool verbose; /* the user asked for the EAL's log */
};

/*
 * args as a shell would take them apart: blanks, '...', "...", backslash; NULL: none. What is given in any of getopt's
 * spellings (-l 1, -l1, --file-prefix x, --file-prefix=x, --file-pre x) is not added again. 0, then
 * dpdk_argv_free() it; or negative errno and *e.
 */
int dpdk_argv_make(const char *args, const struct dpdk_host *, struct dpdk_argv *, struct error *e);
void dpdk_argv_free(struct dpdk_argv *);

#endif
