/* SPDX-License-Identifier: Apache-2.0 */
/* --fast-dryrun: the order of the scan in binary, for other programs. */
#include "stages/listing.h"

#include <errno.h>
#include <string.h>
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
	struct error why;
	uint64_t targets = 0;
	int rc;

	if (isatty(o->output.fd) == 1) {
		error_set(
			e, -EINVAL,
			"--fast-dryrun writes binary, and its output is a terminal; write >FILE or | PROGRAM");
		return EXIT_COMMAND;
	}
	screen_say(LEVEL_NOTICE, "seed: %llu", (unsigned long long)o->seed);
	rc = listing_run(&listing, &targets, &why);
	if (rc != 0) {
		error_set(e, rc, "%s: %s", scan_output_name(s), why.text);
		return EXIT_RESULTS;
	}
	rc = o->output.own_file && fsync(o->output.fd) != 0 && errno != EINVAL ? -errno : 0;
	rc = rc == 0 ? scan_close_output(s) : rc;
	if (rc != 0) {
		error_set(e, rc, "%s: %s: not all of the list may have been kept", scan_output_name(s),
			  strerror(-rc));
		return EXIT_RESULTS;
	}
	screen_say(LEVEL_NOTICE, "listed: %llu targets", (unsigned long long)targets);
	return EXIT_DONE;
}
