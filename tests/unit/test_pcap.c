/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <pcap/pcap.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "io/engines.h"
#include "tests/unit/syn_frame.h"

#define RECORD (16 + SYN_LEN)

static char path[64];
static struct io_link link_;
static struct io_port *port;
static struct io_txq *queue;
static struct error error;

static void make_path(void)
{
	snprintf(path, sizeof(path), "/tmp/anyscan-test-pcap-%d", (int)getpid());
}

static void remove_path(void)
{
	unlink(path);
}

TestSuite(pcap, .init = make_path, .fini = remove_path);

static int open_port(const char *name, unsigned int queues)
{
	struct io_port_options opt = {
		.link = &link_, .tx_queues = queues, .frames = 512, .frame_len = SYN_LEN
	};
	int r = pcap_ops.find_link(name, &link_, &error);

	if (r == 0)
		r = pcap_ops.open(&opt, &port, &error);
	return r == 0 ? pcap_ops.tx_open(port, 0, &queue, &error) : r;
}

/* Submits probes first..first+n of a sequence; returns what was accepted. */
static unsigned int submit(unsigned int first, unsigned int n)
{
	uint8_t *frame[256], *back[256];
	uint16_t len[256];
	unsigned int accepted;

	for (unsigned int i = 0; i < n; i++) {
		frame[i] = queue->frames + i * queue->stride;
		len[i] = SYN_LEN;
		syn_compose(frame[i], 0x0a000000 + first + i, 80, 40000, first + i);
	}
	accepted = pcap_ops.tx_submit(queue, frame, len, n);
	cr_assert_eq(pcap_ops.tx_reclaim(queue, back, 256), accepted);
	return accepted;
}

static uint64_t write_errors(void)
{
	struct reading reading[8];
	return reading_of(reading, pcap_ops.stats(port, reading, 8), "write_errors");
}

/* The file holds probes 0..n of the sequence, in order, and nothing else. */
static void expect_file(unsigned int n)
{
	char why[PCAP_ERRBUF_SIZE];
	pcap_t *p = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, why);
	struct pcap_pkthdr *header;
	const u_char *data;
	uint8_t frame[SYN_LEN];
	struct timespec now;
	int r;

	cr_assert_not_null(p, "%s", why);
	cr_assert_eq(pcap_datalink(p), DLT_EN10MB);
	clock_gettime(CLOCK_REALTIME, &now);
	for (unsigned int i = 0; i < n; i++) {
		cr_assert_eq(pcap_next_ex(p, &header, &data), 1, "frame %u of %u", i, n);
		syn_compose(frame, 0x0a000000 + i, 80, 40000, i);
		cr_assert_eq(header->len, SYN_LEN);
		cr_assert_eq(header->caplen, SYN_LEN);
		cr_assert_eq(memcmp(data, frame, SYN_LEN), 0, "frame %u differs", i);
		cr_assert_leq(now.tv_sec - header->ts.tv_sec, 60);
		cr_assert_geq(now.tv_sec, header->ts.tv_sec);
		cr_assert_lt(header->ts.tv_usec, 1000000000);
	}
	r = pcap_next_ex(p, &header, &data);
	cr_assert_eq(r, PCAP_ERROR_BREAK, "after %u frames: %d", n, r);
	pcap_close(p);
}

Test(pcap, frames_in_order)
{
	cr_assert_eq(open_port(path, 1), 0, "%s", error.text);
	for (unsigned int i = 0; i < 10000; i += 250)
		cr_assert_eq(submit(i, 250), 250);
	expect_file(10000); /* in the file as soon as it is accepted */
	cr_assert_eq(pcap_ops.tx_flush(queue), 0);
	cr_assert_eq(write_errors(), 0);
	pcap_ops.close(port);
	expect_file(10000);
}

Test(pcap, no_frame_makes_an_empty_file)
{
	cr_assert_eq(open_port(path, 1), 0, "%s", error.text);
	pcap_ops.close(port);
	expect_file(0);
}

Test(pcap, an_old_file_is_emptied)
{
	cr_assert_eq(open_port(path, 1), 0);
	submit(0, 256);
	pcap_ops.close(port);
	cr_assert_eq(open_port(path, 1), 0);
	submit(0, 3);
	pcap_ops.close(port);
	expect_file(3);
}

/* A file that may not grow is a disk that is full, at any byte that we like. */
static void full_after(unsigned int whole, unsigned int bytes)
{
	const struct rlimit limit = { 24 + whole * RECORD + bytes, RLIM_INFINITY };

	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(open_port(path, 1), 0, "%s", error.text);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	cr_assert_eq(submit(0, 100), 100);
	cr_assert_eq(submit(100, 200), whole - 100);
	cr_assert_eq(write_errors(), 1);
	cr_assert_eq(submit(whole, 1), 0, "nothing is accepted after an error");
	cr_assert_eq(pcap_ops.tx_flush(queue), 0);
	pcap_ops.close(port);
	expect_file(whole);
}

Test(pcap, full_between_two_frames)
{
	full_after(150, 0);
}

Test(pcap, full_within_a_record_header)
{
	full_after(150, 9);
}

Test(pcap, full_within_a_frame)
{
	full_after(299, RECORD - 1);
}

Test(pcap, full_before_the_first_frame_of_a_batch)
{
	full_after(100, 1);
}

Test(pcap, a_full_device_is_refused_at_open)
{
	cr_assert_eq(open_port("/dev/full", 1), -ENOSPC);
	cr_assert_not_null(strstr(error.text, "cannot write /dev/full: No space left on device"), "%s",
			   error.text);
}

Test(pcap, a_reader_that_leaves)
{
	int fds[2];
	const int out = dup(STDOUT_FILENO);
	char header[24];
	unsigned int accepted;
	uint64_t errors;

	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(fds), 0);
	dup2(fds[1], STDOUT_FILENO);
	cr_assert_eq(open_port("-", 1), 0, "%s", error.text);
	cr_assert_eq(read(fds[0], header, sizeof(header)), sizeof(header));
	close(fds[0]);
	accepted = submit(0, 10);
	errors = write_errors();
	pcap_ops.close(port);
	dup2(out, STDOUT_FILENO);
	cr_assert_eq(accepted, 0);
	cr_assert_eq(errors, 1);
}

Test(pcap, refusals)
{
	cr_assert_eq(open_port(path, 2), -EINVAL);
	cr_assert_not_null(strstr(error.text, "one tx queue, not 2"), "%s", error.text);
	cr_assert_eq(open_port("", 1), -EINVAL);
	cr_assert_not_null(strstr(error.text, "pcap:probes.pcap"), "%s", error.text);
	cr_assert_eq(open_port("/nonexistent/file", 1), -ENOENT);
	cr_assert_not_null(strstr(error.text, "/nonexistent/file"), "%s", error.text);
	cr_assert_null(pcap_ops.rx_open);
}
