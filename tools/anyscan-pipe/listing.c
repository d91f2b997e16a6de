/* SPDX-License-Identifier: Apache-2.0 */
/* --fast-dryrun: the order of the scan in binary, for other programs. */
#include "stages/listing.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "tools/anyscan-pipe/scan.h"
#include "tools/anyscan-pipe/screen.h"

enum exit_code scan_list(struct scan *s, struct error *e)
{
	const struct pipeline_options *o = &s->options;
	const struct listing_options listing = {
		.domain = s->domain,
		.seed = o->seed,
		.shard = o->shard,
		.shards = o->shards,
		.max_targets = o->max_targets,
		.probes = o->probes,
		.gens = o->plan.count[PLAN_GEN] > 0 ? o->plan.count[PLAN_GEN] : 1,
		.fd = o->output.fd,
	};
	uint64_t targets = 0;

	if (isatty(o->output.fd) == 1) {
		error_set(
			e, -EINVAL,
			"--fast-dryrun writes binary, and its output is a terminal; write >FILE or | PROGRAM");
		return EXIT_COMMAND;
	}
	signal(SIGPIPE, SIG_IGN);
	screen_say(LEVEL_NOTICE, "seed: %llu", (unsigned long long)o->seed);
	if (listing_run(&listing, &targets, e) != 0)
		return EXIT_RESULTS;
	screen_say(LEVEL_NOTICE, "listed: %llu targets", (unsigned long long)targets);
	return EXIT_DONE;
}
