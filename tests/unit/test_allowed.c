/* SPDX-License-Identifier: Apache-2.0 */
/* What of the targets is left: exclusions, special-purpose space and the policy of the host's owner. */
#include <criterion/criterion.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define ANYSCAN_POLICY_DIR "/tmp/anyscan-pipe-test-policy"

#include "tools/anyscan-pipe/aliases.c"
#include "tools/anyscan-pipe/log_file.c"
#include "tools/anyscan-pipe/option_parsers.c"
#include "tools/anyscan-pipe/option_table.c"
#include "tools/anyscan-pipe/options.c"
#include "tools/anyscan-pipe/screen.c"
#include "tools/anyscan-pipe/side_file.c"
#include "tools/anyscan-pipe/targets.c"

static struct config config;
static struct scan scan;
static struct error error;

static void release(void)
{
	if (scan.domain != NULL)
		domain_destroy(scan.domain);
	ports_free(&scan.ports);
	options_free(&config);
}

static enum exit_code build(const char *line)
{
	static char copy[512];
	char *argv[16] = { (char[]){ "anyscan-pipe" } }, *rest = copy, *word;
	int argc = 1;

	release();
	memset(&scan, 0, sizeof(scan));
	memset(&error, 0, sizeof(error));
	screen_init(LEVEL_ERROR, false);
	snprintf(copy, sizeof(copy), "%s", line);
	while (argc < 15 && (word = strsep(&rest, " ")) != NULL)
		argv[argc++] = word;
	cr_assert_eq(options_parse(argc, argv, &config, &error), 0, "%s", error.text);
	scan.config = &config;
	scan.options.module = probe_find(config.icmp ? "icmp_echoscan" : "tcp_synscan");
	return scan_targets(&scan, &error);
}

static void expect(const char *line, uint64_t size, uint64_t excluded)
{
	const enum exit_code code = build(line);

	cr_assert_eq(code, EXIT_DONE, "%s: %s", line, error.text);
	cr_expect_eq(domain_size(scan.domain), size, "%s: %lu", line, domain_size(scan.domain));
	cr_expect_eq(scan.excluded, excluded, "%s: %lu", line, scan.excluded);
}

static void refuse(const char *line, enum exit_code code, const char *phrase)
{
	const enum exit_code got = build(line);

	cr_assert_eq(got, code, "%s: %d %s", line, got, error.text);
	cr_expect_not_null(strstr(error.text, phrase), "%s: %s", line, error.text);
}

static void policy(const char *name, const char *text)
{
	char path[256];
	FILE *file;

	mkdir(ANYSCAN_POLICY_DIR, 0700);
	snprintf(path, sizeof(path), ANYSCAN_POLICY_DIR "/%s", name);
	file = fopen(path, "w");
	fputs(text, file);
	fclose(file);
}

static void no_policy(void)
{
	unlink(ANYSCAN_POLICY_DIR "/blocklist.conf");
	unlink(ANYSCAN_POLICY_DIR "/allowlist.conf");
	rmdir(ANYSCAN_POLICY_DIR);
	release();
}

static void clean(void)
{
	no_policy();
	memset(&scan, 0, sizeof(scan));
	memset(&config, 0, sizeof(config));
}

/* one test, in order: the policy's directory has one name */
/* history 15 */
Test(allowed, all, .init = clean, .fini = no_policy)
{
	expect("-p 80 8.8.8.0/24", 256, 0);
	expect("-p 80,443 8.8.8.0/24,8.8.9.1 8.8.8.7", 514, 0);
	expect("-p 80,443 8.8.8.0/24 --exclude 8.8.8.0-8.8.8.9", 492, 20);
	expect("-p 80 10.0.0.0/24 8.8.8.8", 1, 256);
	expect("-p 80 10.0.0.0/24 8.8.8.8 --include-reserved", 257, 0);
	expect("-p 80 127.0.0.0/24 8.8.8.8 --include-reserved", 1, 256);
	expect("-p 80 127.0.0.0/24 8.8.8.8 --include-reserved=all", 257, 0);

	refuse("-p 80 10.0.0.0/24", EXIT_INPUT,
	       "no targets are left: 256 of your 256 targets are excluded by the special-purpose registry [private-use, "
	       "RFC 1918] (--include-reserved)");
	refuse("-p 80 8.8.8.8 --exclude 8.0.0.0/8", EXIT_INPUT,
	       "no targets are left: 1 of your 1 targets are excluded by --exclude");
	refuse("-p 80 8.8.8.8 --exclude 8.0.0.0/99", EXIT_INPUT, "--exclude: ");
	refuse("-p http 8.8.8.8", EXIT_COMMAND, "--target-ports: ");

	/* nested, twice, overlapping, touching, in any order; all of it; both ends of the address space */
	expect("-p 80 8.8.8.0/24 --exclude 8.8.8.0/28,8.8.8.4,8.8.8.0/30", 240, 16);
	expect("-p 80 8.8.8.0/24 --exclude 8.8.8.7 --exclude 8.8.8.7,8.8.8.7/32", 255, 1);
	expect("-p 80 8.8.8.0/24 --exclude 8.8.8.20-8.8.8.40,8.8.8.10-8.8.8.30,8.8.8.41", 224, 32);
	expect("-p 80 8.8.8.0/24 --exclude 8.8.7.0-8.8.8.9,8.8.8.250-8.8.9.9", 240, 16);
	refuse("-p 80 8.8.8.0/24 --exclude 0.0.0.0/0", EXIT_INPUT,
	       "256 of your 256 targets are excluded by --exclude");
	expect("-p 80 255.255.255.0/24 --include-reserved=all --exclude 255.255.255.255/32", 255, 1);
	expect("-p 80 0.0.0.0/24 --include-reserved=all --exclude 0.0.0.0", 255, 1);
	policy("exclude", "\xef\xbb\xbf"
			  "8.8.8.0/25\r\n\r\n# ours\r\n8.8.8.64/26 # within\n 8.8.8.128");
	expect("-p 80 8.8.8.0/24 -b " ANYSCAN_POLICY_DIR "/exclude", 127, 129);
	unlink(ANYSCAN_POLICY_DIR "/exclude");

	/* pairs of a list: their own ports, no -p, exclusions as for all; what ranges hold too counts once */
	policy("list", "8.8.8.8:80\n8.8.8.8:443\n8.8.8.8:80\n10.0.0.1:22 # private\n");
	expect("-I " ANYSCAN_POLICY_DIR "/list", 2, 1);
	expect("-I " ANYSCAN_POLICY_DIR "/list --include-reserved", 3, 0);
	expect("-I " ANYSCAN_POLICY_DIR "/list -p 80 8.8.8.0/30", 6, 1);
	expect("-I " ANYSCAN_POLICY_DIR "/list -p 80 8.8.8.0/24", 257, 1);
	expect("-I " ANYSCAN_POLICY_DIR "/list -p 80,443 8.8.8.0/24 --exclude 8.8.8.0/28", 480, 33);
	refuse("-I " ANYSCAN_POLICY_DIR "/list --exclude 8.8.8.8", EXIT_INPUT,
	       "no targets are left: 1 of your 2 targets are excluded by");
	refuse("-I " ANYSCAN_POLICY_DIR "/list --icmp", EXIT_INPUT,
	       "/list: some lines have a port, and icmp_echoscan has none");
	unlink(ANYSCAN_POLICY_DIR "/list");

	/* hosts, one of each */
	expect("--icmp 8.8.8.0/24 --exclude 8.8.8.0/28", 240, 16);
	refuse("8.8.8.8 -I /dev/null", EXIT_COMMAND, "some lines have no port");

	/* large scans ask */
	refuse("-p 80 0.0.0.0/1", EXIT_INPUT, "--yes-large-scan");
	cr_expect_eq(build("-p 80 0.0.0.0/1 --yes-large-scan"), EXIT_DONE);
	cr_expect_eq(build("-p 80 0.0.0.0/1 -n 1000"), EXIT_DONE);
	cr_expect_eq(scan.options.max_targets, 1000);
	cr_expect_eq(build("-p 80 8.8.8.0/24 -n 10%"), EXIT_DONE);
	cr_expect_eq(scan.options.max_targets, 26);
	cr_expect_eq(build("-p 80 8.8.8.0/24 -n 100% --shard 0/4 -e 1"), EXIT_DONE);
	cr_expect_eq(scan.options.max_targets, 64);

	/* duplicate detection: 2^24 targets need 4 MiB, and what is chosen here must be what the pipeline makes */
	cr_expect_eq(build("-p 80 8.0.0.0/8 --dedup-memory 3M"), EXIT_DONE);
	cr_expect_eq(scan.options.dedup, DEDUP_WINDOW);
	cr_expect_eq(build("-p 80 8.0.0.0/8 --dedup-memory 4M"), EXIT_DONE);
	cr_expect_eq(scan.options.dedup, DEDUP_FULL);
	cr_expect_eq(build("-p 80 8.0.0.0/8 --dedup-memory 3M --dedup-method full"), EXIT_COMMAND);
	cr_expect_eq(build("-p 80 8.8.8.8 --dedup-method none"), EXIT_DONE);
	cr_expect_eq(scan.options.dedup, DEDUP_NONE);

	/* the owner's word is last, and no option widens it */
	policy("blocklist.conf", "8.8.8.0/25 # ours\n");
	expect("-p 80 8.8.8.0/24 --include-reserved=all", 128, 128);
	policy("allowlist.conf", "8.8.8.0/24\n10.0.0.0/8\n");
	expect("-p 80 8.8.8.0/23 10.0.0.0/24", 128, 640);
	expect("-p 80 8.8.8.0/23 10.0.0.0/24 --include-reserved=all", 384, 384);
	refuse("-p 80 8.8.4.4", EXIT_INPUT,
	       "no targets are left: 1 of your 1 targets are excluded by " ANYSCAN_POLICY_DIR
	       "/allowlist.conf");
	policy("blocklist.conf", "everything\n");
	refuse("-p 80 8.8.8.0/24", EXIT_INPUT, ANYSCAN_POLICY_DIR "/blocklist.conf:1:1");
}
