/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "stages/checkpoint/checkpoint.h"
#include "stages/checkpoint/crc32.h"
#include "tests/unit/checkpoint_sample.h"

static void check_sample(const struct checkpoint *c)
{
	cr_assert_str_eq(c->version, "0.1.0");
	cr_assert_eq(c->argc, 4);
	cr_assert_str_eq(c->argv[3], "80");
	cr_assert_eq(c->noptions, 3);
	cr_assert_str_eq(c->options[0].name, "");
	cr_assert_str_eq(c->options[1].name, "target-ports");
	cr_assert_str_eq(c->options[1].value, "80");
	cr_assert_null(c->options[2].value);
	cr_assert_str_eq(c->digest, "0123456789abcdef");
	cr_assert_eq(c->targets, 16777216);
	cr_assert_eq(c->seed, UINT64_MAX - 3);
	cr_assert(c->shard == 5 && c->shards == 6 && c->probes == 2);
	cr_assert(c->exponents.first == 1000 && c->exponents.end == 1ULL << 48);
	cr_assert_eq(c->written_ns, 1700000000123456789);
	cr_assert_eq(c->runs, 7);
	cr_assert_not(c->finished);
	cr_assert_eq(c->nremaining, 2);
	cr_assert(c->remaining[0].first == 1001 && c->remaining[0].end == 1005);
	cr_assert(c->remaining[1].first == 1006 && c->remaining[1].end == (1ULL << 48) - 1);
	cr_assert_eq(c->probes_committed, 8);
	cr_assert_eq(c->nexclusions, 2);
	cr_assert_eq(memcmp(c->exclusions, sample_exclusions, sizeof(sample_exclusions)), 0);
	cr_assert_str_eq(c->output_file, "/var/results/a \"b\"\n\\c");
	cr_assert_str_eq(c->output_module, "csv");
	cr_assert_eq(c->output_bytes, 9);
	cr_assert_eq(c->settled.bytes, 8);
	cr_assert_eq(c->settled.records, 31);
	cr_assert_eq(c->settled.successes, 32);
	cr_assert_eq(c->leased, 33);
	cr_assert_float_eq(c->send_seconds, 10.25, 1e-9);
	cr_assert_eq(c->totals.sent, 11);
	cr_assert_eq(c->totals.output.written, 12);
	cr_assert_eq(c->totals.class[REPLY_RST], 13);
	cr_assert_eq(c->totals.rejects[REJECT_UNASKED], 14);
}

Test(checkpoint, crc32)
{
	cr_assert_eq(crc32_of("123456789", 9), 0xcbf43926); /* the check value of its catalogues */
	cr_assert_eq(crc32_of("", 0), 0);
}

/* Beyond 2^32, beyond what a double counts, and to the end: no number changes on its way through the file. */
Test(checkpoint, numbers_of_any_size)
{
	static const uint64_t sizes[] = { UINT32_MAX, 1ULL << 32, (1ULL << 53) + 1, INT64_MAX, UINT64_MAX };
	char path[64] = "/tmp/anyscan-checkpoint.XXXXXX";
	struct error error;

	close(mkstemp(path));
	for (size_t i = 0; i < 5; i++) {
		struct checkpoint c = sample(), read;
		const uint64_t n = sizes[i], bytes = n < INT64_MAX ? n : INT64_MAX; /* of a file */

		c.output_bytes = bytes;
		c.seed = c.leased = c.probes_committed = c.written_ns = n;
		c.settled = (struct sink_position){ .bytes = bytes, .records = n, .successes = n };
		c.totals.sent = c.totals.valid = c.totals.drops = c.totals.output.written = n;
		c.totals.class[REPLY_RST] = c.totals.rejects[REJECT_UNASKED] = n;
		cr_assert_eq(checkpoint_write(path, &c, &error), 0, "%s", error.text);
		cr_assert_eq(checkpoint_read(path, &read, &error), 0, "%s", error.text);
		cr_expect(read.seed == n && read.leased == n && read.output_bytes == bytes, "%lu", n);
		cr_expect(read.probes_committed == n && read.written_ns == n, "%lu", n);
		cr_expect(read.settled.bytes == bytes && read.settled.records == n &&
				  read.settled.successes == n,
			  "%lu", n);
		cr_expect(read.totals.sent == n && read.totals.valid == n && read.totals.drops == n, "%lu",
			  n);
		cr_expect(read.totals.output.written == n && read.totals.class[REPLY_RST] == n &&
				  read.totals.rejects[REJECT_UNASKED] == n,
			  "%lu", n);
		checkpoint_free(&read);
	}
	unlink(path);
	unlink(strcat(path, CHECKPOINT_PREVIOUS));
}

Test(checkpoint, what_is_written_is_read)
{
	const struct checkpoint c = sample();
	struct checkpoint read;
	struct json_object *json;
	struct error e = { 0 };
	char *text = checkpoint_text(&c);

	cr_assert_eq(checkpoint_parse("f", text, strlen(text), &read, &e), 0, "%s", e.text);
	check_sample(&read);
	checkpoint_free(&read);
	json = json_tokener_parse(text); /* it is JSON with its CRC, too */
	cr_assert_not_null(json);
	cr_assert_eq(strlen(json_object_get_string(json_object_object_get(json, "crc32"))), 8);
	json_object_put(json);
	free(text);
}

Test(checkpoint, finished_is_what_has_nothing_left)
{
	struct checkpoint c = sample(), read;
	char *text;

	c.finished = true;
	text = checkpoint_text(&c);
	cr_assert_eq(checkpoint_parse("f", text, strlen(text), &read, NULL), -EBADMSG);
	free(text);
	c.nremaining = 0;
	text = checkpoint_text(&c);
	cr_assert_eq(checkpoint_parse("f", text, strlen(text), &read, NULL), 0);
	cr_assert(read.finished);
	checkpoint_free(&read);
	free(text);
}

Test(checkpoint, every_changed_bit_is_seen)
{
	const struct checkpoint c = sample();
	struct checkpoint read;
	char *text = checkpoint_text(&c);
	const size_t size = strlen(text);

	for (size_t i = 0; i < size; i++) {
		for (int bit = 0; bit < 8; bit++) {
			int r;

			text[i] ^= (char)(1 << bit);
			r = checkpoint_parse("f", text, size, &read, NULL);
			cr_assert(r == -EBADMSG || r == -EINVAL || r == -EPROTO, "byte %zu, bit %d: %d", i,
				  bit, r);
			cr_assert_null(read.memory);
			text[i] ^= (char)(1 << bit);
		}
	}
	free(text);
}

Test(checkpoint, every_cut_is_seen)
{
	const struct checkpoint c = sample();
	struct checkpoint read;
	char *text = checkpoint_text(&c);
	const size_t size = strlen(text);

	for (size_t n = 0; n < size; n++) {
		char *copy = malloc(n + 1); /* a read behind the end is seen */

		memcpy(copy, text, n);
		cr_assert_eq(checkpoint_parse("f", copy, n, &read, NULL), -EBADMSG, "%zu bytes", n);
		free(copy);
	}
	text = realloc(text, size + 2);
	strcpy(text + size, "\n");
	cr_assert_eq(checkpoint_parse("f", text, size + 1, &read, NULL), -EBADMSG);
	free(text);
}

static void refuse(const char *text, int code, const char *word)
{
	struct checkpoint read;
	struct error e = { 0 };

	cr_assert_eq(checkpoint_parse("f", text, strlen(text), &read, &e), code, "%s", text);
	cr_assert(strstr(e.text, word) != NULL, "%s", e.text);
}

Test(checkpoint, foreign_and_newer)
{
	refuse("# masscan\nseed = 5\n", -EINVAL, "f is not a checkpoint of anyscan-pipe");
	refuse("{\"format\": \"other\"}", -EINVAL, "not a checkpoint");
	refuse("{\n  \"format\":\"anyscan-pipe checkpoint\",\n  \"format_version\":2,\n", -EPROTO,
	       "format 2, of a newer anyscan-pipe; this one reads 1");
}

/* Right to the CRC, wrong in meaning. */
Test(checkpoint, contents_are_checked)
{
	static const struct interval outside[] = { { 999, 1005, 0 } },
				     reversed[] = { { 1500, 1600, 0 }, { 1100, 1200, 0 } };
	static const struct exclusion backwards[] = { { 2, 1, 1 }, { 3, 4, 1 } };
	struct checkpoint c = sample(), read;
	char *text;

	for (int i = 0; i < 5; i++) {
		c = sample();
		c.exclusions = i == 4 ? backwards : c.exclusions;
		c.remaining = i == 0 ? outside : i == 1 ? reversed : c.remaining;
		c.nremaining = i == 0 ? 1 : 2;
		c.shard = i == 2 ? 6 : 5;
		c.output_file = i == 3 ? NULL : "f";
		text = checkpoint_text(&c);
		cr_assert_eq(checkpoint_parse("f", text, strlen(text), &read, NULL), -EBADMSG, "%d", i);
		free(text);
	}
}

Test(checkpoint, a_row_of_files)
{
	static const struct output_row_file backwards[] = { { 25, 0 }, { 23, 24 } };
	struct output_row row = sample_row;
	struct checkpoint c = sample(), read;
	struct error e = { 0 };
	char *text;

	c.row = &row;
	text = checkpoint_text(&c);
	cr_assert_eq(checkpoint_parse("f", text, strlen(text), &read, &e), 0, "%s", e.text);
	check_sample(&read);
	cr_assert_not_null(read.row);
	cr_expect_eq(read.row->records, 26);
	cr_expect_eq(read.row->successes, 27);
	cr_expect_eq(read.row->last, 28);
	cr_assert_eq(read.row->nappearing, 2);
	cr_expect_eq(read.row->appearing[0], 21);
	cr_expect_eq(read.row->appearing[1], 22);
	cr_assert_eq(read.row->nfiles, 2);
	cr_expect_eq(read.row->file[0].number, 23);
	cr_expect_eq(read.row->file[0].bytes, 24);
	cr_expect_eq(read.row->file[1].number, 25);
	cr_expect_eq(read.row->file[1].bytes, 0);
	checkpoint_free(&read);
	free(text);

	row.file = backwards;
	text = checkpoint_text(&c);
	cr_expect_eq(checkpoint_parse("f", text, strlen(text), &read, NULL), -EBADMSG);
	free(text);
}

static char folder[64], path[96], previous[112], fresh[112];

static void enter_folder(void)
{
	strcpy(folder, "/tmp/anyscan-checkpoint.XXXXXX");
	cr_assert_not_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/f", folder);
	snprintf(previous, sizeof(previous), "%s" CHECKPOINT_PREVIOUS, path);
	snprintf(fresh, sizeof(fresh), "%s.new", path);
}

static void leave_folder(void)
{
	unlink(path);
	unlink(previous);
	unlink(fresh);
	rmdir(folder);
}

TestSuite(checkpoint_file, .init = enter_folder, .fini = leave_folder);

Test(checkpoint_file, the_one_before_is_kept)
{
	struct checkpoint c = sample(), read;
	struct error e = { 0 };
	struct stat st;

	cr_assert_eq(checkpoint_read(path, &read, &e), -ENOENT);
	cr_assert_eq(checkpoint_write(path, &c, &e), 0, "%s", e.text);
	cr_assert_neq(access(previous, F_OK), 0);
	cr_assert_eq(checkpoint_read(path, &read, &e), 0, "%s", e.text);
	check_sample(&read);
	checkpoint_free(&read);
	for (unsigned int runs = 8; runs < 11; runs++) {
		c.runs = runs;
		cr_assert_eq(checkpoint_write(path, &c, &e), 0);
		cr_assert_eq(checkpoint_read(path, &read, &e), 0);
		cr_assert_eq(read.runs, runs);
		checkpoint_free(&read);
		cr_assert_eq(checkpoint_read(previous, &read, &e), 0);
		cr_assert_eq(read.runs, runs - 1);
		checkpoint_free(&read);
		cr_assert_neq(access(fresh, F_OK), 0);
	}
	cr_assert_eq(stat(path, &st), 0);
	cr_assert_eq(st.st_mode & 0777, 0600); /* options may hold what is nobody's business */
}

Test(checkpoint_file, a_damaged_one_names_the_one_before)
{
	const struct checkpoint c = sample();
	struct checkpoint read;
	struct error e = { 0 };

	cr_assert_eq(checkpoint_write(path, &c, &e), 0);
	cr_assert_eq(checkpoint_write(path, &c, &e), 0);
	cr_assert_eq(truncate(path, 700), 0);
	cr_assert_eq(checkpoint_read(path, &read, &e), -EBADMSG);
	cr_assert(strstr(e.text, "damaged or cut off") != NULL, "%s", e.text);
	cr_assert(strstr(e.text, "f.previous") != NULL, "%s", e.text);
	unlink(previous);
	cr_assert_eq(checkpoint_read(path, &read, &e), -EBADMSG);
	cr_assert(strstr(e.text, "start the scan anew") != NULL, "%s", e.text);
}

Test(checkpoint_file, what_cannot_be_written_is_said)
{
	const struct checkpoint c = sample();
	struct error e = { 0 };

	cr_assert_eq(checkpoint_write("/nonexistent/f", &c, &e), -ENOENT);
	cr_assert_str_eq(e.text, "--checkpoint-file /nonexistent/f: No such file or directory");
	cr_assert_eq(checkpoint_write(folder, &c, &e), -EISDIR, "%s", e.text);
}
