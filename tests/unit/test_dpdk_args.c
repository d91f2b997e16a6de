/* SPDX-License-Identifier: Apache-2.0 */
/* The argv that the EAL gets: the user's words as typed, and before them only what they lack. */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "io/dpdk/eal_args.h"

#define ALWAYS "--file-prefix anyscan-77 --no-telemetry -a 0000:00:00.0"

static const struct dpdk_host host = { .cpu = 3, .pid = 77, .hugepages = true };

/* argv without the program's name, joined by blanks. */
static const char *joined(const char *args, const struct dpdk_host *on)
{
	static char text[1024];
	struct dpdk_argv a;
	struct error e = { .code = 0 };

	cr_assert_eq(dpdk_argv_make(args, on, &a, &e), 0, "%s", e.text);
	cr_assert_str_eq(a.argv[0], "anyscan");
	cr_assert_null(a.argv[a.argc]);
	text[0] = '\0';
	for (int i = 1; i < a.argc; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i > 1 ? " " : "",
			 a.argv[i]);
	dpdk_argv_free(&a);
	return text;
}

Test(dpdk_args, nothing_given)
{
	cr_assert_str_eq(joined(NULL, &host), "-l 3 --in-memory " ALWAYS);
	cr_assert_str_eq(joined("  ", &host), "-l 3 --in-memory " ALWAYS);
}

Test(dpdk_args, spellings_arrive_as_typed)
{
	static const char *const spelling[] = {
		"--socket-mem 1024",
		"--socket-mem=1024",
		"--socket-mem 512,512",
		"-m 512",
		"-m512",
		"-n4",
		"-n 4",
		"--vdev=net_null0",
		"--vdev net_null0,copy=1",
		"--iova-mode=va",
		"--single-file-segments",
		"--huge-worker-stack=8",
	};

	for (size_t i = 0; i < sizeof(spelling) / sizeof(spelling[0]); i++) {
		char expected[256];

		snprintf(expected, sizeof(expected), "-l 3 --in-memory " ALWAYS " %s", spelling[i]);
		cr_assert_str_eq(joined(spelling[i], &host), expected);
	}
}

Test(dpdk_args, words_are_a_shells)
{
	struct dpdk_argv a;
	const char *args =
		"\t-m 64  --vdev 'net_pcap0,rx_pcap=a b' --vdev=\"net_pcap1,tx_pcap=c\\\"d\" e\\ f ''\n";
	static const char *const expected[] = {
		"-m", "64", "--vdev", "net_pcap0,rx_pcap=a b", "--vdev=net_pcap1,tx_pcap=c\"d", "e f", "",
	};
	const int words = sizeof(expected) / sizeof(expected[0]);

	cr_assert_eq(dpdk_argv_make(args, &host, &a, NULL), 0);
	for (int i = 0; i < words; i++)
		cr_assert_str_eq(a.argv[a.argc - words + i], expected[i]);
	dpdk_argv_free(&a);
}

Test(dpdk_args, given_is_not_added)
{
	static const struct {
		const char *args, *all;
	} row[] = {
		{ "-l 1", "--in-memory " ALWAYS " -l 1" },
		{ "-l1", "--in-memory " ALWAYS " -l1" },
		{ "-c 0x2", "--in-memory " ALWAYS " -c 0x2" },
		{ "--lcores 0@1", "--in-memory " ALWAYS " --lcores 0@1" },
		{ "--lcores=0@1", "--in-memory " ALWAYS " --lcores=0@1" },
		{ "--in-memory", "-l 3 " ALWAYS " --in-memory" },
		{ "--in-mem", "-l 3 " ALWAYS " --in-mem" },
		{ "--file-prefix x", "-l 3 --in-memory --no-telemetry -a 0000:00:00.0 --file-prefix x" },
		{ "--file-prefix=x", "-l 3 --in-memory --no-telemetry -a 0000:00:00.0 --file-prefix=x" },
		{ "--huge-dir /h", "-l 3 " ALWAYS " --huge-dir /h" },
		{ "--huge-unlink=never", "-l 3 " ALWAYS " --huge-unlink=never" },
		{ "--telemetry", "-l 3 --in-memory --file-prefix anyscan-77 -a 0000:00:00.0 --telemetry" },
		{ "-a 0000:00:06.0",
		  "-l 3 --in-memory --file-prefix anyscan-77 --no-telemetry -a 0000:00:06.0" },
		{ "--allow=0000:00:06.0",
		  "-l 3 --in-memory --file-prefix anyscan-77 --no-telemetry --allow=0000:00:06.0" },
		{ "--no-pci", "-l 3 --in-memory --file-prefix anyscan-77 --no-telemetry --no-pci" },
		/* fatal together in 22.11 */
		{ "--no-huge", "-l 3 -m 1024 --no-shconf " ALWAYS " --no-huge" },
		{ "--no-huge -m 64", "-l 3 --no-shconf " ALWAYS " --no-huge -m 64" },
		{ "--no-huge -m64", "-l 3 --no-shconf " ALWAYS " --no-huge -m64" },
		{ "--no-huge --no-shconf", "-l 3 -m 1024 " ALWAYS " --no-huge --no-shconf" },
		/* what follows it is not for the EAL */
		{ "-- -l 1", "-l 3 --in-memory " ALWAYS " -- -l 1" },
	};

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		cr_assert_str_eq(joined(row[i].args, &host), row[i].all);
}

Test(dpdk_args, without_huge_pages)
{
	const struct dpdk_host bare = { .cpu = 0, .pid = 77 };
	struct dpdk_argv a;

	cr_assert_str_eq(joined("", &bare), "-l 0 --no-huge -m 1024 --no-shconf " ALWAYS);
	cr_assert_str_eq(joined("-m 64", &bare), "-l 0 --no-huge --no-shconf " ALWAYS " -m 64");
	/* who asks for huge pages gets what the EAL says about it */
	cr_assert_str_eq(joined("--in-memory", &bare), "-l 0 " ALWAYS " --in-memory");
	cr_assert_str_eq(joined("--single-file-segments", &bare),
			 "-l 0 --in-memory " ALWAYS " --single-file-segments");
	cr_assert_eq(dpdk_argv_make(NULL, &bare, &a, NULL), 0);
	cr_assert(strstr(a.remark, "nr_hugepages"), "and it is said");
	dpdk_argv_free(&a);
	cr_assert_eq(dpdk_argv_make("--no-huge", &bare, &a, NULL), 0);
	cr_assert_str_eq(a.remark, "", "not to him who asked for it");
	dpdk_argv_free(&a);
}

Test(dpdk_args, many_cores)
{
	const struct dpdk_host big = { .cpu = 127, .pid = 77, .hugepages = true },
			       bigger = { .cpu = 128, .pid = 77, .hugepages = true };

	cr_assert_str_eq(joined(NULL, &big), "-l 127 --in-memory " ALWAYS);
	cr_assert_str_eq(joined(NULL, &bigger), "--lcores 0@128 --in-memory " ALWAYS);
}

Test(dpdk_args, refused)
{
	struct dpdk_argv a;
	struct error e = { .code = 0 };

	cr_assert_eq(dpdk_argv_make("--vdev 'net_null0", &host, &a, &e), -EINVAL);
	cr_assert(strstr(e.text, "quotation mark '"), "%s", e.text);
	cr_assert_eq(dpdk_argv_make("--help", &host, &a, &e), -EINVAL);
	cr_assert_eq(dpdk_argv_make("-h", &host, &a, &e), -EINVAL);
}

Test(dpdk_args, files)
{
	static const struct {
		const char *args;
		bool files;
	} row[] = { { "", false },
		    { "--no-huge", false },
		    { "--huge-dir /h", true },
		    { "--huge-dir /h --no-huge", true },
		    { "--huge-unlink=never --in-memory", false },
		    { "--legacy-mem --no-shconf", false } };
	struct dpdk_argv a;

	for (size_t i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		cr_assert_eq(dpdk_argv_make(row[i].args, &host, &a, NULL), 0);
		cr_assert_eq(a.files, row[i].files, "%s", row[i].args);
		dpdk_argv_free(&a);
	}
}

Test(dpdk_args, log)
{
	struct dpdk_argv a;

	cr_assert_eq(dpdk_argv_make("--log-level=8", &host, &a, NULL), 0);
	cr_assert(a.verbose);
	dpdk_argv_free(&a);
	cr_assert_eq(dpdk_argv_make("-m 64", &host, &a, NULL), 0);
	cr_assert_not(a.verbose);
	dpdk_argv_free(&a);
}
