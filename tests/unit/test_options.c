/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "tools/anyscan-pipe/aliases.c"
#include "tools/anyscan-pipe/option_parsers.c"
#include "tools/anyscan-pipe/option_table.c"
#include "tools/anyscan-pipe/options.c"

#define ARGS_MAX 16

static struct config config;
static struct error error;

/* Parses blank-separated words; "~" stands for a blank within one. */
static int parse(const char *line)
{
	static char copy[512];
	char *argv[ARGS_MAX + 2] = { (char[]){ "anyscan-pipe" } }, *rest = copy, *word;
	int argc = 1;

	options_free(&config);
	memset(&error, 0, sizeof(error));
	snprintf(copy, sizeof(copy), "%s", line);
	while (argc < ARGS_MAX && (word = strsep(&rest, " ")) != NULL)
		if (*word != '\0')
			argv[argc++] = word;
	return options_parse(argc, argv, &config, &error);
}

static void take(const char *line)
{
	cr_assert_eq(parse(line), 0, "%s: %s", line, error.text);
}

static void refuse(const char *line, const char *message)
{
	cr_assert_lt(parse(line), 0, "%s was taken", line);
	cr_expect_str_eq(error.text, message, "%s", line);
}

Test(options, defaults)
{
	take("");
	cr_expect_eq(config.task, TASK_SCAN);
	cr_expect_eq(config.rate.rate, 10000);
	cr_expect_eq(config.cooldown, 8);
	cr_expect_eq(config.probes, 1);
	cr_expect_eq(config.shards, 1);
	cr_expect_eq(config.shard, 0);
	cr_expect_eq(config.ttl, 64);
	cr_expect_eq(config.sport_first, 32768);
	cr_expect_eq(config.sport_last, 61000);
	cr_expect_eq(config.max_targets, UINT64_MAX);
	cr_expect_eq(config.max_results, UINT64_MAX);
	cr_expect_eq(config.max_send_failures, UINT64_MAX);
	cr_expect_eq(config.min_hitrate, 0);
	cr_expect_eq(config.dedup_memory, 1ULL << 30);
	cr_expect_eq(config.result_buffer, 256ULL << 20);
	cr_expect_eq(config.dedup, CHOICE_DEDUP_AUTO);
	cr_expect_eq(config.rst, CHOICE_RST_AUTO);
	cr_expect_eq(config.status_format, STATUS_CSV);
	cr_expect_str_eq(config.engine, "af_packet");
	cr_expect_str_eq(config.module, "tcp_synscan");
	cr_expect_str_eq(config.filter, "success = 1 && repeat = 0");
	cr_expect_null(config.ports);
	cr_expect_not(option_given(&config, "rate"));
}

Test(options, operands_stand_anywhere)
{
	take("192.0.2.1 -p 80 192.0.2.0/24 -q - -- -x");
	cr_assert_eq(config.targets.count, 4);
	cr_expect_str_eq(config.targets.item[0], "192.0.2.1");
	cr_expect_str_eq(config.targets.item[1], "192.0.2.0/24");
	cr_expect_str_eq(config.targets.item[2], "-");
	cr_expect_str_eq(config.targets.item[3], "-x");
	cr_expect_str_eq(config.ports, "80");
	cr_expect(config.quiet);
}

Test(options, rates)
{
	take("-r 10k");
	cr_expect_eq(config.rate.rate, 10000);
	take("--rate=2.5M");
	cr_expect_eq(config.rate.rate, 2500000);
	take("--rate 0.2");
	cr_expect_float_eq(config.rate.rate, 0.2, 1e-12);
	take("--rate 1g");
	cr_expect_eq(config.rate.rate, 1e9);
	cr_expect_eq(config.rate.range.ceiling, 0);
	take("--rate max");
	cr_expect_eq(config.rate.rate, 0);
	cr_expect(option_given(&config, "rate"));
	refuse("-r 0", "--rate 0: for no limit write --rate max");
	refuse("-r -5", "--rate: \"-5\" is not a number; write 10000, 10k, 2.5M or 0.2");
	refuse("-r 10kk", "--rate: \"10kk\" is not a number; write 10000, 10k, 2.5M or 0.2");
	refuse("-r 0x10", "--rate: \"0x10\" is not a number; write 10000, 10k, 2.5M or 0.2");
	refuse("-r inf", "--rate: \"inf\" is not a number; write 10000, 10k, 2.5M or 0.2");
	refuse("-r 1e999", "--rate: \"1e999\" is not a number; write 10000, 10k, 2.5M or 0.2");
	take("-r auto");
	cr_expect_eq(config.rate.rate, 1000);
	cr_expect_eq(config.rate.range.floor, 1000);
	cr_expect_eq(config.rate.range.ceiling, 100000);
	cr_expect_not(config.rate.ranged);
	take("-r auto:0.5-2.5M");
	cr_expect_eq(config.rate.rate, 0.5);
	cr_expect_eq(config.rate.range.floor, 0.5);
	cr_expect_eq(config.rate.range.ceiling, 2500000);
	cr_expect(config.rate.ranged);
	take("-r auto -r 5k"); /* the last one counts, as of every option */
	cr_expect_eq(config.rate.rate, 5000);
	cr_expect_eq(config.rate.range.ceiling, 0);
	refuse("-r automatic", "--rate automatic: write auto, or auto:FLOOR-CEILING, as auto:10k-2M");
	refuse("-r auto:", "--rate auto:: write auto, or auto:FLOOR-CEILING, as auto:10k-2M");
	refuse("-r auto:2M", "--rate auto:2M: write auto, or auto:FLOOR-CEILING, as auto:10k-2M");
	refuse("-r auto:-2M", "--rate: \"\" is not a number; write 10000, 10k, 2.5M or 0.2");
	refuse("-r auto:10k-max", "--rate: \"max\" is not a number; write 10000, 10k, 2.5M or 0.2");
	refuse("-r auto:2M-10k",
	       "--rate auto:2M-10k: the range is empty; write the lower rate first, above 0, as auto:10k-2M");
	refuse("-r auto:0-10k",
	       "--rate auto:0-10k: the range is empty; write the lower rate first, above 0, as auto:10k-2M");
}

Test(options, counts)
{
	take("-e 18446744073709551615");
	cr_expect_eq(config.seed, UINT64_MAX);
	take("-N 1.5k");
	cr_expect_eq(config.max_results, 1500);
	refuse("-e 18446744073709551616",
	       "--seed: 18446744073709551616 does not fit into 64 bits; the most is "
	       "18446744073709551615");
	refuse("-e -1", "--seed: \"-1\" is not a whole number; write digits, or 10k");
	refuse("-N 1.5", "--max-results: \"1.5\" is not a whole number; write digits, or 10k");
	refuse("-P 0", "--probes: 0 is too small; the least is 1");
	refuse("--probe-ttl 256", "--probe-ttl: 256 is too large; the most is 255");
}

Test(options, max_targets)
{
	take("-n 1000");
	cr_expect_eq(config.max_targets, 1000);
	take("-n 2.5%");
	cr_expect_float_eq(config.max_targets_percent, 2.5, 1e-12);
	cr_expect_eq(config.max_targets, UINT64_MAX);
	refuse("-n 0", "--max-targets 0: a scan of nothing; write 1 or more");
	refuse("-n 101%", "--max-targets: 101% is not a share; write above 0% and up to 100%");
}

Test(options, sizes_and_times)
{
	take("--dedup-memory 64M --result-buffer 1.5G -c 0.5 -t 90s");
	cr_expect_eq(config.dedup_memory, 64ULL << 20);
	cr_expect_eq(config.result_buffer, 3ULL << 29);
	cr_expect_float_eq(config.cooldown, 0.5, 1e-12);
	cr_expect_float_eq(config.max_runtime, 90, 1e-12);
	refuse("-c soon", "--cooldown-time: \"soon\" is not a time; write seconds, as 8 or 0.5");
	refuse("-c -1", "--cooldown-time: \"-1\" is not a time; write seconds, as 8 or 0.5");
	refuse("--dedup-memory 1k", "--dedup-memory: 1k is too small; the least is 1048576");
}

Test(options, shards)
{
	take("--shards 4 --shard 3");
	cr_expect_eq(config.shards, 4);
	cr_expect_eq(config.shard, 3);
	take("--shard 3/4");
	cr_expect_eq(config.shards, 4);
	cr_expect_eq(config.shard, 3);
	refuse("--shard 4/4", "--shard 4/4: shards are 0-based; the last of 4 is 3/4");
	refuse("--shard 1/0", "--shard 1/0: there can be 1 to 65535 shards; write n/N with such an N");
	refuse("--shard 1/4x", "--shard: \"1/4x\" is not n/N; write 0/4 for the first of four");
	refuse("--shard -1/4", "--shard: \"-1/4\" is not n/N; write 0/4 for the first of four");
	refuse("--shards 8 --shard 1/4", "--shard 1/4 and --shards 8 do not agree; write one of them");
}

Test(options, source_ports)
{
	take("-s 40000-40015");
	cr_expect_eq(config.sport_first, 40000);
	cr_expect_eq(config.sport_last, 40015);
	take("-s 1234");
	cr_expect_eq(config.sport_first, 1234);
	cr_expect_eq(config.sport_last, 1234);
	refuse("-s 5-4",
	       "--source-port: 5-4 is not a range of ports; write A-B within 1-65535, lower one first");
	refuse("-s 0-10",
	       "--source-port: 0-10 is not a range of ports; write A-B within 1-65535, lower one first");
	refuse("-s 1-70000",
	       "--source-port: 1-70000 is not a range of ports; write A-B within 1-65535, lower one first");
	refuse("-s high", "--source-port: \"high\" is not a port or a range; write 40000 or 32768-61000");
	refuse("-s 1-2-3", "--source-port: \"1-2-3\" is not a port or a range; write 40000 or 32768-61000");
}

Test(options, key)
{
	take("--validation-key 00112233445566778899aabbccddeeff");
	cr_expect_eq(config.key[0], 0x0011223344556677);
	cr_expect_eq(config.key[1], 0x8899aabbccddeeff);
	refuse("--validation-key 0011", "--validation-key: \"0011\" is not a key; write 32 hex digits");
}

Test(options, reserved_space)
{
	take("--include-reserved 10.0.0.0/8");
	cr_expect_eq(config.reserved, RESERVED_IN);
	cr_expect_eq(config.targets.count, 1, "a value that may be left out is only taken after '='");
	take("--include-reserved=all");
	cr_expect_eq(config.reserved, RESERVED_ALL);
	refuse("--include-reserved=some",
	       "--include-reserved=some: write --include-reserved or --include-reserved=all");
}

Test(options, stages_add_up)
{
	take("--stages gen=2,tx=4 -T 8 --receivers 3");
	cr_expect_eq(config.plan.count[PLAN_GEN], 2);
	cr_expect_eq(config.plan.count[PLAN_TX], 8);
	cr_expect_eq(config.plan.count[PLAN_RX], 3);
	cr_expect_lt(parse("--stages tx=0"), 0);
	cr_expect_lt(parse("--stages warp=9"), 0);
	cr_expect_lt(parse("-T many"), 0);
	refuse("--stages classify=2",
	       "--stages: \"classify=2\": there is one classify stage; write classify=1 or leave it out");
}

Test(options, cores)
{
	take("--cores 0-1,3");
	cr_expect_eq(CPU_COUNT(&config.cores), 3);
	cr_expect(CPU_ISSET(3, &config.cores));
	take("--cores 5 --cores 2");
	cr_expect_eq(CPU_COUNT(&config.cores), 1, "the last one counts");
	refuse("--cores 0,x",
	       "--cores: column 3: \"x\" is neither a CPU nor a range of them; write CPU numbers as 0-3,8");
}

Test(options, choices)
{
	take("--dedup-method window --status-format json");
	cr_expect_eq(config.dedup, CHOICE_DEDUP_WINDOW);
	cr_expect_eq(config.status_format, STATUS_JSON);
	take("--rst on");
	cr_expect_eq(config.rst, CHOICE_RST_ON);
	take("--rst=off");
	cr_expect_eq(config.rst, CHOICE_RST_OFF);
	refuse("--rst maybe", "--rst: there is no \"maybe\"; write one of auto, on, off");
	refuse("--dedup-method most",
	       "--dedup-method: there is no \"most\"; write one of auto, none, full, window");
}

Test(options, lists_keep_their_order)
{
	take("-b a -b b --exclude 1.2.3.4 --excludefile c -w d --whitelist-file e");
	cr_assert_eq(config.blocklists.count, 3);
	cr_expect_str_eq(config.blocklists.item[0], "a");
	cr_expect_str_eq(config.blocklists.item[1], "b");
	cr_expect_str_eq(config.blocklists.item[2], "c");
	cr_assert_eq(config.allowlists.count, 2);
	cr_expect_str_eq(config.allowlists.item[1], "e");
	cr_expect_eq(config.excludes.count, 1);
}

Test(options, names_of_the_predecessor_and_of_others)
{
	take("--target-range 192.0.2.0/24 --port 80 --batch 64 --range 198.51.100.0/24");
	cr_expect_eq(config.targets.count, 2);
	cr_expect_str_eq(config.ports, "80");
	cr_assert_eq(config.nnotes, 1);
	cr_expect_str_eq(config.notes[0], "--batch has no effect: the size of batches follows the rate");
}

Test(options, foreign_habits_are_answered)
{
	cr_expect_lt(parse("-iL list.txt"), 0);
	cr_expect_not_null(strstr(error.text, "-w FILE"));
	cr_expect_lt(parse("-oX out.xml"), 0);
	cr_expect_not_null(strstr(error.text, "no XML"));
	cr_expect_lt(parse("--retries 3"), 0);
	cr_expect_not_null(strstr(error.text, "--probes N"));
	cr_expect_lt(parse("--retries=3"), 0);
	cr_expect_not_null(strstr(error.text, "--probes N"));
	cr_expect_lt(parse("--wait 3"), 0);
	cr_expect_not_null(strstr(error.text, "--cooldown-time"));
	cr_expect_lt(parse("-X"), 0);
	cr_expect_lt(parse("-C file"), 0);
	cr_expect_lt(parse("-l file"), 0);
	take("--max-sendto-failures 3");
	cr_expect_eq(config.max_send_failures, 3);
	/* a value that only looks like one */
	take("-o -oX");
	cr_expect_str_eq(config.output_file, "-oX");
}

Test(options, percentages)
{
	take("--min-hitrate 0.5");
	cr_expect_eq(config.min_hitrate, 0.5);
	take("--min-hitrate 2%");
	cr_expect_eq(config.min_hitrate, 2);
	refuse("--min-hitrate 2k", "--min-hitrate: \"2k\" is not a percentage; write 0.5 or 0.5%");
	refuse("--min-hitrate 100.1", "--min-hitrate: 100.1 is more than all; write 100 or less");
}

Test(options, vlan_and_rst)
{
	take("");
	cr_expect_eq(config.vlan, 0);
	cr_expect_eq(config.rst, CHOICE_RST_AUTO);
	take("--vlan 4094 --rst off");
	cr_expect_eq(config.vlan, 4094);
	cr_expect_eq(config.rst, CHOICE_RST_OFF);
	take("--adapter-vlan 1 --rst on");
	cr_expect_eq(config.vlan, 1);
	cr_expect_eq(config.rst, CHOICE_RST_ON);
	refuse("--vlan 0", "--vlan: 0 is too small; the least is 1");
	refuse("--vlan 4095", "--vlan: 4095 is too large; the most is 4094");
	refuse("--rst maybe", "--rst: there is no \"maybe\"; write one of auto, on, off");
}

/* With --checkpoint-file it takes no value; else the next word is its value, joined or not. */
Test(options, resume)
{
	take("--resume f");
	cr_expect_str_eq(config.resume, "f");
	cr_expect_eq(config.targets.count, 0);
	take("-q --resume f 10.0.0.0/8");
	cr_expect_str_eq(config.resume, "f");
	cr_expect_eq(config.targets.count, 1);
	take("--resume=f 10.0.0.0/8");
	cr_expect_str_eq(config.resume, "f");
	cr_expect_eq(config.targets.count, 1);
	take("--resume -q");
	cr_expect_str_eq(config.resume, "");
	cr_expect(config.quiet);
	take("10.0.0.0/8 --resume");
	cr_expect_str_eq(config.resume, "");
	take("--checkpoint-file f --resume 10.0.0.0/8");
	cr_expect_str_eq(config.resume, "");
	cr_expect_str_eq(config.checkpoint_file, "f");
	cr_expect_eq(config.targets.count, 1);
	take("--resume 10.0.0.0/8 --checkpoint-file=f");
	cr_expect_str_eq(config.resume, "");
	cr_expect_eq(config.targets.count, 1);
	take("");
	cr_expect_null(config.resume);
	cr_expect_eq(config.checkpoint_interval, 5);
	refuse("--checkpoint-interval 0", "--checkpoint-interval 0: write 0.01 seconds or more");
}

/* By our names, as a checkpoint keeps them. */
Test(options, typed)
{
	static const char *const names[] = { "stages", "", "target-ports", "seed", "quiet", "rate", "" };
	static const char *const values[] = { "tx=2", "1.1.1.1", "80", "7", NULL, "5k", "-" };

	take("-T 2 --target-range 1.1.1.1 --port=80 -e 7 -q --max-rate 5k -- -");
	cr_assert_eq(config.ntyped, 7);
	for (size_t i = 0; i < 7; i++) {
		cr_expect_str_eq(config.typed[i].name, names[i]);
		if (values[i] == NULL)
			cr_expect_null(config.typed[i].value);
		else
			cr_expect_str_eq(config.typed[i].value, values[i]);
	}
}

Test(options, icmp)
{
	take("--icmp 192.0.2.1");
	cr_expect(config.icmp);
	take("--ping 192.0.2.1"); /* masscan's */
	cr_expect(config.icmp);
	refuse("--icmp=1", "--icmp takes no value; write --icmp");
}

Test(options, a_remark)
{
	take("--notes x");
	cr_expect_str_eq(config.remark, "x");
}

Test(options, unknown)
{
	refuse("--cooldwn-time 5", "there is no option --cooldwn-time; did you mean --cooldown-time?");
	refuse("--rat 5", "there is no option --rat; did you mean --rate?");
	refuse("--output-f x", "there is no option --output-f; did you mean --output-file?");
	refuse("--frobnicate=1", "there is no option --frobnicate; --help lists all");
	refuse("-Z", "there is no option -Z; --help lists all");
	refuse("-qZ", "there is no option -Z; --help lists all");
}

Test(options, values_missing_or_too_many)
{
	refuse("--rate", "--rate needs a value; --help says which");
	refuse("-p", "-p needs a value; --help says which");
	refuse("--fuse=1", "--fuse takes no value; write --fuse");
	refuse("-o= --output-file=",
	       "--output-file: the value is empty; write --output-file FILE, or leave it out");
}

Test(options, help_wins)
{
	take("-d --help");
	cr_expect_eq(config.task, TASK_HELP);
	take("--version -d");
	cr_expect_eq(config.task, TASK_VERSION);
	take("--fast-dryrun");
	cr_expect_eq(config.task, TASK_LISTING);
}

Test(options, the_tables_are_sound)
{
	bool letters[128] = { false };
	size_t rows = 0, foreign = 0;

	for (const struct option_spec *o = option_table; o->name != NULL; o++, rows++) {
		cr_expect_eq(option_find(o->name), o, "%s is there twice", o->name);
		cr_expect_not_null(o->help);
		if (o->letter == 0)
			continue;
		cr_expect_not(letters[(int)o->letter], "-%c is there twice", o->letter);
		letters[(int)o->letter] = true;
	}
	cr_expect_lt(rows, OPTIONS_MAX);
	for (const struct foreign_option *f = foreign_options; f->means != NULL; f++, foreign++) {
		if (f->name != NULL)
			cr_expect_null(option_find(f->name), "%s is ours", f->name);
		if (f->letter != 0)
			cr_expect_not(letters[(int)f->letter], "-%c is ours", f->letter);
		if (f->kind == FOREIGN_ALIAS)
			cr_expect_not_null(option_find(f->means), "%s stands for nothing", f->name);
	}
	cr_expect_lt(foreign, FOREIGN_MAX);
}

Test(options, nearest_name)
{
	static const char *const names[] = { "rate", "range", "output-file", NULL };

	cr_expect_str_eq(nearest_name("rtae", names), "rate");
	cr_expect_str_eq(nearest_name("outputfile", names), "output-file");
	cr_expect_null(nearest_name("zzzzzz", names));
}
