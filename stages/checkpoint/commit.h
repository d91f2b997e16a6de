/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When what is on the wire may count as done: once its replies had their time. A chunk is noted as settled by what is
 * NOT settled at a moment; when the cooldown has passed since that moment, all the rest is due, and committed when
 * the records that have come meanwhile are on disk. So the hot path keeps no times, and a checkpoint is one of these
 * lists. Set-up thread only.
 */
#ifndef CHECKPOINT_COMMIT_H
#define CHECKPOINT_COMMIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stages/gen/intervals.h"

#define COMMIT_PENDING 64 /* moments that wait at most; more are left out, which only delays a commit */

struct remaining { /* what is left to send, as of a moment */
	uint64_t taken_ns; /* CLOCK_MONOTONIC */
	uint64_t probes; /* of this run that are not left, as ledger_remaining() counts them */
	size_t parts;
	struct interval *part; /* own */
};

struct commit {
	uint64_t wait_ns; /* from the last acceptance to the last reply that counts */
	struct remaining committed;
	struct remaining pending[COMMIT_PENDING]; /* oldest first */
	unsigned int count;
};

/* Everything remains: part[] at the start. 0 or -ENOMEM. */
int commit_init(struct commit *, uint64_t wait_ns, const struct interval *part, size_t parts);
void commit_fini(struct commit *);

/* At now, this remains; probes are not left. 0 (also when it is left out) or -ENOMEM. */
int commit_note(struct commit *, uint64_t now_ns, const struct interval *part, size_t parts, uint64_t probes);

/* Something noted has become due by then. */
bool commit_due(const struct commit *, uint64_t now_ns);

/* Once all records of replies that came until then are on disk: the newest that was due becomes what is committed. */
void commit_take(struct commit *, uint64_t now_ns);

#endif
