/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rings/waker.h"
#include "stages/classify/result_queue.h"
#include "stages/sink/output_files.h"
#include "tests/unit/output_folder.h"

TestSuite(output_files, .init = enter, .fini = leave);

static char *text_of(const char *name)
{
	static char text[4096];
	char whole[160];
	ssize_t n;
	int fd;

	snprintf(whole, sizeof(whole), "%s%s", path, name);
	fd = open(whole, O_RDONLY);
	if (fd < 0)
		return NULL;
	n = read(fd, text, sizeof(text) - 1);
	text[n > 0 ? n : 0] = '\0';
	close(fd);
	return text;
}

static void put(const char *name, const char *text)
{
	char whole[160];
	FILE *file;

	snprintf(whole, sizeof(whole), "%s%s", path, name);
	file = fopen(whole, "w");
	cr_assert_not_null(file);
	fputs(text, file);
	fclose(file);
}

static struct output_files *open_row(uint64_t size, uint64_t interval_ns)
{
	const struct output_files_options o = { .path = path, .size = size, .interval_ns = interval_ns };
	struct output_files *files = NULL;
	struct error e;

	cr_assert_eq(output_files_open(&o, &files, &e), 0, "%s", e.text);
	return files;
}

/* n records a.b.c.d:80 through a sink, in blocks of one; csv with a header. */
struct rig {
	struct waker waker;
	struct result_queue *queue;
	const struct field *fields[2];
	struct stage *sink;
};

static void rig_init(struct rig *r, struct output_files *files)
{
	struct sink_options o = { .module = &output_csv, .nfields = 2, .header = true, .fd = -1, .ins = 1 };

	cr_assert_eq(waker_init(&r->waker, false), 0);
	r->queue = result_queue_create(64 << 20, &r->waker);
	r->fields[0] = field_find("saddr", 5);
	r->fields[1] = field_find("sport", 5);
	o.fields = r->fields;
	o.in = &r->queue;
	o.files = files;
	o.own_file = true;
	r->sink = sink_create(&o);
	cr_assert_not_null(r->sink);
}

static void rig_fini(struct rig *r)
{
	sink_destroy(r->sink);
	result_queue_destroy(r->queue);
	waker_fini(&r->waker);
}

static void push(struct rig *r, uint32_t first, uint32_t n, uint32_t flags)
{
	struct record_block *b = result_queue_claim(r->queue);

	cr_assert_not_null(b);
	memset(b, 0, sizeof(*b));
	b->count = n;
	b->flags = flags;
	for (uint32_t i = 0; i < n; i++) {
		b->record[i].reply.saddr = first + i;
		b->record[i].reply.sport = 80;
	}
	result_queue_push(r->queue, b);
}

static void run(struct rig *r)
{
	while (!r->sink->done && r->sink->ops->step(r->sink) > 0)
		;
}

/* The header has 12 bytes, a record 11: two of them and the header are 34. */
Test(output_files, no_file_is_longer_than_its_size_and_no_record_is_cut)
{
	struct output_files *files = open_row(34, 0);
	struct rig r;

	rig_init(&r, files);
	push(&r, 0x01010101, 5, 0);
	push(&r, 0, 0, BLOCK_END);
	run(&r);
	cr_expect_str_eq(text_of(".000001"), "saddr,sport\n1.1.1.1,80\n1.1.1.2,80\n");
	cr_expect_str_eq(text_of(".000002"), "saddr,sport\n1.1.1.3,80\n1.1.1.4,80\n");
	cr_expect_str_eq(text_of(".000003"), "saddr,sport\n1.1.1.5,80\n");
	cr_expect_null(text_of(".000004"));
	cr_expect_null(text_of(".000003.partial"));
	cr_expect_eq(sink_state(r.sink).files, 3);
	cr_expect_eq(sink_state(r.sink).first_file, 1);
	cr_expect_eq(sink_state(r.sink).last_file, 3);
	cr_expect_eq(sink_state(r.sink).written, 5);
	cr_expect_eq(sink_state(r.sink).error, 0);
	rig_fini(&r);
	output_files_close(files);
}

Test(output_files, one_record_may_be_longer_than_a_file)
{
	struct output_files *files = open_row(1, 0);
	struct rig r;

	rig_init(&r, files);
	push(&r, 0x01010101, 2, BLOCK_END);
	run(&r);
	cr_expect_str_eq(text_of(".000001"), "saddr,sport\n1.1.1.1,80\n");
	cr_expect_str_eq(text_of(".000002"), "saddr,sport\n1.1.1.2,80\n");
	cr_expect_eq(sink_state(r.sink).files, 2);
	rig_fini(&r);
	output_files_close(files);
}

Test(output_files, being_written_it_has_another_name_and_a_position)
{
	struct output_files *files = open_row(1000, 0);
	struct output_position at;
	struct rig r;

	rig_init(&r, files);
	push(&r, 0x01010101, 1, 0);
	run(&r);
	cr_expect_null(text_of(".000001"));
	cr_expect_str_eq(text_of(".000001.partial"), "saddr,sport\n1.1.1.1,80\n");
	at = output_files_position(files);
	cr_expect_eq(at.file, 1);
	cr_expect_eq(at.offset, 23);
	cr_expect_eq(sink_state(r.sink).files, 0);
	cr_expect_eq(r.sink->wake_at, WAKE_NEVER);
	push(&r, 0, 0, BLOCK_END);
	run(&r);
	cr_expect_null(text_of(".000001.partial"));
	cr_expect_str_eq(text_of(".000001"), "saddr,sport\n1.1.1.1,80\n");
	rig_fini(&r);
	output_files_close(files);
}

Test(output_files, an_interval_ends_a_file_that_has_a_record)
{
	struct output_files *files = open_row(0, 1);
	struct rig r;

	rig_init(&r, files);
	run(&r); /* the header alone does not make it complete */
	cr_expect_eq(r.sink->wake_at, WAKE_NEVER);
	cr_expect_eq(sink_state(r.sink).files, 0);
	push(&r, 0x01010101, 1, 0);
	run(&r); /* a nanosecond has passed since */
	cr_expect_str_eq(text_of(".000001"), "saddr,sport\n1.1.1.1,80\n");
	cr_expect_eq(r.sink->wake_at, WAKE_NEVER);
	cr_expect_null(text_of(".000002.partial"));
	push(&r, 0x01010102, 1, BLOCK_END);
	run(&r);
	cr_expect_str_eq(text_of(".000002"), "saddr,sport\n1.1.1.2,80\n");
	cr_expect_eq(sink_state(r.sink).files, 2);
	rig_fini(&r);
	output_files_close(files);
}

Test(output_files, a_long_interval_wakes_the_sink)
{
	struct output_files *files = open_row(0, 3600 * 1000000000ULL);
	struct rig r;

	rig_init(&r, files);
	push(&r, 0x01010101, 1, 0);
	run(&r);
	cr_expect_neq(r.sink->wake_at, WAKE_NEVER);
	cr_expect_null(text_of(".000001"));
	rig_fini(&r);
	output_files_close(files);
}

Test(output_files, without_results_there_is_one_file)
{
	struct output_files *files = open_row(1000, 0);
	struct rig r;

	rig_init(&r, files);
	push(&r, 0, 0, BLOCK_END);
	run(&r);
	cr_expect_str_eq(text_of(".000001"), "saddr,sport\n");
	cr_expect_eq(sink_state(r.sink).files, 1);
	rig_fini(&r);
	output_files_close(files);
}

Test(output_files, numbers_go_on_after_the_highest_of_either_kind)
{
	struct output_files *files;
	struct rig r;

	put(".000003", "old\n");
	put(".000007.partial", "killed\n");
	put(".000009.gz", "no number of ours\n");
	put(".12", "nor this\n");
	put("ling.000020", "of another FILE\n");
	files = open_row(1000, 0);
	cr_expect_eq(output_files_position(files).file, 8);
	rig_init(&r, files);
	push(&r, 0x01010101, 1, BLOCK_END);
	run(&r);
	cr_expect_str_eq(text_of(".000008"), "saddr,sport\n1.1.1.1,80\n");
	cr_expect_str_eq(text_of(".000003"), "old\n");
	cr_expect_str_eq(text_of(".000007.partial"), "killed\n");
	rig_fini(&r);
	output_files_close(files);
}

Test(output_files, who_took_the_name_meanwhile_keeps_it)
{
	struct output_files *files = open_row(1000, 0);

	put(".000001", "theirs\n");
	put(".000002", "theirs too\n");
	cr_expect_eq(output_files_complete(files), 0);
	cr_expect_str_eq(text_of(".000001"), "theirs\n");
	cr_expect_str_eq(text_of(".000002"), "theirs too\n");
	cr_expect_str_eq(text_of(".000003"), "");
	cr_expect_eq(output_files_state(files).last, 3);
	put(".000005", "the next one");
	put(".000004.partial", "of a scan beside");
	cr_expect_eq(output_files_begin(files), 0);
	cr_expect_eq(output_files_position(files).file, 6);
	output_files_close(files);
}

Test(output_files, what_has_no_record_goes_and_what_has_one_stays)
{
	struct output_files *files = open_row(1000, 0);

	cr_expect_not_null(text_of(".000001.partial"));
	output_files_close(files);
	cr_expect_null(text_of(".000001.partial"));
	files = open_row(1000, 0);
	output_files_wrote(files, 10, 1, 1);
	output_files_close(files);
	cr_expect_not_null(text_of(".000001.partial"));
}

Test(output_files, a_folder_that_has_gone_is_an_error_and_the_records_are_lost)
{
	struct output_files *files = open_row(23, 0);
	struct rig r;

	rig_init(&r, files);
	push(&r, 0x01010101, 1, 0);
	run(&r);
	leave();
	push(&r, 0x01010102, 3, BLOCK_END);
	run(&r);
	cr_expect(r.sink->done);
	cr_expect_eq(sink_state(r.sink).error, -ENOENT);
	cr_expect_eq(sink_state(r.sink).written, 1);
	cr_expect_eq(sink_state(r.sink).lost, 3);
	rig_fini(&r);
	output_files_close(files);
	cr_assert_eq(mkdir(folder, 0755), 0);
}

Test(output_files, what_is_no_regular_file_is_refused)
{
	const struct output_files_options null = { .path = "/dev/null", .size = 1 },
					  folder_itself = { .path = folder, .size = 1 },
					  nowhere = { .path = "/nowhere/found", .size = 1 };
	struct output_files *files = NULL;
	struct error e;

	cr_expect_eq(output_files_open(&null, &files, &e), -EINVAL);
	cr_expect_not_null(strstr(e.text, "/dev/null"));
	cr_expect_eq(output_files_open(&folder_itself, &files, &e), -EISDIR);
	cr_expect_eq(output_files_open(&nowhere, &files, &e), -ENOENT);
	cr_expect_str_eq(e.text, "--output-file /nowhere/found: No such file or directory");
	cr_expect_null(files);
}
