/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What DPDK processes that were killed have left: files of huge pages, which stay taken until somebody removes them, and
 * the folders of their run time. All of it goes by --file-prefix, and of a prefix that anybody holds a part of nothing
 * is touched.
 */
#ifndef ANYSCAN_NIC_RECLAIM_H
#define ANYSCAN_NIC_RECLAIM_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tools/anyscan-nic/nic.h"

#define RECLAIM_PREFIX_MAX 128
#define RECLAIM_YOUNG_S 60 /* a folder without a config may be that of an EAL that is starting */

struct reclaim_prefix {
	char name[RECLAIM_PREFIX_MAX];
	char held[160]; /* by what, for people; "": by nobody */
};

struct reclaim_file {
	char *path; /* own; as this host names it, without the root */
	size_t prefix;
	bool folder;
	bool huge;
	dev_t dev;
	ino_t ino;
	uint64_t bytes; /* of huge pages */
};

struct reclaim {
	const char *root; /* before /proc and all else; "" */
	struct reclaim_prefix *prefix;
	size_t prefixes;
	struct reclaim_file *file; /* what is in a folder comes before it */
	size_t files;
	size_t unseen; /* processes that not even root may look into here */
};

/* reclaim_find.c: every file that an EAL may have left, held or not. 0 or negative errno; reclaim_free() in any case. */
int reclaim_find(struct reclaim *, struct error *);
void reclaim_free(struct reclaim *);

/* reclaim_held.c: fills in who holds what, by locks, sockets, open files and mappings. */
int reclaim_find_holders(struct reclaim *, struct error *);
/* Whether nobody has a lock on the file; as the EAL looks at files of others. */
bool reclaim_unlocked(int fd);

/* The command. config->dry_run: says what would be removed. An exit code with *e. */
int reclaim(const struct config *, struct error *);

#endif
