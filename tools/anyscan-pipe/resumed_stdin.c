/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list that came by standard input is in no checkpoint: it may have 100 million lines. Who resumes the scan gives it
 * again, and is told so where it is missing or another; the digest of the domain tells.
 */
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "tools/anyscan-pipe/scan.h"
#include "tools/anyscan-pipe/screen.h"

static bool again(const struct scan *s)
{
	return s->resume->from.memory != NULL && scan_reads_stdin(s->config);
}

enum exit_code stdin_check(const struct scan *s, struct error *e)
{
	/* the user has not typed "-" this time, and would wait for us as we for him */
	if (!again(s) || !isatty(STDIN_FILENO))
		return EXIT_DONE;
	error_set(
		e, -EINVAL,
		"%s: a list of this scan came by standard input, which is a terminal now; give the same list "
		"again: anyscan-pipe --resume %s <LIST",
		s->config->checkpoint_file, s->config->checkpoint_file);
	return EXIT_INPUT;
}

void stdin_blame(const struct scan *s, struct error *e)
{
	const size_t used = strlen(e->text);

	if (again(s))
		snprintf(
			e->text + used, sizeof(e->text) - used,
			"; a list of this scan came by standard input, give the same again: anyscan-pipe --resume %s "
			"<LIST",
			s->config->checkpoint_file);
}

void stdin_note(const struct scan *s)
{
	if (scan_reads_stdin(s->config))
		screen_say(
			LEVEL_NOTICE,
			"--checkpoint-file %s does not keep the list that came by standard input: keep it, a "
			"resumed scan reads it again",
			s->config->checkpoint_file);
}

const char *stdin_again(const struct config *c)
{
	return scan_reads_stdin(c) ? " <LIST, that of standard input" : "";
}
