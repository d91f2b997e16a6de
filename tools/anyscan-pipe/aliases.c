/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What people type who come from other scanners. Where the meaning is the same it is taken; where it differs,
 * or where two tools mean different things by one name, the answer says what to write.
 */
#include "tools/anyscan-pipe/options.h"

#define ALIAS(n, ours) \
	{ \
		.name = n, .kind = FOREIGN_ALIAS, .takes_value = true, .means = ours \
	}
#define TARGET(n) \
	{ \
		.name = n, .kind = FOREIGN_TARGET, .takes_value = true, .means = "" \
	}
#define REFUSED(n, l, value, text) \
	{ \
		.name = n, .letter = l, .kind = FOREIGN_REFUSED, .takes_value = value, .means = text \
	}
#define ELEMENT(e, text) \
	{ \
		.element = e, .kind = FOREIGN_REFUSED, .means = text \
	}

const struct foreign_option foreign_options[] = {
	/* clang-format off */
	TARGET("target-range"),
	TARGET("range"),
	TARGET("ranges"),
	ALIAS("port", "target-ports"),
	ALIAS("target-port", "target-ports"),
	ALIAS("ports", "target-ports"),
	ALIAS("whitelist-file", "allowlist-file"),
	ALIAS("blacklist-file", "blocklist-file"),
	ALIAS("excludefile", "blocklist-file"),
	ALIAS("includefile", "allowlist-file"),
	ALIAS("max-rate", "rate"),
	ALIAS("output-filename", "output-file"),
	ALIAS("max-sendto-failures", "max-send-failures"),
	ALIAS("adapter", "interface"),
	ALIAS("adapter-ip", "source-ip"),
	ALIAS("adapter-port", "source-port"),
	ALIAS("adapter-vlan", "vlan"),
	ALIAS("router-mac", "gateway-mac"),
	ALIAS("router-ip", "gateway-ip"),
	ALIAS("adapter-mac", "source-mac"),
	{ .name = "ping", .kind = FOREIGN_ALIAS, .means = "icmp" },
	{ .name = "sender-threads", .letter = 'T', .kind = FOREIGN_STAGE, .takes_value = true,
	  .means = "tx" },
	{ .name = "receivers", .letter = 'R', .kind = FOREIGN_STAGE, .takes_value = true, .means = "rx" },
	{ .name = "batch", .kind = FOREIGN_IGNORED, .takes_value = true,
	  .means = "--batch has no effect: the size of batches follows the rate" },
	{ .name = "open", .kind = FOREIGN_IGNORED,
	  .means = "--open has no effect: open ports are what the default --output-filter lets pass" },
	{ .name = "open-only", .kind = FOREIGN_IGNORED,
	  .means = "--open-only has no effect: open ports are what the default --output-filter lets pass" },
	{ .name = "disable-syslog", .kind = FOREIGN_IGNORED,
	  .means = "--disable-syslog has no effect: nothing is written to syslog" },
	REFUSED("iplayer", 'X', false, "sending at the IP layer is not supported; probes are Ethernet "
			"frames, --gateway-mac says to whom"),
	REFUSED("vpn", 0, false, "sending at the IP layer is not supported; probes are Ethernet frames, "
			"--gateway-mac says to whom"),
	REFUSED("config", 'C', true, "there are no configuration files; write the options on the "
			"command line"),
	REFUSED("conf", 0, true, "there are no configuration files; write the options on the command line"),
	REFUSED(NULL, 'l', true, "logs go to standard error; write --log-file FILE, or 2>FILE"),
	REFUSED("log-directory", 'L', true, "logs go to standard error; write 2>FILE"),
	REFUSED("retries", 0, true, "--retries means probes per target to some and repeated sends to "
			"others: for the first write --probes N; a refused send is always repeated "
			"until it is taken"),
	REFUSED("wait", 0, true, "the time that replies are awaited is -c, --cooldown-time SECONDS"),
	REFUSED("top-ports", 0, true, "there is no list of top ports; write the ports, as -p 80,443,8080"),
	REFUSED("udp-ports", 0, true, "probing UDP is not in this version; -p are ports of TCP"),
	REFUSED("dedup-window-size", 0, true, "the window holds what fits: write --dedup-memory BYTES, 8 bytes "
			"an answer"),
	REFUSED("ignore-blocklist-errors", 0, false, "a line that is not understood ends the program, before it "
			"sends: correct it; its place is said"),
	REFUSED("ignore-invalid-hosts", 0, false, "a line that is not understood ends the program, before it "
			"sends: correct it; its place is said"),
	REFUSED("output-args", 0, true, "no output module takes arguments; leave it out"),
	REFUSED("user-metadata", 0, true, "a remark for the metadata is --notes TEXT"),
	REFUSED("validate-source-port", 0, true, "the source port of every reply is validated; leave it out"),
	REFUSED("infinite", 0, false, "a scan ends; start it anew, with another --seed"),
	REFUSED("echo", 0, false, "there are no configuration files; the metadata (-m FILE) have the command line"),
	REFUSED("readscan", 0, true, "there is no binary output to read back; results are text: -O csv or json"),
	REFUSED("resume-index", 0, true, "parts of a scan are shards: write --seed N --shard n/N"),
	REFUSED("resume-count", 0, true, "for the first N targets write -n N; other parts are --shard n/N"),
	REFUSED("append-output", 0, false, "an output file is written anew; write another, or >>FILE"),
	REFUSED("banners", 0, false, "banners are not taken: this program sends probes without state"),
	ELEMENT("-iL", "-iL FILE: write -w FILE for addresses, CIDR and ranges, or -I FILE for a long "
			"list of addresses"),
	ELEMENT("-sS", "-sS: every TCP probe is a SYN; leave it out"),
	ELEMENT("-Pn", "-Pn: no host is asked whether it is there first; leave it out"),
	ELEMENT("-oX", "there is no XML output; write -O json, csv or list with -o FILE"),
	ELEMENT("-oJ", "write -O json -f '*' with -o FILE: one object a line"),
	ELEMENT("-oD", "write -O json -f '*' with -o FILE: one object a line"),
	ELEMENT("-oG", "there is no grepable output; write -O endpoint with -o FILE: one address:port a line"),
	ELEMENT("-oL", "write -O endpoint with -o FILE: one address:port a line"),
	ELEMENT("-oB", "there is no binary output; write -O csv -f '*' with -o FILE"),
	{ .kind = FOREIGN_REFUSED, .means = NULL },
	/* clang-format on */
};
