/* SPDX-License-Identifier: Apache-2.0 */
/* A JSON file that is there wholly or not at all, whenever this program dies: the journals of prepare and of bind. */
#ifndef ANYSCAN_NIC_JOURNAL_FILE_H
#define ANYSCAN_NIC_JOURNAL_FILE_H

#include "tools/anyscan-nic/nic.h"

/*
 * The open directory. create: it is made, and nobody else works in it until it is closed. -ENOENT without create: it
 * is not there, and *e is not filled.
 */
int journal_file_dir(const char *path, bool create, struct error *);

/* NULL with *rc 0: there is none. -EBADMSG: it is not JSON with an object `needed`. */
struct json_object *journal_file_read(int dir, const char *name, const char *needed, int *rc);
int journal_file_write(struct nic *, int dir, const char *name, struct json_object *content);
int journal_file_remove(struct nic *, int dir, const char *name);

#endif
