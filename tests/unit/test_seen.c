/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "io/sim/seen.h"

static char path[64];

static void make_path(void)
{
	snprintf(path, sizeof(path), "/tmp/anyscan-test-seen-%d", (int)getpid());
	unlink(path);
}

static void remove_path(void)
{
	unlink(path);
}

TestSuite(seen, .init = make_path, .fini = remove_path);

static struct seen *open_map(void)
{
	struct error error = { 0 };
	struct seen *s = NULL;

	cr_assert_eq(seen_open(path, &s, &error), 0, "%s", error.text);
	return s;
}

Test(seen, first_time_and_again)
{
	static const uint32_t addr[] = { 0, 1, 7, 8, 0x0a000001, 0x7fffffff, 0x80000000, 0xffffffff };
	struct seen *s = open_map();

	for (size_t i = 0; i < sizeof(addr) / sizeof(addr[0]); i++) {
		cr_assert_not(seen_test(s, addr[i], 443));
		cr_assert(seen_mark(s, addr[i], 443));
		cr_assert_not(seen_mark(s, addr[i], 443));
		cr_assert(seen_test(s, addr[i], 443));
		cr_assert_not(seen_test(s, addr[i], 80));
		cr_assert(seen_mark(s, addr[i], 80));
	}
	cr_assert_eq(seen_count(s, 443), 8);
	cr_assert_eq(seen_count(s, 80), 8);
	cr_assert_eq(seen_count(s, 22), 0);
	cr_assert_eq(seen_unkept(s), 0);
	seen_close(s);
}

Test(seen, the_file_is_as_documented_and_sparse)
{
	struct seen *s = open_map();
	unsigned char head[24] = { 0 }, byte = 0;
	struct stat st;
	FILE *f;

	seen_mark(s, 0x0a000003, 443);
	seen_mark(s, 0xc0000207, 80);
	seen_close(s);
	f = fopen(path, "rb");
	cr_assert_eq(fread(head, 1, sizeof(head), f), sizeof(head));
	cr_assert_eq(memcmp(head,
			    "anyscan-seen 1\n\0"
			    "\xbc\x01\0\0"
			    "\x51\0\0\0",
			    sizeof(head)),
		     0);
	fseek(f, 65536 + (0x0a000003 >> 3), SEEK_SET);
	cr_assert_eq(fread(&byte, 1, 1, f), 1);
	cr_assert_eq(byte, 1 << 3);
	fseek(f, 65536 + (1L << 29) + (0xc0000207 >> 3), SEEK_SET);
	cr_assert_eq(fread(&byte, 1, 1, f), 1);
	cr_assert_eq(byte, 1 << 7);
	fclose(f);
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_size, 65536 + 2 * (1LL << 29));
	cr_assert_lt(st.st_blocks * 512, 1 << 20);
}

Test(seen, a_resumed_scan_goes_on)
{
	struct seen *s = open_map();

	seen_mark(s, 1, 80);
	seen_mark(s, 2, 443);
	seen_close(s);
	s = open_map();
	cr_assert_not(seen_mark(s, 1, 80));
	cr_assert_not(seen_mark(s, 2, 443));
	cr_assert(seen_mark(s, 2, 80));
	cr_assert_eq(seen_count(s, 80), 2);
	cr_assert_eq(seen_count(s, 443), 1);
	seen_close(s);
}

Test(seen, outlives_kill_9)
{
	const pid_t child = fork();
	struct seen *s;
	int status;

	if (child == 0) {
		s = open_map();
		for (uint32_t i = 0; i < 10000; i++)
			seen_mark(s, i * 429496, 80);
		kill(getpid(), SIGKILL);
	}
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_assert(WIFSIGNALED(status));
	s = open_map();
	cr_assert_eq(seen_count(s, 80), 10000);
	for (uint32_t i = 0; i < 10000; i++)
		cr_assert(seen_test(s, i * 429496, 80));
	seen_close(s);
}

Test(seen, two_openers_share_the_bits)
{
	struct seen *a = open_map(), *b = open_map();

	cr_assert(seen_mark(a, 5, 80));
	cr_assert_not(seen_mark(b, 5, 80));
	cr_assert(seen_mark(b, 6, 443));
	cr_assert_not(seen_mark(a, 6, 443));
	cr_assert(seen_mark(a, 7, 22));
	cr_assert(seen_test(b, 7, 22));
	seen_close(a);
	seen_close(b);
}

Test(seen, more_ports_than_slots)
{
	struct seen *s = open_map();

	for (uint32_t port = 0; port < SEEN_PORTS; port++)
		cr_assert(seen_mark(s, 9, (uint16_t)port));
	cr_assert_eq(seen_unkept(s), 0);
	cr_assert(seen_mark(s, 9, 256));
	cr_assert(seen_mark(s, 9, 256));
	cr_assert_eq(seen_unkept(s), 2);
	cr_assert_not(seen_test(s, 9, 256));
	cr_assert_not(seen_mark(s, 9, 255));
	seen_close(s);
}

enum {
	THREADS = 4,
	ADDRS = 200000
};

struct marker {
	struct seen *s;
	uint32_t first_times;
};

static void *mark_all(void *arg)
{
	struct marker *m = arg;

	for (uint32_t i = 0; i < ADDRS; i++)
		m->first_times += seen_mark(m->s, i, (uint16_t)(i % 3));
	return NULL;
}

Test(seen, threads_agree_on_who_was_first)
{
	struct seen *s = open_map();
	struct marker m[THREADS] = { { 0 } };
	pthread_t t[THREADS];
	uint32_t first_times = 0;

	for (int i = 0; i < THREADS; i++) {
		m[i].s = s;
		pthread_create(&t[i], NULL, mark_all, &m[i]);
	}
	for (int i = 0; i < THREADS; i++) {
		pthread_join(t[i], NULL);
		first_times += m[i].first_times;
	}
	cr_assert_eq(first_times, ADDRS);
	cr_assert_eq(seen_count(s, 0) + seen_count(s, 1) + seen_count(s, 2), ADDRS);
	seen_close(s);
}

Test(seen, refuses_what_is_no_map)
{
	struct error error = { 0 };
	struct seen *s = NULL;
	FILE *f = fopen(path, "w");

	fputs("192.0.2.1\n", f);
	fclose(f);
	cr_assert_eq(seen_open(path, &s, &error), -EINVAL);
	cr_assert_not_null(strstr(error.text, "is no map of targets seen"), "%s", error.text);
	cr_assert_eq(seen_open("/dev/null", &s, &error), -EINVAL);
	cr_assert_not_null(strstr(error.text, "must be a regular file"), "%s", error.text);
	cr_assert_eq(seen_open("/nonexistent/map", &s, &error), -ENOENT);
	cr_assert_not_null(strstr(error.text, "/nonexistent/map"), "%s", error.text);
	cr_assert_null(s);
}
