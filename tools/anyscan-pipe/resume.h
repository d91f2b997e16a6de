/* SPDX-License-Identifier: Apache-2.0 */
/*
 * --resume: what the checkpoint says of the scan, and the command line of now, become one. What defines the domain or
 * the form of the results stays as it was; anything else may be said anew.
 */
#ifndef ANYSCAN_PIPE_RESUME_H
#define ANYSCAN_PIPE_RESUME_H

#include "stages/checkpoint/checkpoint.h"
#include "tools/anyscan-pipe/exit_code.h"
#include "tools/anyscan-pipe/options.h"

struct resume {
	struct checkpoint from; /* memory NULL: a scan from the start */
	bool over; /* that scan is finished: there is nothing to do */
	char *path; /* of the checkpoint that will be written; own, or NULL */
	char **argv; /* the command line that *config is of now; own, or NULL */
};

/* Once the command line is parsed; does nothing without --resume. */
enum exit_code resume_load(struct resume *, int argc, char *const *argv, struct config *, struct error *);
/* resume_engine.c: whether this engine may go on with what that one has begun; whether it is another at all. */
enum exit_code resume_check_engine(const struct checkpoint *, const struct config *, const char *path,
				   struct error *);
bool resume_changes_engine(const struct checkpoint *, const struct config *);
void resume_free(struct resume *);

#endif
