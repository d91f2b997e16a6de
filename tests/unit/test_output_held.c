/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stages/sink/output_files.h"
#include "stages/sink/output_held.h"
#include "tests/unit/output_folder.h"

TestSuite(output_held, .init = enter, .fini = leave);

static struct output_files *begin(uint64_t last)
{
	const struct output_files_options o = { .path = path, .size = 100, .held = true, .last = last };
	struct output_files *files;
	struct error e = { 0 };

	cr_assert_eq(output_files_open(&o, &files, &e), 0, "%s", e.text);
	return files;
}

static void record(struct output_files *files, const char *line)
{
	cr_assert_eq(write(output_files_fd(files), line, strlen(line)), (ssize_t)strlen(line));
	output_files_wrote(files, strlen(line), 1, 1);
}

static void turn(struct output_files *files, const char *line)
{
	record(files, line);
	cr_assert_eq(output_files_complete(files), 0);
	cr_assert_eq(output_files_begin(files), 0);
}

/* Whether FILE.00000n is there, and under which name. */
static const char *state(unsigned int n)
{
	char name[128];

	snprintf(name, sizeof(name), "%s.%06u", path, n);
	if (access(name, F_OK) == 0)
		return "complete";
	snprintf(name, sizeof(name), "%s.%06u.partial", path, n);
	return access(name, F_OK) == 0 ? "partial" : "none";
}

static struct output_row row_of(struct output_files *files)
{
	struct output_row row;

	cr_assert_eq(output_files_row(files, &row), 0);
	return row;
}

Test(output_held, appears_once_the_checkpoint_vouches_for_it)
{
	struct output_files *files = begin(0);
	struct output_row row;

	turn(files, "one\n");
	turn(files, "two\n");
	output_files_mark(files, 500);
	turn(files, "three\n");
	output_files_commit(files, 499, false); /* one exponent below 500 is not committed */
	row = row_of(files);
	cr_expect_eq(row.nappearing, 0);
	cr_expect_eq(row.nfiles, 4);
	cr_expect_eq(output_files_appear(files), 0);
	cr_expect_str_eq(state(1), "partial");

	output_files_commit(files, 500, false); /* the third is not marked yet: nothing is known of it */
	row = row_of(files);
	cr_assert_eq(row.nappearing, 2);
	cr_expect_eq(row.appearing[0], 1);
	cr_expect_eq(row.appearing[1], 2);
	cr_assert_eq(row.nfiles, 2);
	cr_expect_eq(row.file[0].number, 3);
	cr_expect_eq(row.file[0].bytes, 6);
	cr_expect_eq(row.file[1].number, 4);
	cr_expect_eq(row.file[1].bytes, 0);
	cr_expect_eq(row.records, 2);
	cr_expect_eq(row.successes, 2);
	cr_expect_eq(row.last, 4);
	cr_expect_str_eq(state(1), "partial"); /* not before the checkpoint is on disk */
	cr_expect_eq(output_files_state(files).count, 0);
	cr_expect_eq(output_files_appear(files), 0);
	cr_expect_str_eq(state(1), "complete");
	cr_expect_str_eq(state(2), "complete");
	cr_expect_str_eq(state(3), "partial");
	cr_expect_eq(output_files_state(files).count, 2);
	output_files_close(files);
	cr_expect_str_eq(state(4), "none"); /* it had no record */
}

Test(output_held, what_is_on_disk_is_listed)
{
	struct output_files *files = begin(0);
	struct output_row row;

	record(files, "one\n");
	row = row_of(files);
	cr_expect_eq(row.file[0].bytes, 0);
	cr_expect_eq(output_files_sync(files), 0);
	record(files, "two\n");
	row = row_of(files);
	cr_assert_eq(row.nfiles, 1);
	cr_expect_eq(row.file[0].bytes, 4);
	output_files_close(files);
}

/* All that a run has asked had its time: its files are done, those of an earlier run only by their exponents. */
Test(output_held, an_orderly_end)
{
	struct output_files *files = begin(0);

	record(files, "one\n");
	cr_assert_eq(output_files_complete(files), 0); /* the last one: no other is begun */
	output_files_commit(files, 7, true);
	cr_expect_eq(row_of(files).nfiles, 0);
	cr_expect_eq(row_of(files).last, 1);
	cr_expect_eq(output_files_appear(files), 0);
	cr_expect_str_eq(state(1), "complete");
	output_files_close(files);
}

/* One that was completed without a record would be a hole for who counts; the only one tells that there were none. */
Test(output_held, a_file_without_records)
{
	struct output_files *files = begin(0);

	turn(files, "one\n");
	cr_assert_eq(output_files_complete(files), 0);
	output_files_commit(files, HELD_TO_THE_END, true);
	cr_expect_eq(row_of(files).nappearing, 1);
	cr_expect_str_eq(state(2), "partial"); /* the checkpoint before may name it */
	cr_expect_eq(output_files_appear(files), 0);
	cr_expect_str_eq(state(2), "none");
	output_files_close(files);

	files = begin(7);
	cr_assert_eq(output_files_complete(files), 0);
	output_files_commit(files, HELD_TO_THE_END, true);
	cr_expect_eq(output_files_appear(files), 0);
	cr_expect_str_eq(state(8), "complete");
	output_files_close(files);
}

/* A run that is killed: copies what it says, and leaves its files as they are. */
static struct output_row killed(struct output_files *files, struct output_row_file *file, uint64_t *appearing)
{
	struct output_row row = row_of(files);

	memcpy(file, row.file, row.nfiles * sizeof(*file));
	memcpy(appearing, row.appearing, row.nappearing * sizeof(*appearing));
	row.file = file;
	row.appearing = appearing;
	return row;
}

Test(output_held, what_a_killed_run_has_left)
{
	struct output_row_file file[8];
	uint64_t appearing[8];
	struct output_files *files = begin(0);
	const struct output_left *left;
	struct output_row row;
	struct error e = { 0 };
	char name[128];
	size_t n;
	int fd;

	turn(files, "one\n");
	output_files_mark(files, 10);
	output_files_commit(files, 10, false);
	turn(files, "two\n");
	record(files, "three\n");
	cr_assert_eq(output_files_sync(files), 0);
	row = killed(files, file, appearing);
	record(files, "fo"); /* cut */
	fd = output_files_fd(files); /* closed below: as a process that has gone, it holds no lock */
	cr_assert_eq(output_files_begin(files), 0); /* after the checkpoint; it still runs */
	close(fd);
	record(files, "five\n");
	{
		struct output_files *second = begin(row.last);

		cr_expect_eq(output_files_resume(second, &row, &e), -EWOULDBLOCK);
		cr_expect_not_null(strstr(e.text, "another scan writes it"), "%s", e.text);
		output_files_close(second);
	}
	output_files_close(files);

	files = begin(row.last);
	cr_assert_eq(output_files_resume(files, &row, &e), 0, "%s", e.text);
	cr_expect_str_eq(state(1), "complete"); /* the checkpoint had vouched for it */
	left = output_files_left(files, &n);
	cr_assert_eq(n, 3);
	cr_expect_eq(left[0].number, 2);
	cr_expect_eq(left[0].vouched, 4);
	cr_expect_eq(left[1].number, 3);
	cr_expect_eq(left[1].vouched, 6);
	cr_expect_eq(left[1].size, 8);
	cr_expect_eq(left[2].number, 4);
	cr_expect_eq(left[2].vouched, 0);
	output_files_left_name(files, 1, name, sizeof(name));
	cr_expect_not_null(strstr(name, "found.000003.partial"), "%s", name);
	cr_assert_eq(output_files_keep(files, 0, 4, 1, 1, 1000), 0);
	cr_assert_eq(output_files_keep(files, 1, 6, 1, 0, 1000), 0);
	cr_assert_eq(output_files_keep(files, 2, 0, 0, 0, 1000), 0);
	row = row_of(files);
	cr_assert_eq(row.nfiles, 3);
	cr_expect_eq(row.file[0].number, 2);
	cr_expect_eq(row.file[1].bytes, 6);
	cr_expect_eq(row.file[2].number, 5);
	cr_expect_eq(row.records, 1);
	output_files_mark(files, 50); /* not theirs */
	output_files_commit(files, 999, true);
	cr_expect_eq(row_of(files).nappearing, 0);
	output_files_commit(files, 1000, false);
	cr_expect_eq(row_of(files).nappearing, 2);
	cr_expect_eq(row_of(files).records, 3);
	cr_expect_eq(row_of(files).successes, 2);
	cr_expect_eq(output_files_appear(files), 0);
	cr_expect_str_eq(state(3), "complete");
	cr_expect_str_eq(state(4), "none");
	output_files_close(files);
}

/* Who goes on from the checkpoint before the last one finds files that have appeared since, or their absence. */
Test(output_held, from_an_older_checkpoint)
{
	struct output_row_file file[8];
	uint64_t appearing[8];
	struct output_files *files = begin(0);
	const struct output_left *left;
	struct output_row row;
	struct error e = { 0 };
	char name[128];
	size_t n;

	turn(files, "one\n");
	row = killed(files, file, appearing);
	output_files_mark(files, 10);
	output_files_commit(files, 10, false);
	cr_assert_eq(output_files_appear(files), 0);
	output_files_close(files);
	cr_expect_eq(row.nfiles, 2); /* the second went, as it had no record */

	files = begin(row.last);
	cr_assert_eq(output_files_resume(files, &row, &e), 0, "%s", e.text);
	left = output_files_left(files, &n);
	cr_assert_eq(n, 1);
	cr_expect(left[0].named);
	cr_assert_eq(output_files_keep(files, 0, 4, 1, 1, 1000), 0);
	output_files_commit(files, 1000, false);
	cr_expect_eq(row_of(files).nappearing, 0);
	cr_expect_eq(row_of(files).records, 1);
	cr_expect_eq(output_files_appear(files), 0);
	output_files_close(files);

	snprintf(name, sizeof(name), "%s.000001", path);
	cr_assert_eq(unlink(name), 0); /* a follower has taken it */
	files = begin(row.last);
	cr_expect_eq(output_files_resume(files, &row, &e), -ENOENT);
	cr_expect_not_null(strstr(e.text, "found.000001"), "%s", e.text);
	cr_expect_not_null(strstr(e.text, "put it back"), "%s", e.text);
	output_files_close(files);
}

/* A checkpoint may be written between two files, when none is listed: what the next one got is found all the same. */
Test(output_held, begun_after_a_checkpoint_that_lists_none)
{
	struct output_row_file file[8];
	uint64_t appearing[8];
	struct output_files *files = begin(0);
	const struct output_left *left;
	struct output_row row;
	struct error e = { 0 };
	size_t n;

	record(files, "one\n");
	cr_assert_eq(output_files_complete(files), 0);
	output_files_mark(files, 10);
	output_files_commit(files, 10, false);
	row = killed(files, file, appearing);
	cr_expect_eq(row.nfiles, 0);
	cr_assert_eq(output_files_begin(files), 0);
	record(files, "two\n");
	output_files_close(files);
	cr_expect_str_eq(state(2), "partial");

	files = begin(row.last);
	cr_assert_eq(output_files_resume(files, &row, &e), 0, "%s", e.text);
	cr_expect_str_eq(state(1), "complete");
	left = output_files_left(files, &n);
	cr_assert_eq(n, 1);
	cr_expect_eq(left[0].number, 2);
	cr_expect_eq(left[0].vouched, 0);
	cr_assert_eq(output_files_keep(files, 0, 0, 0, 0, 1000), 0);
	output_files_commit(files, 1000, false);
	row_of(files); /* a checkpoint without it */
	cr_expect_eq(output_files_appear(files), 0);
	cr_expect_str_eq(state(2), "none");
	output_files_close(files);
}
