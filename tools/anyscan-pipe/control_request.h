/* SPDX-License-Identifier: Apache-2.0 */
/* What --control-socket is asked, one request a line: a verb and, for some, a value. */
#ifndef ANYSCAN_PIPE_CONTROL_REQUEST_H
#define ANYSCAN_PIPE_CONTROL_REQUEST_H

#include <stddef.h>

#include "anyscan/error.h"
#include "stages/gen/ranges.h"
#include "tools/anyscan-pipe/options.h"

#define REQUEST_MAX 4096 /* bytes of a line, its newline included: 200 prefixes */

enum request_verb {
	REQUEST_RATE,
	REQUEST_PAUSE,
	REQUEST_RESUME,
	REQUEST_EXCLUDE,
	REQUEST_STATUS,
	REQUEST_CHECKPOINT,
	REQUEST_STOP,
};

struct request {
	enum request_verb verb;
	struct rate_choice rate; /* of REQUEST_RATE */
	struct ranges ranges; /* of REQUEST_EXCLUDE: normalised, not empty */
};

/* The line, without its newline, of any bytes. 0, then request_free() it; or negative errno with *e, the whole answer. */
int request_parse(const char *line, size_t len, struct request *, struct error *e);
void request_free(struct request *);

#endif
