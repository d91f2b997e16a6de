/* SPDX-License-Identifier: Apache-2.0 */
#include <json-c/json.h>
#include <stddef.h>

#include "tools/anyscan-tune/tune.h"

#define AT(member) .offset = offsetof(struct config, member)

static const struct option_spec table[] = {
	/* clang-format off */
	{ .group = "What is done",
	  .name = "model", .parse = option_text, AT(model), .metavar = "FILE",
	  .help = "predict the machine of this topology file instead of trying this one" },
	{ .name = "validate", .parse = option_task, AT(task), .task = TASK_VALIDATE,
	  .help = "what the model says of every layout that this machine can run, against what it does; as root over a veth "
			"pair in a namespace of its own too" },

	{ .group = "How",
	  .name = "io-engine", .parse = option_text, AT(engine), .metavar = "NAME", .initial = "null",
	  .help = "of the trials: null or sim; of --model: one that the file has costs of, null for all" },
	{ .name = "rounds", .parse = option_count, AT(rounds), .metavar = "N", .initial = "9", .least = 1,
	  .most = COSTS_LOOKS_MAX, .help = "trials of each layout" },

	OPTIONS_ABOUT(offsetof(struct config, task)),
	{ .name = NULL },
	/* clang-format on */
};

static const char *const exits[] = {
	[EXIT_TUNED] = "done",
	[EXIT_COMMAND] = "the command line is wrong",
	[EXIT_INPUT] = "a file is wrong: the message has its line",
	[EXIT_HOST] = "this host cannot",
	[EXIT_ERROR] =
		"--validate: the model was off by a median of more than 15 %, or by more than 30 % at worst",
	NULL,
};

static void version(bool json, FILE *out)
{
	const struct program_library libraries[] = { { "json-c", json_c_version() }, { NULL, NULL } };

	program_version(&program, libraries, json, out);
}

static void man_rest(FILE *out)
{
	roff_section(out, "NOTES");
	roff_text(
		out,
		"Nothing leaves this machine: the trials are of engines that reach no wire, or over a pair of "
		"devices in a network namespace that ends with the program. The model adds up what a probe costs "
		"in each stage. It knows nothing of caches, memory bandwidth, clock frequencies that fall as cores "
		"are used, or locks in the kernel.");
	fputs("\n.SH EXAMPLES\n.nf\n.RS\n"
	      "anyscan\\-tune \\-\\-model /usr/local/share/anyscan\\-pipe/topologies/c6in.metal.json\n"
	      "anyscan\\-tune \\-\\-validate \\-\\-rounds 15\n"
	      ".RE\n.fi\n"
	      ".SH SEE ALSO\n\\fBanyscan\\-pipe\\fR(1), \\fBanyscan\\-nic\\fR(1)\n",
	      out);
}

const struct command_line command_line = { .options = table };

const struct program program = {
	.name = "anyscan-tune",
	.operands = "",
	.summary =
		"finds the core plan for a scan: by trying here, or by a model of a machine that is not here",
	.description = "Trials run in this process, with the pipeline that anyscan-pipe runs.",
	.numbers = "Numbers may carry k, M, G or T.",
	.options = table,
	.exits = exits,
	.version = version,
	.man_rest = man_rest,
};
