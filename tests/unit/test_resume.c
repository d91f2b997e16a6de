/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/resume_rig.h"

TestSuite(resume, .init = prepare, .fini = clean);

Test(resume, nothing_else_is_needed)
{
	cr_assert_eq(load("--resume F"), EXIT_DONE, "%s", error.text);
	cr_expect_eq(config.targets.count, 2);
	cr_expect_str_eq(config.targets.item[1], "11.0.0.0/8");
	cr_expect_str_eq(config.ports, "80");
	cr_expect_eq(config.reserved, RESERVED_IN);
	cr_expect_eq(config.rate.rate, 5000);
	cr_expect_str_eq(config.output_file, "/folder/found"); /* wherever we are now */
	cr_expect_str_eq(config.checkpoint_file, file);
	cr_expect_str_eq(config.engine, "af_xdp");
	cr_expect_str_eq(xdp_mode_choices[config.xdp_mode], "copy");
	cr_expect(config.plan.fuse);
	cr_expect_eq(resume.from.seed, UINT64_MAX - 3);
	cr_expect_not(resume.over);
}

Test(resume, what_may_change)
{
	cr_assert_eq(load("--resume F -r 7k --io-engine af_packet --stages gen=2 -m meta -n 5"), EXIT_DONE,
		     "%s", error.text);
	cr_expect_eq(config.rate.rate, 7000);
	cr_expect_str_eq(config.engine, "af_packet");
	cr_expect_not(option_given(&config, "xdp-mode"));
	cr_expect_not(config.plan.fuse);
	cr_expect_str_eq(config.metadata_file, "meta");
	cr_expect_eq(config.max_targets, 5);
	cr_expect_eq(config.targets.count, 2);
	cr_assert_eq(load("--resume F -r auto:2k-8k"), EXIT_DONE, "%s", error.text);
	cr_expect_eq(config.rate.rate, 2000);
	cr_expect_eq(config.rate.range.ceiling, 8000);
	cr_assert_eq(load("--resume F -B 1M"), EXIT_DONE, "%s", error.text);
	cr_expect_not(option_given(&config, "rate"));
}

Test(resume, the_same_again)
{
	cr_assert_eq(
		load("--checkpoint-file F --resume 10.0.0.0/8 -p 80 11.0.0.0/8 -e 18446744073709551612 --probes 1"),
		EXIT_DONE, "%s", error.text);
	cr_expect_eq(config.targets.count, 2);
	cr_assert_eq(load("--checkpoint-file F --resume=F"),
		     EXIT_COMMAND); /* F is a file here only as a word of its own */
}

Test(resume, what_may_not)
{
	refuse("--resume F -p 443", "--target-ports 443: ", " has --target-ports 80, which stays");
	refuse("--resume F 10.0.0.0/8", "10.0.0.0/8: ", " has 10.0.0.0/8 11.0.0.0/8, ");
	refuse("--resume F -e 7", "--seed 7: ", " has --seed 18446744073709551612, ");
	refuse("--resume F -w list", "--allowlist-file list: ", " has no --allowlist-file, ");
	refuse("--resume F --include-reserved=all", "--include-reserved all: ", " has --include-reserved, ");
	refuse("--resume F --shards 2", "--shards 2: ", " has --shards 1, ");
	refuse("--resume F -O json", "--output-module json: ", " has --output-module csv, ");
	refuse("--resume F -f saddr", "--output-fields saddr: ", " has no --output-fields, ");
	refuse("--resume F -o other", "--output-file other: ", " has --output-file /folder/found, ");
	refuse("--resume F --output-filter repeat=0",
	       "--output-filter repeat=0: ", " has --output-filter success = 1 && repeat = 0, ");
	refuse("--resume", "--resume: of which scan?", "write --resume FILE");
	refuse("--checkpoint-file other --resume=F",
	       "--resume=F and --checkpoint-file other: ", "--resume F alone");
}

Test(resume, the_module_by_its_other_name)
{
	const struct checkpoint_option icmp[] = { { "", "10.0.0.0/8" }, { "icmp", NULL } };

	write_checkpoint(icmp, 2);
	cr_expect_eq(load("--resume F -M icmp_echoscan"), EXIT_DONE, "%s", error.text);
	refuse("--resume F -M tcp_synscan",
	       "--probe-module tcp_synscan: ", " has --probe-module icmp_echoscan, ");
}

Test(resume, files)
{
	cr_assert_eq(load("--resume /nonexistent/f"), EXIT_INPUT);
	cr_expect(strstr(error.text, "/nonexistent/f: No such file") != NULL, "%s", error.text);
	cr_assert_eq(load("--checkpoint-file /nonexistent/f --resume 1.1.1.1"), EXIT_DONE);
	cr_expect_null(resume.from.memory);
	cr_expect_eq(config.targets.count, 1);
	cr_assert_eq(load("--resume /dev/null"), EXIT_INPUT);
	cr_expect(strstr(error.text, "/dev/null is not a checkpoint of anyscan-pipe") != NULL, "%s",
		  error.text);
	cr_assert_eq(truncate(file, 500), 0);
	cr_assert_eq(load("--resume F"), EXIT_INPUT);
	cr_expect(strstr(error.text, "damaged or cut off") != NULL, "%s", error.text);
}

Test(resume, finished)
{
	struct checkpoint c = sample();

	c.nremaining = 0;
	c.finished = true;
	cr_assert_eq(checkpoint_write(file, &c, &error), 0);
	cr_assert_eq(load("--resume F"), EXIT_DONE);
	cr_expect(resume.over);
}

Test(resume, the_one_before_goes_on_in_its_place)
{
	char line[128], previous[96];
	const struct checkpoint c = sample();

	cr_assert_eq(checkpoint_write(file, &c, &error), 0);
	snprintf(previous, sizeof(previous), "%s" CHECKPOINT_PREVIOUS, file);
	snprintf(line, sizeof(line), "--resume %s", previous);
	cr_assert_eq(load(line), EXIT_DONE, "%s", error.text);
	cr_expect_str_eq(config.checkpoint_file, file);
}
