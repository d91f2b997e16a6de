/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/exit_code.h"
#include "tools/anyscan-pipe/options.h"

static const char *const exit_meanings[] = {
	[EXIT_DONE] = "done",
	[EXIT_COMMAND] = "the command line is wrong",
	[EXIT_INPUT] = "a file, a list or the resulting set of targets is wrong",
	[EXIT_HOST] = "this host or network cannot",
	[EXIT_STOPPED] = "stopped by a rule about losses",
	[EXIT_INTERRUPTED] = "interrupted",
	[EXIT_RESULTS] = "results, or the metadata at the end, could not be written",
	NULL,
};

const struct program program = {
	.name = "anyscan-pipe",
	.operands = "TARGET...",
	.summary = "sends one probe to every (address, port) of a set and writes down who answered",
	.description =
		"TARGET is an address, a CIDR prefix, a range a.b.c.d-e.f.g.h, a host name, or - for lines on "
		"standard input. Special-purpose space is left out, and so is what "
		"/etc/anyscan-pipe/blocklist.conf names. Results alone go to standard output; everything "
		"else goes to standard error. anyscan-pipe ctl SOCKET VERB talks to a scan that runs with --control-socket.",
	.numbers = "Numbers may carry k, M, G or T.",
	.options = option_table,
	.exits = exit_meanings,
	.version = version_print,
	.man_fields = man_fields,
	.man_rest = man_rest,
	.words = completion_words,
};
