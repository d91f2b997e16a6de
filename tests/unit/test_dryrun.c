/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "io/dryrun/probe_text.h"
#include "io/engines.h"
#include "tests/unit/syn_frame.h"

static char path[64];
static struct io_link link_;
static struct io_port *port;
static struct io_txq *queue;
static struct error error;

static void make_path(void)
{
	snprintf(path, sizeof(path), "/tmp/anyscan-test-dryrun-%d", (int)getpid());
}

static void remove_path(void)
{
	unlink(path);
}

TestSuite(dryrun, .init = make_path, .fini = remove_path);

static int open_port(const char *name, unsigned int queues)
{
	struct io_port_options opt = {
		.link = &link_, .tx_queues = queues, .frames = 512, .frame_len = SYN_LEN
	};
	int r = dryrun_ops.find_link(name, &link_, &error);

	if (r == 0)
		r = dryrun_ops.open(&opt, &port, &error);
	return r == 0 ? dryrun_ops.tx_open(port, 0, &queue, &error) : r;
}

static unsigned int submit(unsigned int first, unsigned int n)
{
	uint8_t *frame[300];
	uint16_t len[300];
	unsigned int accepted;

	for (unsigned int i = 0; i < n; i++) {
		frame[i] = queue->frames + i * queue->stride;
		len[i] = SYN_LEN;
		syn_compose(frame[i], 0x0a000000 + first + i, 80, 40000, 1000000 + first + i);
	}
	accepted = dryrun_ops.tx_submit(queue, frame, len, n);
	cr_assert_eq(dryrun_ops.tx_reclaim(queue, frame, 300), accepted);
	return accepted;
}

/* The file is the text of probes 0..n of the sequence. */
static void expect_file(unsigned int n)
{
	FILE *f = fopen(path, "r");
	char text[PROBE_TEXT_MAX], got[PROBE_TEXT_MAX];
	uint8_t frame[SYN_LEN];

	for (unsigned int i = 0; i < n; i++) {
		size_t size;

		syn_compose(frame, 0x0a000000 + i, 80, 40000, 1000000 + i);
		size = probe_text(frame, SYN_LEN, text);
		cr_assert_eq(fread(got, 1, size, f), size, "probe %u of %u", i, n);
		cr_assert_eq(memcmp(got, text, size), 0, "probe %u: %.*s", i, (int)size, got);
	}
	cr_assert_eq(fgetc(f), EOF);
	fclose(f);
}

Test(dryrun, text_of_a_probe)
{
	static const char expected[] =
		"tcp { source: 40000 | dest: 443 | seq: 4294967295 | checksum: 0x%04x }\n"
		"ip { saddr: 198.18.0.1 | daddr: 203.0.113.7 | checksum: 0x%04x }\n"
		"eth { shost: 02:00:00:00:00:01 | dhost: 02:00:00:00:00:02 }\n"
		"------------------------------------------------------\n";
	char text[PROBE_TEXT_MAX], want[PROBE_TEXT_MAX];
	uint8_t frame[SYN_LEN];
	size_t n;

	syn_compose(frame, 0xcb007107, 443, 40000, 0xffffffff);
	n = probe_text(frame, SYN_LEN, text);
	snprintf(want, sizeof(want), expected, syn_get(frame + 50, 2), syn_get(frame + 24, 2));
	cr_assert_eq(n, strlen(want));
	cr_assert_str_eq(text, want);
}

Test(dryrun, broken_frames_stay_within_bounds)
{
	char text[PROBE_TEXT_MAX];
	uint8_t full[SYN_LEN];

	syn_compose(full, 0xffffffff, 65535, 65535, 0xffffffff);
	for (size_t len = 0; len <= SYN_LEN; len++) {
		for (unsigned int ihl = 0; ihl < 16; ihl++) {
			uint8_t *copy = malloc(len > 0 ? len : 1); /* exact: ASan sees a read beyond it */

			memcpy(copy, full, len);
			if (len > 14)
				copy[14] = (uint8_t)(0x40 | ihl);
			cr_assert_lt(probe_text(copy, len, text), PROBE_TEXT_MAX);
			free(copy);
		}
	}
}

Test(dryrun, probes_in_order)
{
	cr_assert_eq(open_port(path, 1), 0, "%s", error.text);
	for (unsigned int i = 0; i < 3000; i += 300)
		cr_assert_eq(submit(i, 300), 300);
	expect_file(3000);
	cr_assert_eq(dryrun_ops.tx_flush(queue), 0);
	dryrun_ops.close(port);
}

Test(dryrun, a_full_disk_ends_with_a_whole_probe)
{
	struct rlimit limit = { 0, RLIM_INFINITY };
	struct reading reading[4];
	char text[PROBE_TEXT_MAX];
	uint8_t frame[SYN_LEN];

	signal(SIGXFSZ, SIG_IGN);
	for (unsigned int i = 0; i < 200; i++) {
		syn_compose(frame, 0x0a000000 + i, 80, 40000, 1000000 + i);
		limit.rlim_cur += probe_text(frame, SYN_LEN, text);
	}
	limit.rlim_cur += 100;
	cr_assert_eq(open_port(path, 1), 0, "%s", error.text);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_assert_eq(submit(0, 300), 200);
	cr_assert_eq(submit(200, 10), 0);
	cr_assert_eq(reading_of(reading, dryrun_ops.stats(port, reading, 4), "write_errors"), 1);
	dryrun_ops.close(port);
	expect_file(200);
}

Test(dryrun, a_full_device)
{
	struct reading reading[4];

	cr_assert_eq(open_port("/dev/full", 1), 0, "%s", error.text);
	cr_assert_eq(submit(0, 10), 0);
	cr_assert_eq(reading_of(reading, dryrun_ops.stats(port, reading, 4), "write_errors"), 1);
	dryrun_ops.close(port);
}

Test(dryrun, refusals)
{
	cr_assert_eq(open_port(path, 2), -EINVAL);
	cr_assert_not_null(strstr(error.text, "one tx queue, not 2"), "%s", error.text);
	cr_assert_eq(open_port("/nonexistent/file", 1), -ENOENT);
	cr_assert_eq(dryrun_ops.find_link("", &link_, &error), 0);
	cr_assert_str_eq(link_.name, "-");
}
