/* SPDX-License-Identifier: Apache-2.0 */
/* The output of a scan with checkpoints, where it is a row of files. Set-up thread only. */
#ifndef ANYSCAN_PIPE_RESUMED_ROW_H
#define ANYSCAN_PIPE_RESUMED_ROW_H

#include "tools/anyscan-pipe/scan.h"

/* Sets scan.output_path, which is a name in a folder and no file. */
enum exit_code row_own(struct scan *, struct error *);
/* What earlier runs have left; *found: of all that they have written, but for the bytes. */
enum exit_code row_take(struct scan *, struct readback_result *found, struct error *);
/* Once more the records of what they have left. 0 or negative errno. */
int row_read(const struct scan *, void (*each)(void *, const struct readback_record *), void *arg,
	     struct error *);

#endif
