/* SPDX-License-Identifier: Apache-2.0 */
#include <bpf/libbpf.h>

#include "tools/anyscan-doctor/doctor.h"

#define AT(member) .offset = offsetof(struct config, member)

static const struct option_spec table[] = {
	/* clang-format off */
	{ .group = "What is looked at",
	  .name = "interface", .letter = 'i', .parse = option_list, AT(interfaces), .metavar = "LIST",
	  .shown = "all Ethernet interfaces", .help = "ens1 or ens1,ens2; may be repeated" },
	{ .name = "probe-all", .parse = option_flag, AT(probe_all),
	  .help = "try the modes of AF_XDP on interfaces too that carry the default route or your own connection: "
			"some drivers take the link down for a moment when an XDP program is attached" },
	{ .name = "json", .parse = option_flag, AT(json),
	  .help = "for programs: an object with kernel, engines, nics and interfaces; every capability is an object with "
			"available and, where that is false, reason and remedy" },

	OPTIONS_ABOUT(offsetof(struct config, task)),
	{ .name = NULL },
	/* clang-format on */
};

static const char *const exits[] = {
	[EXIT_LOOKED] = "it could look, whatever it found: what is missing is in the report",
	[EXIT_COMMAND] = "the command line is wrong",
	[2] = "",
	[EXIT_HOST] = "it could not look: no such interface, or no answer from the kernel",
	NULL,
};

static void man_rest(FILE *out)
{
	roff_section(out, "NOTES");
	roff_text(
		out,
		"Nothing is sent, and nothing stays changed. The mode that AF_XDP grants is tried on an interface "
		"that is up, that has no XDP program and that carries neither the default route nor the "
		"connection of the user: a program that passes everything is attached, a socket is bound to the "
		"last queue, and both are taken away. Without rights it says what it cannot see; run it as the "
		"user that is going to scan.");
	fputs("\n.SH EXAMPLES\n.nf\n.RS\n"
	      "anyscan\\-doctor\n"
	      "anyscan\\-doctor \\-\\-json \\-i ens1,ens2 | jq \\(aq.interfaces[].af_xdp.mode\\(aq\n"
	      ".RE\n.fi\n"
	      ".SH SEE ALSO\n\\fBanyscan\\-pipe\\fR(1), \\fBanyscan\\-nic\\fR(1)\n",
	      out);
}

static void version(bool json, FILE *out)
{
	const struct program_library libraries[] = { { "json-c", json_c_version() },
						     { "libbpf", libbpf_version_string() + 1 /* v1.1 */ },
						     { NULL, NULL } };

	program_version(&program, libraries, json, out);
}

const struct command_line command_line = { .options = table };

const struct program program = {
	.name = "anyscan-doctor",
	.operands = "",
	.summary =
		"says what this host and each of its interfaces can do for a scan, and what helps where they cannot",
	.description =
		"Everything is found out by doing it: a socket is opened, a program loaded, memory locked. Under each "
		"\"no\" stands why, and what to do.",
	.options = table,
	.exits = exits,
	.version = version,
	.man_rest = man_rest,
};
