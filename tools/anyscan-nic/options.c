/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "tools/anyscan-nic/journal.h"
#include "tools/device/xdp_mtu.h"

#define AT(member) .offset = offsetof(struct config, member)
#define TEXT_OF(macro) #macro
#define TEXT(macro) TEXT_OF(macro)

static const char *const rss_names[] = { [RSS_EQUAL] = "equal", [RSS_KEEP] = "keep", NULL };

static const struct option_spec table[] = {
	/* clang-format off */
	{ .group = "What prepare sets",
	  .name = "channels", .parse = option_text, AT(channels), .metavar = "N|max|half|keep", .initial = "keep",
	  .help = "queues; half: of the most, what some drivers leave to XDP" },
	{ .name = "rss", .parse = option_choice, AT(rss), .metavar = "NAME", .values = rss_names, .initial = "equal",
	  .help = "equal: what is received is spread equally over all queues; keep" },
	{ .name = "rings", .parse = option_text, AT(rings), .metavar = "N|RX,TX|max|keep", .initial = "keep",
	  .help = "descriptors of each queue" },
	{ .name = "mtu", .parse = option_text, AT(mtu), .metavar = "N|xdp|keep", .initial = "xdp",
	  .help = "xdp: " TEXT(XDP_MTU_SAFE) " where it is larger, so that a frame fits what native XDP takes" },
	{ .name = "busy-poll", .parse = option_flag, AT(busy_poll),
	  .help = "as SO_PREFER_BUSY_POLL wants it: --napi-defer 2 --gro-flush-timeout 200000" },
	{ .name = "napi-defer", .parse = option_count, AT(napi_defer), .metavar = "N", .shown = "as it is",
	  .most = INT32_MAX, .help = "napi_defer_hard_irqs: polls without work before interrupts come back" },
	{ .name = "gro-flush-timeout", .parse = option_count, AT(gro_flush), .metavar = "NS", .shown = "as it is",
	  .most = INT64_MAX, .help = "gro_flush_timeout: how long they stay off then, in nanoseconds" },

	{ .group = "What bind sets",
	  .name = "hugepages", .parse = option_bytes, AT(hugepages), .metavar = "SIZE", .initial = "1G",
	  .most = 1ULL << 40,
	  .help = "that are free on the NIC's node for DPDK, of 1 GiB, else of 2 MiB; 0: none" },
	{ .name = "unsafe-no-iommu", .parse = option_flag, AT(unsafe_no_iommu),
	  .help = "where there is no IOMMU: the NIC can then write to any memory of this host" },

	{ .group = "How",
	  .name = "dry-run", .letter = 'n', .parse = option_flag, AT(dry_run),
	  .help = "print every step, do none; of reclaim too" },
	{ .name = "force", .parse = option_text, AT(force), .metavar = "IF",
	  .help = "this interface, although it carries the default route or your own connection" },
	{ .name = "state-dir", .parse = option_text, AT(state_dir), .metavar = "DIR", .initial = STATE_DIR,
	  .help = "where the journal of what was is kept" },
	{ .name = "host-root", .parse = option_text, AT(host_root), .metavar = "DIR",
	  .help = "for tests: bind and reclaim take DIR/sys, DIR/proc and the rest" },
	{ .name = "stop-after", .parse = option_count, AT(stop_after), .metavar = "N", .least = 1,
	  .help = "for tests: die as by kill -9 after N changes" },

	OPTIONS_ABOUT(offsetof(struct config, task)),
	{ .name = NULL },
	/* clang-format on */
};

static const char *const exits[] = {
	[EXIT_DONE] = "done; restore of an interface that is not prepared has nothing to do",
	[EXIT_COMMAND] = "the command line is wrong",
	[2] = "",
	[EXIT_HOST] = "this host or interface cannot, or must not: the message says what to do",
	NULL,
};

static int take_operand(const char *text, struct config *c, struct error *e)
{
	if (c->command == NULL)
		c->command = text;
	else if (c->interface == NULL)
		c->interface = text;
	else
		return error_set(e, -EINVAL, "\"%s\" is one word too many; one interface at a time", text);
	return 0;
}

bool option_given(const struct config *c, const char *name)
{
	return c->given[option_named(table, name) - table];
}

static void words(FILE *out, const struct option_spec *o)
{
	if (o == NULL)
		fputs(" prepare restore status bind unbind reclaim", out);
	else if (strcmp(o->name, "channels") == 0)
		fputs(" max half keep", out);
	else if (strcmp(o->name, "rings") == 0)
		fputs(" max keep", out);
	else if (strcmp(o->name, "mtu") == 0)
		fputs(" xdp keep", out);
}

static void man_rest(FILE *out)
{
	roff_section(out, "FILES");
	fputs(".TP\n\\fI" STATE_DIR "/nic\\-NAMESPACE\\-IF.json\\fR\n", out);
	roff_text(
		out,
		"What was set before the first prepare. It is on the disk before anything is changed and is removed "
		"when everything is back, so restore works after a crash at any moment too, and twice.");
	fputs(".TP\n\\fI" STATE_DIR "/bound\\-PCI.json\\fR\n", out);
	roff_text(
		out,
		"The same for bind. anyscan-pipe --io-engine dpdk reads the source address, the gateway and its "
		"MAC there, as a NIC that is bound has no kernel to ask.");
	fputs(".TP\n\\fI" STATE_DIR "/bound\\-host.json\\fR\n", out);
	roff_text(
		out,
		"Hugepages, the module vfio-pci and its parameter, which all bound NICs share: what was before "
		"the first bind, until the last unbind.");
	fputs("\n", out);
	roff_section(out, "EXAMPLES");
	fputs(".nf\n.RS\n"
	      "anyscan\\-nic prepare \\-\\-channels max \\-\\-busy\\-poll ens1\n"
	      "anyscan\\-nic status ens1\n"
	      "anyscan\\-nic restore ens1\n"
	      "anyscan\\-nic bind ens2 && anyscan\\-pipe \\-\\-io\\-engine dpdk \\-i 0000:00:06.0\n"
	      "anyscan\\-nic unbind 0000:00:06.0\n"
	      "anyscan\\-nic reclaim \\-\\-dry\\-run\n"
	      ".RE\n.fi\n",
	      out);
	roff_section(out, "SEE ALSO");
	fputs("\\fBanyscan\\-pipe\\fR(1), \\fBanyscan\\-doctor\\fR(1), \\fBethtool\\fR(8)\n", out);
}

static void version(bool json, FILE *out)
{
	const struct program_library libraries[] = { { "json-c", json_c_version() }, { NULL, NULL } };

	program_version(&program, libraries, json, out);
}

const struct command_line command_line = { .options = table, .operand = take_operand };

const struct program program = {
	.name = "anyscan-nic",
	.operands = "prepare|restore|status|bind|unbind IF|PCI, or reclaim",
	.summary = "sets an interface up for a scan, or gives it to DPDK, and back exactly as it was",
	.description =
		"An interface that carries the default route, or the connection that you work over, is refused: which "
		"ones do is asked of the kernel's routes, not read from names. reclaim frees the huge pages that DPDK "
		"processes which were killed have left behind; what a live one has is kept.",
	.numbers = "Numbers may carry k, M, G or T.",
	.options = table,
	.exits = exits,
	.version = version,
	.man_rest = man_rest,
	.words = words,
};
