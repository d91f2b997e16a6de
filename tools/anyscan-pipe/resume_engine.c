/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Engines that send to a network may take turns in a scan. The others may not: what one has given to nobody, to a file
 * or to a world of its own would pass for probed, and what such a world has answered for a result.
 */
#include <errno.h>
#include <string.h>
#include <sys/stat.h>

#include "io/engines.h"
#include "tools/anyscan-pipe/resume.h"

static const char *engine_then(const struct checkpoint *from)
{
	const char *value = option_find("io-engine")->initial;

	for (size_t i = 0; i < from->noptions; i++)
		if (strcmp(from->options[i].name, "io-engine") == 0)
			value = from->options[i].value;
	return value;
}

/* One that this build does not have is one of a network: all others are always there. */
static bool on_wire(const char *engine)
{
	char name[32];
	const struct io_ops *ops;

	snprintf(name, sizeof(name), "%.*s", (int)strcspn(engine, ":"), engine);
	ops = io_find(name);
	return ops == NULL || ops->on_wire;
}

bool resume_changes_engine(const struct checkpoint *from, const struct config *c)
{
	const char *then = engine_then(from);
	const size_t n = strcspn(then, ":");

	return strncmp(c->engine, then, n) != 0 || (c->engine[n] != '\0' && c->engine[n] != ':');
}

/* A file of frames is written from its start. */
static bool would_be_lost(const char *engine)
{
	struct stat st;

	return strncmp(engine, "pcap:", 5) == 0 && stat(engine + 5, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_size > 0;
}

enum exit_code resume_check_engine(const struct checkpoint *from, const struct config *c, const char *path,
				   struct error *e)
{
	const bool said = option_given(c, "io-engine");
	const char *then = engine_then(from), *now = said ? c->engine : then;

	if (said && resume_changes_engine(from, c) && !(on_wire(then) && on_wire(now)))
		error_set(
			e, -EINVAL,
			"--io-engine %s: the scan of %s has --io-engine %s, and only engines that send to a "
			"network can take turns; leave yours out, or start another scan with a --checkpoint-file of "
			"its own",
			now, path, then);
	else if (would_be_lost(now))
		error_set(e, -EINVAL,
			  "--io-engine %s: the probes that are in this file would be lost; add --io-engine "
			  "pcap:ANOTHER-FILE",
			  now);
	else
		return EXIT_DONE;
	return EXIT_COMMAND;
}
