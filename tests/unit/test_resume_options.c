/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/resume_rig.h"

TestSuite(resume_options, .init = prepare, .fini = clean);

/*
 * Every option that a scan may have: whether it may be another when the scan goes on. One that is new is missed here.
 * value: another than in then[].
 */
static const struct {
	const char *name, *value;
	bool fixed;
} options[] = {
	/* what is asked, and in which order */
	{ "target-ports", "443", true },
	{ "allowlist-file", "list", true },
	{ "blocklist-file", "list", true },
	{ "exclude", "10.1.1.1", true },
	{ "include-reserved", "all", true },
	{ "list-of-ips-file", "list", true },
	{ "probes", "2", true },
	{ "probe-spacing", "5", true },
	{ "seed", "7", true },
	{ "shards", "2", true },
	{ "shard", "1", true },
	{ "probe-module", "icmp_echoscan", true },
	{ "icmp", NULL, true },
	/* what a result looks like */
	{ "output-file", "other", true },
	{ "output-module", "json", true },
	{ "output-fields", "saddr", true },
	{ "output-filter", "repeat=0", true },
	{ "no-header-row", NULL, true },
	/* how much of it; limits are of the scan, and are compared with what it has */
	{ "yes-large-scan", NULL, false },
	{ "max-targets", "5", false },
	{ "max-runtime", "5", false },
	{ "max-results", "5", false },
	{ "min-hitrate", "5", false },
	{ "max-send-failures", "5", false },
	/* where from, how fast, by what */
	{ "rate", "7k", false },
	{ "bandwidth", "7M", false },
	{ "cooldown-time", "7", false },
	{ "stages", "gen=2", false },
	{ "cores", "0", false },
	{ "fuse", NULL, false },
	{ "profile", "plan", false },
	{ "topology", "machine", false },
	{ "io-engine", "af_packet", false }, /* but see engines_that_take_turns */
	{ "xdp-mode", "skb", false },
	{ "dpdk-eal", "--no-huge", false },
	{ "interface", "ens2", false },
	{ "source-ip", "198.18.0.9", false },
	{ "source-port", "40000-50000", false },
	{ "gateway-mac", "02:00:00:00:00:09", false },
	{ "gateway-ip", "198.18.0.1", false },
	{ "source-mac", "02:00:00:00:00:09", false },
	{ "probe-ttl", "9", false },
	{ "vlan", "9", false },
	{ "rst", "off", false },
	{ "probe-args", "linux", false },
	{ "world", "seed=9", false },
	{ "validation-key", "00112233445566778899aabbccddeeff", false },
	/* what is written beside the results, and how they are held until they are */
	{ "rotate-size", "1M", false }, /* in a row of files only: t_resume */
	{ "rotate-interval", "5", false },
	{ "dedup-method", "window", false },
	{ "dedup-memory", "2M", false },
	{ "result-buffer", "2M", false },
	{ "metadata-file", "other", false },
	{ "notes", "remark", false },
	{ "status-updates-file", "other", false },
	{ "status-format", "json", false },
	{ "quiet", NULL, false },
	{ "verbosity", "4", false },
	{ "log-file", "other", false },
	{ "control-socket", "other", false },
	{ "checkpoint-interval", "9", false },
	/* which scan: tests of their own */
	{ "checkpoint-file", NULL, false },
	{ "resume", NULL, false },
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

static bool names_the_scan(const char *name)
{
	return strcmp(name, "checkpoint-file") == 0 || strcmp(name, "resume") == 0;
}

Test(resume_options, every_option_of_the_table_has_its_row)
{
	for (size_t i = 0; option_table[i].name != NULL; i++) {
		const struct option_spec *o = &option_table[i];
		unsigned int rows = 0;

		if (o->parse == option_task)
			continue;
		for (size_t k = 0; k < OPTIONS; k++)
			rows += strcmp(options[k].name, o->name) == 0;
		cr_expect_eq(rows, 1, "--%s has %u rows: may it change when a scan is resumed?", o->name,
			     rows);
	}
	for (size_t k = 0; k < OPTIONS; k++)
		cr_expect_not_null(option_find(options[k].name), "there is no --%s", options[k].name);
}

static void say_option(char *line, size_t size, size_t k)
{
	snprintf(line, size, "--resume F --%s%s%s", options[k].name, options[k].value != NULL ? "=" : "",
		 options[k].value != NULL ? options[k].value : "");
}

Test(resume_options, what_may_not_change_is_refused)
{
	char line[128], now[128];

	for (size_t k = 0; k < OPTIONS; k++) {
		if (!options[k].fixed)
			continue;
		say_option(line, sizeof(line), k);
		snprintf(now, sizeof(now), "--%s%s%s: the scan of ", options[k].name,
			 options[k].value != NULL ? " " : "",
			 options[k].value != NULL ? options[k].value : "");
		refuse(line, now, ", which stays as it is; leave yours out, or start another scan");
	}
}

Test(resume_options, all_else_may_change)
{
	char line[128];

	for (size_t k = 0; k < OPTIONS; k++) {
		const struct option_spec *o = option_find(options[k].name);
		unsigned int times = 0;

		if (options[k].fixed || names_the_scan(options[k].name))
			continue;
		say_option(line, sizeof(line), k);
		cr_assert_eq(load(line), EXIT_DONE, "%s: %s", line, error.text);
		cr_expect(option_given(&config, options[k].name), "%s", line);
		for (size_t i = 0; i < config.ntyped; i++) {
			if (strcmp(config.typed[i].name, o->name) != 0)
				continue;
			times++;
			if (options[k].value != NULL)
				cr_expect_str_eq(config.typed[i].value, options[k].value, "%s", line);
		}
		cr_expect_eq(times, 1, "%s: said %u times", line, times);
	}
}

static enum exit_code turn(const char *from, const char *to)
{
	const struct checkpoint_option by[] = { { "", "10.0.0.0/8" }, { "io-engine", from } };
	char line[128];

	write_checkpoint(by, 2);
	snprintf(line, sizeof(line), "--resume F --io-engine %s", to);
	return load(line);
}

/* From a network to a network, and by the same one. */
Test(resume_options, engines_that_take_turns)
{
	static const char *const name[] = {
		"af_packet", "af_xdp", "dpdk", "sim", "null", "pcap:no-such-file"
	};
	const size_t n = sizeof(name) / sizeof(name[0]), wires = 3;

	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < n; k++) {
			const bool may = i == k || (i < wires && k < wires);

			cr_expect_eq(turn(name[i], name[k]), may ? EXIT_DONE : EXIT_COMMAND, "%s to %s: %s",
				     name[i], name[k], error.text);
			if (!may)
				cr_expect(strstr(error.text,
						 "only engines that send to a network can take turns"),
					  "%s", error.text);
		}
	for (size_t k = 0; io_engines[k] != NULL; k++) { /* one that is new */
		bool known = false;

		for (size_t i = 0; i < n; i++)
			known |= strncmp(name[i], io_engines[k]->name, strlen(io_engines[k]->name)) == 0;
		cr_expect(known, "%s", io_engines[k]->name);
	}
	/* nothing said is the default engine */
	write_checkpoint(then, 3);
	cr_expect_eq(load("--resume F --io-engine af_xdp"), EXIT_DONE);
	cr_expect_eq(load("--resume F --io-engine null"), EXIT_COMMAND);
	cr_expect(strstr(error.text, " has --io-engine af_packet, ") != NULL, "%s", error.text);
}

Test(resume_options, what_another_engine_does_not_know_is_left_behind)
{
	const struct checkpoint_option dpdk[] = { { "", "10.0.0.0/8" },
						  { "io-engine", "dpdk" },
						  { "interface", "net_af_packet0,iface=ens1" },
						  { "dpdk-eal", "--no-huge" } };
	const struct checkpoint_option sim[] = { { "", "10.0.0.0/8" },
						 { "io-engine", "sim" },
						 { "world", "seed=1" } };

	cr_expect_eq(load("--resume F --io-engine af_xdp"), EXIT_DONE);
	cr_expect(option_given(&config, "xdp-mode"));
	write_checkpoint(dpdk, 4);
	cr_expect_eq(load("--resume F --io-engine af_packet -i ens1"), EXIT_DONE, "%s", error.text);
	cr_expect_null(config.dpdk_eal);
	cr_expect_eq(config.interfaces.count, 1);
	cr_expect_str_eq(config.interfaces.item[0], "ens1");
	cr_expect_eq(load("--resume F --io-engine dpdk"), EXIT_DONE);
	cr_expect_str_eq(config.dpdk_eal, "--no-huge");
	write_checkpoint(sim, 3); /* the same engine is the same world */
	cr_expect_eq(load("--resume F --io-engine sim"), EXIT_DONE);
	cr_expect_str_eq(config.world, "seed=1");
}

Test(resume_options, a_file_of_probes_is_not_written_over)
{
	char here[80], other[128];
	const struct checkpoint_option pcap[] = { { "", "10.0.0.0/8" }, { "io-engine", here } };

	snprintf(here, sizeof(here), "pcap:%s.probes", file);
	snprintf(other, sizeof(other), "--resume F --io-engine %s.2", here);
	write_checkpoint(pcap, 2);
	cr_expect_eq(load("--resume F"), EXIT_DONE, "%s", error.text); /* it is not there */
	fclose(fopen(here + 5, "w"));
	cr_expect_eq(load("--resume F"), EXIT_DONE, "%s", error.text);
	cr_assert_eq(truncate(here + 5, 100), 0);
	cr_expect_eq(load("--resume F"), EXIT_COMMAND);
	cr_expect(strstr(error.text, "would be lost; add --io-engine pcap:ANOTHER-FILE") != NULL, "%s",
		  error.text);
	cr_expect_eq(load(other), EXIT_DONE, "%s", error.text);
	unlink(here + 5);
}
