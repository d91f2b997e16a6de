/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was, until it is brought back: one JSON file for each interface, replaced atomically. The name holds
 * the network namespace, as /run is shared by them all.
 */
#ifndef ANYSCAN_NIC_JOURNAL_H
#define ANYSCAN_NIC_JOURNAL_H

#include <limits.h>

#include "io/bound_nic.h"
#include "tools/anyscan-nic/nic.h"

#define STATE_DIR BOUND_NIC_DIR /* anyscan-pipe looks there too */

struct journal {
	int dir; /* open and locked; -1: the directory is not there */
	char path[PATH_MAX]; /* for messages */
	char name[64];
	struct json_object *content; /* NULL: the interface is not prepared */
};

/*
 * Reads what there is. create: makes the directory, and nobody else works in it until journal_close(). A
 * journal from before the host was started anew is removed: no setting outlives that. -EEXIST: it is of
 * another device.
 */
int journal_open(struct nic *, bool create, struct journal *, struct error *);
void journal_close(struct journal *);
int journal_write(struct nic *, struct journal *, struct json_object *saved, struct error *);
int journal_remove(struct nic *, struct journal *, struct error *);
struct json_object *journal_saved(const struct journal *); /* borrowed; NULL: not prepared */
bool journal_forced(const struct journal *); /* it was prepared with --force */

#endif
