/* SPDX-License-Identifier: Apache-2.0 */
/* From what --io-engine says to an engine that is ready; those that we know but do not have are answered by name. */
#include <errno.h>
#include <string.h>

#include "io/engines.h"
#include "io/module.h"
#include "tools/anyscan-pipe/auto_engine.h"
#include "tools/anyscan-pipe/scan.h"

static const struct {
	const char *name, *answer;
	enum exit_code code;
} absent_engines[] = {
	{ "dpdk",
	  "needs libdpdk, which was not there when this program was built: apt-get install libdpdk-dev, and make "
	  "again; or use af_xdp",
	  EXIT_HOST },
	{ "pfring_zc", "needs a licence per host and is not supported; use af_packet", EXIT_COMMAND },
};

static enum exit_code absent(const char *name, struct error *e)
{
	char known[128] = "";

	for (size_t i = 0; i < sizeof(absent_engines) / sizeof(absent_engines[0]); i++) {
		if (strcmp(absent_engines[i].name, name) == 0) {
			error_set(e, -EINVAL, "--io-engine %s %s", name, absent_engines[i].answer);
			return absent_engines[i].code;
		}
	}
	for (size_t i = 0; io_engines[i] != NULL; i++)
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s, ", io_engines[i]->name);
	error_set(e, -EINVAL, "--io-engine: there is no \"%s\"; write one of %sauto", name, known);
	return EXIT_COMMAND;
}

enum exit_code scan_engine(struct scan *s, struct error *e)
{
	const char *text = s->config->engine, *colon = strchr(text, ':');
	char name[32];

	if (s->config->task == TASK_DRYRUN) {
		s->ops = &dryrun_ops;
		s->engine_args = "";
		return EXIT_DONE;
	}
	snprintf(name, sizeof(name), "%.*s", colon != NULL ? (int)(colon - text) : (int)sizeof(name) - 1,
		 text);
	s->engine_args = colon != NULL ? colon + 1 : "";
	if (strcmp(name, "auto") == 0 && auto_engine_named(s, name, sizeof(name), e) != 0)
		return EXIT_COMMAND;
	s->ops = io_find(name);
	if (s->ops == NULL)
		return absent(name, e);
	s->ops = io_ready(s->ops, e);
	return s->ops != NULL ? EXIT_DONE : EXIT_HOST;
}
