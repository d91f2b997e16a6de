/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <json-c/json.h>
#include <stddef.h>

#include "tools/anyscan-tune/tune.h"

#define AT(member) .offset = offsetof(struct config, member)

static int option_pps(const struct option_spec *o, const char *value, struct config *c, struct error *e)
{
	int r = number_parse(o->name, value, &c->rate, e);

	if (r == 0 && c->rate <= 0)
		r = error_set(e, -EINVAL, "--%s: %s is no rate; write a number above 0, as 2M", o->name,
			      value);
	return r;
}

static int take_target(const char *text, struct config *c, struct error *e)
{
	if (c->target != NULL)
		return error_set(e, -EINVAL, "\"%s\" is one word too many; one target", text);
	c->target = text;
	return 0;
}

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
	  .help = "of the trials: null, sim, or with -i af_packet or af_xdp; of --model: one that the file has costs of, "
			"null for all" },
	{ .name = "interface", .letter = 'i', .parse = option_list, AT(interfaces), .metavar = "IF",
	  .help = "send trials there; may be repeated. Needs TARGET and --rate" },
	{ .name = "rate", .letter = 'r', .parse = option_pps, AT(rate), .metavar = "PPS",
	  .help = "with -i: most probes per second" },
	{ .name = "output-file", .letter = 'o', .parse = option_text, AT(output), .metavar = "FILE",
	  .help = "write the plan there, for anyscan-pipe --profile FILE" },
	{ .name = "days", .parse = option_count, AT(days), .metavar = "N", .initial = "30", .least = 1, .most = 3650,
	  .help = "after which that is used no longer" },
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
		"Without --interface nothing leaves this machine: the trials are of engines that reach no wire, or over "
		"a pair of devices in a network namespace that ends with the program. With it, probes go to "
		"benchmark space, 198.18.0.0/15, alone (RFC 2544), and no faster than --rate. The model adds up what a probe costs "
		"in each stage. It knows nothing of caches, memory bandwidth, clock frequencies that fall as cores "
		"are used, or locks in the kernel. Trials run at nice -20 where that is allowed; on a machine with other work, "
		"chrt -f 20 in front gives cleaner figures.");
	fputs("\n.SH EXAMPLES\n.nf\n.RS\n"
	      "anyscan\\-tune \\-\\-model /usr/local/share/anyscan\\-pipe/topologies/c6in.metal.json\n"
	      "anyscan\\-tune \\-\\-validate \\-\\-rounds 15\n"
	      "anyscan\\-tune \\-\\-io\\-engine af_xdp \\-i ens1 \\-\\-rate 5M \\-o ens1.json 198.18.0.0/15\n"
	      ".RE\n.fi\n"
	      ".SH SEE ALSO\n\\fBanyscan\\-pipe\\fR(1), \\fBanyscan\\-nic\\fR(1)\n",
	      out);
}

const struct command_line command_line = { .options = table, .operand = take_target };

const struct program program = {
	.name = "anyscan-tune",
	.operands = "[TARGET]",
	.summary =
		"finds the core plan for a scan: by trying here, or by a model of a machine that is not here",
	.description = "Trials run in this process, with the pipeline that anyscan-pipe runs.",
	.numbers = "Numbers may carry k, M, G or T.",
	.options = table,
	.exits = exits,
	.version = version,
	.man_rest = man_rest,
};
