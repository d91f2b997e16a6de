/* SPDX-License-Identifier: Apache-2.0 */
/* --profile: a plan that anyscan-tune has found. What it was found on must be what is here. */
#include "tools/machine/profile.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tools/anyscan-pipe/scan.h"
#include "tools/anyscan-pipe/screen.h"

static bool fits(const struct scan *s, const struct profile *p)
{
	const struct io_link *link[PIPELINE_PORTS_MAX];
	struct profile_key here;
	char what[2048], day[32] = "";
	const time_t expires = (time_t)p->expires;
	struct tm at;

	for (unsigned int i = 0; i < s->options.nports; i++)
		link[i] = &s->port[i].link;
	profile_key_here(&here, s->ops, link, s->options.nports);
	if (profile_differs(&p->key, &here, what, sizeof(what))) {
		screen_say(LEVEL_WARNING, "--profile %s is not used: it is of %s; run anyscan-tune here",
			   s->config->profile, what);
		return false;
	}
	if (time(NULL) < expires)
		return true;
	if (gmtime_r(&expires, &at) != NULL)
		strftime(day, sizeof(day), "%F", &at);
	screen_say(LEVEL_WARNING, "--profile %s is not used: it was good until %s; run anyscan-tune again",
		   s->config->profile, day);
	return false;
}

enum exit_code scan_profile(struct scan *s, struct error *e)
{
	const struct config *c = s->config;
	struct plan_request request = { .fuse = false };
	struct profile p;

	if (c->profile == NULL)
		return EXIT_DONE;
	if (profile_read(c->profile, &p, e) < 0)
		return EXIT_INPUT;
	request.fuse = p.fuse != 0;
	if ((p.stages[0] != '\0' && plan_parse(p.stages, &request, e) < 0) || plan_check(&request, e) < 0)
		return EXIT_INPUT;
	if (option_given(c, "stages") || option_given(c, "fuse") || option_given(c, "xdp-mode")) {
		screen_say(LEVEL_NOTICE, "--profile %s is not used: the command line has a plan of its own",
			   c->profile);
		return EXIT_DONE;
	}
	if (!fits(s, &p))
		return EXIT_DONE;
	request.tx_queues = s->options.plan.tx_queues;
	s->options.plan = request;
	screen_say(LEVEL_NOTICE, "plan of %s: %s%s", c->profile,
		   p.fuse != 0 ? "--fuse --stages " : "--stages ", p.stages);
	snprintf(s->profile_mode, sizeof(s->profile_mode), "%s", p.mode);
	return EXIT_DONE;
}

void scan_profile_mode(const struct scan *s, struct pipeline *p)
{
	char mode[sizeof(s->profile_mode)];

	profile_mode(p, s->options.nports, mode, sizeof(mode));
	if (s->profile_mode[0] == '\0' || strcmp(s->profile_mode, mode) == 0)
		return;
	screen_say(
		LEVEL_WARNING,
		"--profile %s: its plan was found in mode %s, and this scan sends in mode %s, where another may be "
		"better; run anyscan-tune again",
		s->config->profile, s->profile_mode, mode);
}
