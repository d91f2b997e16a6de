/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "rings/waker.h"
#include "stages/classify/result_queue.h"
#include "stages/sink/output.h"

#define INPUTS 2

struct rig {
	struct waker waker;
	struct result_queue *queue[INPUTS];
	const struct field *fields[2];
	struct sink_options options;
	struct stage *sink;
	unsigned int writes; /* by the hooks */
	bool within;
};

static void before_write(void *hook)
{
	struct rig *r = hook;

	cr_expect_not(r->within);
	r->within = true;
	r->writes++;
}

static void after_write(void *hook)
{
	struct rig *r = hook;

	cr_expect(r->within);
	r->within = false;
}

static void rig_init(struct rig *r, int fd, const struct output_module *module, bool header)
{
	memset(r, 0, sizeof(*r));
	cr_assert_eq(waker_init(&r->waker, false), 0);
	for (int i = 0; i < INPUTS; i++) {
		r->queue[i] = result_queue_create(64 << 20, &r->waker);
		cr_assert_not_null(r->queue[i]);
	}
	r->fields[0] = field_find("saddr", 5);
	r->fields[1] = field_find("sport", 5);
	r->options = (struct sink_options){ .module = module,
					    .fields = r->fields,
					    .nfields = 2,
					    .header = header,
					    .fd = fd,
					    .in = r->queue,
					    .ins = INPUTS,
					    .before_write = before_write,
					    .after_write = after_write,
					    .hook = r };
	r->sink = sink_create(&r->options);
	cr_assert_not_null(r->sink);
}

static void rig_init_file(struct rig *r, int fd, bool own_file)
{
	rig_init(r, fd, &output_list, false);
	sink_destroy(r->sink);
	r->options.own_file = own_file;
	r->sink = sink_create(&r->options);
	cr_assert_not_null(r->sink);
}

static void rig_fini(struct rig *r)
{
	sink_destroy(r->sink);
	for (int i = 0; i < INPUTS; i++)
		result_queue_destroy(r->queue[i]);
	waker_fini(&r->waker);
}

/* Pushes a block of n records with addresses from first on. */
static void push(struct rig *r, int input, uint32_t first, uint32_t n, uint32_t flags)
{
	struct record_block *b = result_queue_claim(r->queue[input]);

	cr_assert_not_null(b);
	memset(b, 0, sizeof(*b));
	b->count = n;
	b->flags = flags;
	for (uint32_t i = 0; i < n; i++) {
		b->record[i].reply.saddr = first + i;
		b->record[i].reply.sport = 80;
	}
	result_queue_push(r->queue[input], b);
}

static size_t step(struct rig *r)
{
	return r->sink->ops->step(r->sink);
}

static char *contents(FILE *file)
{
	static char text[1 << 20];
	const ssize_t n = pread(fileno(file), text, sizeof(text) - 1, 0);

	text[n > 0 ? n : 0] = '\0';
	return text;
}

Test(sink, writes_when_the_queues_run_dry)
{
	FILE *file = tmpfile();
	struct rig r;

	rig_init(&r, fileno(file), &output_list, true);
	push(&r, 0, 0x01000001, 2, 0);
	push(&r, 1, 0x02000001, 1, 0);
	cr_expect_eq(step(&r), 3);
	cr_expect_eq(r.writes, 0, "no write per block");
	cr_expect_eq(step(&r), 0);
	cr_expect_eq(r.writes, 1);
	cr_expect_str_eq(contents(file), "1.0.0.1:80\n1.0.0.2:80\n2.0.0.1:80\n");
	cr_expect_eq(step(&r), 0);
	cr_expect_eq(r.writes, 1, "nothing to write, nothing written");
	cr_expect_eq(r.sink->wake_at, WAKE_NEVER);
	cr_expect_eq(sink_state(r.sink).written, 3);
	cr_expect_eq(sink_state(r.sink).bytes, 33);
	rig_fini(&r);
	fclose(file);
}

Test(sink, header_comes_first_and_without_results)
{
	FILE *file = tmpfile();
	struct rig r;

	rig_init(&r, fileno(file), &output_csv, true);
	step(&r);
	cr_expect_str_eq(contents(file), "saddr,sport\n");
	push(&r, 0, 1, 1, 0);
	while (step(&r) > 0)
		;
	cr_expect_str_eq(contents(file), "saddr,sport\n0.0.0.1,80\n");
	rig_fini(&r);
	fclose(file);
}

Test(sink, no_header_when_not_asked)
{
	FILE *file = tmpfile();
	struct rig r;

	rig_init(&r, fileno(file), &output_csv, false);
	step(&r);
	cr_expect_str_eq(contents(file), "");
	rig_fini(&r);
	fclose(file);
}

Test(sink, ends_with_the_last_input)
{
	FILE *file = tmpfile();
	struct rig r;

	rig_init(&r, fileno(file), &output_list, false);
	push(&r, 0, 1, 0, BLOCK_END);
	cr_expect_eq(step(&r), 1, "an empty END block is work");
	cr_expect_not(r.sink->done);
	push(&r, 1, 2, 1, BLOCK_END);
	step(&r);
	cr_expect(r.sink->done);
	cr_expect_str_eq(contents(file), "0.0.0.2:80\n", "what came with the END mark is written");
	rig_fini(&r);
	fclose(file);
}

Test(sink, full_buffers_are_written_as_blocks)
{
	FILE *file = tmpfile();
	const uint32_t blocks = 400; /* 25,600 records of 13 to 15 bytes: about 350 KiB */
	struct rig r;
	const char *text;
	uint32_t lines = 0;

	rig_init(&r, fileno(file), &output_list, false);
	for (uint32_t i = 0; i < blocks; i++)
		push(&r, 0, 0x0a000000 + i * 64, 64, 0);
	while (step(&r) > 0)
		;
	text = contents(file);
	for (const char *c = text; *c != '\0'; c++)
		lines += *c == '\n';
	cr_expect_eq(lines, blocks * 64);
	cr_expect_eq(r.writes, strlen(text) / (64 * 1024) + 1, "%u writes for %zu bytes", r.writes,
		     strlen(text));
	cr_expect_eq(sink_state(r.sink).written, blocks * 64);
	rig_fini(&r);
	fclose(file);
}

Test(sink, error_is_kept_and_the_queues_are_drained)
{
	const int fd = open("/dev/full", O_WRONLY);
	struct rig r;

	rig_init(&r, fd, &output_csv, true);
	push(&r, 0, 1, 10, 0);
	step(&r);
	step(&r);
	cr_expect_eq(sink_state(r.sink).error, -ENOSPC);
	cr_expect_eq(sink_state(r.sink).lost, 10, "the header is no record");
	push(&r, 0, 1, 7, BLOCK_END);
	push(&r, 1, 1, 0, BLOCK_END);
	step(&r);
	cr_expect(r.sink->done);
	cr_expect_eq(sink_state(r.sink).lost, 17);
	cr_expect_eq(sink_state(r.sink).written, 0);
	rig_fini(&r);
	close(fd);
}

Test(sink, reader_that_goes)
{
	struct rig r;
	int fd[2];

	signal(SIGPIPE, SIG_IGN);
	cr_assert_eq(pipe(fd), 0);
	rig_init(&r, fd[1], &output_list, false);
	push(&r, 0, 1, 5, 0);
	step(&r);
	step(&r);
	cr_expect_eq(sink_state(r.sink).written, 5);
	close(fd[0]);
	push(&r, 0, 1, 5, 0);
	step(&r);
	step(&r);
	cr_expect_eq(sink_state(r.sink).error, -EPIPE);
	cr_expect_eq(sink_state(r.sink).written, 5);
	cr_expect_eq(sink_state(r.sink).lost, 5);
	rig_fini(&r);
	close(fd[1]);
}

/* Reads until the end; counts lines. */
static void *reader(void *arg)
{
	const int fd = *(int *)arg;
	uintptr_t lines = 0;
	char buf[1000];
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += buf[i] == '\n';
	return (void *)lines;
}

Test(sink, partial_writes_to_a_pipe_that_does_not_block)
{
	const uint32_t blocks = 300;
	pthread_t thread;
	struct rig r;
	void *lines;
	int fd[2];

	cr_assert_eq(pipe(fd), 0);
	cr_assert_eq(fcntl(fd[1], F_SETFL, O_NONBLOCK), 0);
	cr_assert_gt(fcntl(fd[1], F_SETPIPE_SZ, 4096), 0); /* far less than a block: every write is partial */
	rig_init(&r, fd[1], &output_list, false);
	pthread_create(&thread, NULL, reader, &fd[0]);
	for (uint32_t i = 0; i < blocks; i++)
		push(&r, i % INPUTS, i * 64, 64, 0);
	while (step(&r) > 0)
		;
	close(fd[1]);
	pthread_join(thread, &lines);
	cr_expect_eq((uintptr_t)lines, blocks * 64);
	cr_expect_eq(sink_state(r.sink).written, blocks * 64);
	cr_expect_eq(sink_state(r.sink).error, 0);
	rig_fini(&r);
	close(fd[0]);
}

static void fail_in_the_third_record(bool own_file, const char *expected)
{
	char path[] = "/tmp/sink-XXXXXX";
	const int fd = mkstemp(path);
	const struct rlimit limit = { .rlim_cur = 30, .rlim_max = RLIM_INFINITY };
	char text[64] = "";
	struct rig r;

	/* room for two records of 11 bytes and 8 bytes of the third */
	signal(SIGXFSZ, SIG_IGN);
	cr_assert_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
	rig_init_file(&r, fd, own_file);
	push(&r, 0, 0x01010101, 3, 0);
	step(&r);
	step(&r);
	cr_expect_eq(sink_state(r.sink).error, -EFBIG);
	cr_expect_eq(sink_state(r.sink).bytes, strlen(expected));
	cr_expect_gt(pread(fd, text, sizeof(text) - 1, 0), 0);
	cr_expect_str_eq(text, expected);
	cr_expect_eq(sink_state(r.sink).written, 2);
	cr_expect_eq(sink_state(r.sink).lost, 1);
	rig_fini(&r);
	close(fd);
	unlink(path);
}

Test(sink, records_before_a_failure_are_told_from_those_after)
{
	fail_in_the_third_record(false, "1.1.1.1:80\n1.1.1.2:80\n1.1.1.3:");
}

Test(sink, a_record_that_an_error_cuts_is_taken_back_from_a_file_of_ours)
{
	fail_in_the_third_record(true, "1.1.1.1:80\n1.1.1.2:80\n");
}

/* EINVAL of fsync(2), as a pipe has it, tells of no loss. What a disk says is in tests/net/t_output_fails. */
Test(sink, what_cannot_be_synchronised_has_not_failed)
{
	struct rig r;
	int fd[2];

	cr_assert_eq(pipe(fd), 0);
	rig_init_file(&r, fd[1], true);
	push(&r, 0, 1, 1, BLOCK_END);
	push(&r, 1, 2, 1, BLOCK_END);
	step(&r);
	cr_expect(r.sink->done);
	cr_expect_eq(sink_state(r.sink).error, 0);
	cr_expect_eq(sink_state(r.sink).written, 2);
	rig_fini(&r);
	close(fd[0]);
	close(fd[1]);
}

Test(sink, a_failure_wakes_who_watches)
{
	const int fd = open("/dev/full", O_WRONLY);
	struct waker watcher;
	uint32_t ticket;
	struct rig r;

	cr_assert_eq(waker_init(&watcher, false), 0);
	rig_init(&r, fd, &output_list, false);
	sink_destroy(r.sink);
	r.options.failed = &watcher;
	r.sink = sink_create(&r.options);
	ticket = waker_ticket(&watcher);
	push(&r, 0, 1, 1, 0);
	step(&r);
	step(&r);
	cr_expect_neq(waker_ticket(&watcher), ticket);
	rig_fini(&r);
	waker_fini(&watcher);
	close(fd);
}
