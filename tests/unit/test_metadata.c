/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <fcntl.h>
#include <json-c/json.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "stages/confine.h"
#include "stages/sink/metadata.h"

static const struct pipeline_stats stats = {
	.now_ns = 9000000000,
	.start_ns = 1000000000,
	.send_end_ns = 3500000000,
	.sent = 18446744073709551615U,
	.refused = 7,
	.unresolved = 3,
	.valid = 44,
	.results = 40,
	.duplicates = 4,
	.class = { [REPLY_SYNACK] = 30, [REPLY_RST] = 10 },
	.rejects = { [REJECT_COOKIE] = 5 },
	.results_lost = 2,
	.rst_sent = 12,
	.rst_dropped = 1,
	.dedup_exact = true,
};
static char *const argv[] = { (char[]){ "anyscan-pipe" }, (char[]){ "-p" }, (char[]){ "\"80\"" } };
static const struct reading before[] = { { "rx_dropped", READING_DROP, 100 },
					 { "tx_packets", READING_COUNT, 5 } };
static const struct reading after[] = { { "rx_dropped", READING_DROP, 130 },
					{ "tx_packets", READING_COUNT, 9 } };
static const struct metadata_interface interfaces[] = {
	{ "ens1", "tx_ring", before, after, 2, 2, 0 },
	{ "ens2", "tx_ring", before, after, 2, 2, 1.5 },
};
static const struct stage_stats stages[] = { { "gen", 0, 100, 1, 2, 0.25 } };
static const struct edge_stats edges[] = { { "gen0>build0", 100, 10, 1, 2, 64 } };
static const struct metadata_write_error write_errors[] = { { "output-file", "Disk quota exceeded" } };
static const struct metadata scan = {
	.version = "0.1.0",
	.argc = 3,
	.argv = argv,
	.notes = "for Ann \"the owner\"",
	.seed = 18446744073709551614U,
	.shard = 1,
	.shards = 4,
	.domain_digest = "0123456789abcdef",
	.targets_total = 256,
	.targets_excluded = 16,
	.io_engine = "af_packet",
	.io_engine_why = "ens1 carries the default route",
	.plan = "cpu 0: gen0\ncpu 1: rx0\n",
	.rate = 10000,
	.cooldown_s = 0.1,
	.probe_module = "tcp_synscan",
	.rst = true,
	.send_start_ns = 1700000000123000000,
	.send_end_ns = 1700000002623000000,
	.stats = &stats,
	.stages = stages,
	.nstages = 1,
	.edges = edges,
	.nedges = 1,
	.interfaces = interfaces,
	.ninterfaces = 2,
	.write_errors = write_errors,
	.nwrite_errors = 1,
	.end_reason = "completed",
	.exit_code = 0,
};

static struct json_object *parse(const struct metadata *m)
{
	char *text = metadata_text(m);
	struct json_object *o = json_tokener_parse(text);

	cr_assert_not_null(o, "%s", text);
	free(text);
	return o;
}

/* A path as "rejects.cookie" or "stages.0.busy", printed as json. */
static void expect(struct json_object *o, const char *path, const char *expected)
{
	char copy[128], *rest = copy, *key;
	struct json_object *at = o;

	strcpy(copy, path);
	while ((key = strsep(&rest, ".")) != NULL) {
		if (json_object_is_type(at, json_type_array))
			at = json_object_array_get_idx(at, (size_t)atoi(key));
		else
			cr_assert(json_object_object_get_ex(at, key, &at), "%s is missing", path);
	}
	cr_expect_str_eq(json_object_to_json_string_ext(at, JSON_C_TO_STRING_PLAIN), expected, "%s", path);
}

static const struct auto_rate auto_rate = { .range = { 1000, 2000000 },
					    .state = AUTO_RATE_NETWORK,
					    .cause = "pps_allowance_exceeded",
					    .settled = 19400 };
static struct auto_rate_history auto_history;

/* Only the changes, and of many the latest. */
Test(metadata, auto_rate)
{
	struct auto_rate a = { .settled = 1000 };
	struct metadata m = scan;
	struct json_object *o = parse(&m);

	expect(o, "auto_rate", "null");
	json_object_put(o);
	for (uint64_t i = 0; i < 3 * HISTORY_MOST; i++) {
		a.settled *= i % 3 == 1 ? 1.005 : 1.1;
		a.state = AUTO_RATE_CPU;
		history_note(&auto_history, &a, i);
	}
	history_note(&auto_history, &auto_rate, 1700000000123000000);
	m.auto_rate = &auto_rate;
	m.auto_history = &auto_history;
	o = parse(&m);
	expect(o, "auto_rate.floor", "1000.0");
	expect(o, "auto_rate.ceiling", "2000000.0");
	expect(o, "auto_rate.settled", "19400.0");
	expect(o, "auto_rate.state", "\"network\"");
	expect(o, "auto_rate.cause", "\"pps_allowance_exceeded\"");
	expect(o, "auto_rate.changes", "129");
	cr_expect_eq(auto_history.count, HISTORY_MOST);
	expect(o, "auto_rate.latest.63",
	       "{\"since\":\"2023-11-14T22:13:20.123Z\",\"rate\":19400.0,\"state\":\"network\","
	       "\"cause\":\"pps_allowance_exceeded\"}");
	expect(o, "auto_rate.latest.62.state", "\"cpu\"");
	expect(o, "auto_rate.latest.62.cause", "null");
	json_object_put(o);
}

Test(metadata, keys_and_values)
{
	static const char *const pairs[][2] = {
		{ "version", "\"0.1.0\"" },
		{ "argv", "[\"anyscan-pipe\",\"-p\",\"\\\"80\\\"\"]" },
		{ "notes", "\"for Ann \\\"the owner\\\"\"" },
		{ "seed", "18446744073709551614" },
		{ "shard", "1" },
		{ "shards", "4" },
		{ "domain_digest", "\"0123456789abcdef\"" },
		{ "targets_total", "256" },
		{ "targets_excluded", "16" },
		{ "io_engine", "\"af_packet\"" },
		{ "io_engine_why", "\"ens1 carries the default route\"" },
		{ "io_mode", "\"tx_ring\"" },
		{ "plan", "[\"cpu 0: gen0\",\"cpu 1: rx0\"]" },
		{ "rate", "10000.0" },
		{ "cooldown_secs", "0.1" },
		{ "send_start", "\"2023-11-14T22:13:20.123Z\"" },
		{ "send_end", "\"2023-11-14T22:13:22.623Z\"" },
		{ "send_seconds", "2.5" },
		{ "probes_sent", "18446744073709551615" },
		{ "send_refused", "7" },
		{ "probe_module", "\"tcp_synscan\"" },
		{ "rst", "\"on\"" },
		{ "rst_sent", "12" },
		{ "rst_dropped", "1" },
		{ "targets_unresolved", "3" },
		{ "replies_valid", "44" },
		{ "classes", "{\"synack\":30,\"rst\":10,\"icmp\":0,\"echoreply\":0}" },
		{ "results", "40" },
		{ "duplicates", "4" },
		{ "dedup_exact", "true" },
		{ "drops", "{\"rx_dropped\":60,\"results_lost\":2}" },
		{ "stages.0.name", "\"gen\"" },
		{ "stages.0.items", "100" },
		{ "stages.0.stalled", "1" },
		{ "stages.0.busy", "0.25" },
		{ "edges.0.name", "\"gen0>build0\"" },
		{ "edges.0.pool", "64" },
		{ "interfaces.1.name", "\"ens2\"" },
		{ "interfaces.1.before.rx_dropped", "100" },
		{ "interfaces.1.after.tx_packets", "9" },
		{ "write_errors", "{\"output-file\":\"Disk quota exceeded\"}" },
		{ "end_reason", "\"completed\"" },
		{ "exit_code", "0" },
	};
	struct json_object *o = parse(&scan), *rejects, *value;

	for (size_t i = 0; i < sizeof(pairs) / sizeof(pairs[0]); i++)
		expect(o, pairs[i][0], pairs[i][1]);
	cr_assert(json_object_object_get_ex(o, "rejects", &rejects));
	cr_expect_eq(json_object_object_length(rejects), REJECT_CAUSES - 1);
	cr_assert(json_object_object_get_ex(rejects, reject_names[REJECT_COOKIE], &value));
	cr_expect_eq(json_object_get_int(value), 5);
	cr_expect(json_object_object_get_ex(o, "kernel", &value) && json_object_get_string_len(value) > 0);
	cr_expect(json_object_object_get_ex(o, "hostname", &value));
	json_object_put(o);
}

Test(metadata, of_a_scan_that_runs)
{
	struct metadata m = scan;
	struct json_object *o;

	m.end_reason = NULL;
	m.send_end_ns = 0;
	m.rate = 0;
	o = parse(&m);
	expect(o, "end_reason", "null");
	expect(o, "exit_code", "null");
	expect(o, "send_end", "null");
	expect(o, "rate", "null");
	json_object_put(o);
}

static off_t size_of(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 ? st.st_size : -1;
}

/* A row of files: how many are complete, and which; null where there is one file. */
Test(metadata, rows_of_files_and_links_that_were_down)
{
	struct pipeline_stats row = *scan.stats;
	struct metadata m = scan;
	struct json_object *o = parse(&m), *list, *seconds;

	expect(o, "output_files", "null");
	cr_assert(json_object_object_get_ex(o, "interfaces", &list));
	cr_assert(json_object_object_get_ex(json_object_array_get_idx(list, 1), "down_seconds", &seconds));
	cr_expect_eq(json_object_get_double(seconds), 1.5);
	json_object_put(o);
	m.output_row = "found";
	m.stats = &row;
	o = parse(&m);
	expect(o, "output_files", "{\"count\":0,\"first\":null,\"last\":null}");
	json_object_put(o);
	row.output.files = 2;
	row.output.first_file = 7;
	row.output.last_file = 1000000;
	o = parse(&m);
	expect(o, "output_files", "{\"count\":2,\"first\":\"found.000007\",\"last\":\"found.1000000\"}");
	json_object_put(o);
}

Test(metadata, replaces_the_file_as_a_whole)
{
	char directory[] = "/tmp/metadata-XXXXXX", path[64], link[64], target[64];
	struct error e = { .code = 0 };
	struct stat st;
	int old;

	cr_assert_not_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/m.json", directory);
	snprintf(link, sizeof(link), "%s/link", directory);
	cr_assert_eq(metadata_write(path, &scan, &e), 0, "%s", e.text);
	old = open(path, O_RDONLY);
	cr_assert_eq(symlink("m.json", link), 0);
	cr_assert_eq(metadata_write(link, &scan, &e), 0, "%s", e.text);

	/* who had the old one open still has all of it; the link is still a link */
	cr_assert_eq(fstat(old, &st), 0);
	cr_expect_eq(st.st_nlink, 0);
	cr_expect_eq(st.st_size, size_of(path));
	cr_expect_gt(readlink(link, target, sizeof(target)), 0);
	close(old);
	unlink(link);
	unlink(path);
	cr_expect_eq(rmdir(directory), 0, "a temporary file is left");
}

/* In a child, as rights do not come back: as root too, the folder is closed to it. */
static int rewrite_without_rights(const char *path, int held)
{
	struct metadata longer = scan, shorter = scan;
	struct error e = { .code = 0 };

	longer.version = "0.1.0 of some length";
	shorter.version = "9";
	if (confine_rights(&e) != 0 || metadata_write(path, &longer, &e) != -EACCES)
		return 1;
	if (metadata_rewrite(path, held, &longer, &e) != 0 || metadata_rewrite(path, held, &shorter, &e) != 0)
		return 2;
	return 0;
}

Test(metadata, is_rewritten_in_place_where_the_folder_is_closed)
{
	char directory[] = "/tmp/metadata-XXXXXX", path[64];
	struct error e = { .code = 0 };
	struct json_object *o, *version;
	int held, status;
	pid_t child;

	cr_assert_not_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/m.json", directory);
	cr_assert_eq(metadata_write(path, &scan, &e), 0, "%s", e.text);
	held = metadata_hold(path);
	cr_assert_geq(held, 0);
	cr_assert_eq(chmod(directory, 0500), 0);
	child = fork();
	if (child == 0)
		_exit(rewrite_without_rights(path, held));
	cr_assert_eq(waitpid(child, &status, 0), child);
	cr_expect_eq(status, 0, "status %#x", status);
	close(held);

	o = json_object_from_file(
		path); /* of one object: two in a row, or an end of the longer one, are none */
	cr_assert_not_null(o);
	cr_assert(json_object_object_get_ex(o, "version", &version));
	cr_expect_str_eq(json_object_get_string(version), "9");
	json_object_put(o);
	chmod(directory, 0700);
	unlink(path);
	cr_expect_eq(rmdir(directory), 0, "a temporary file is left");
}

/* In a namespace of its own: a file system of 128 KiB that something else fills. */
static int rewrite_on_a_full_disk(const char *directory, const char *path)
{
	struct metadata longer = scan;
	struct error e = { .code = 0 };
	char filler[64], block[4096] = "", version[20000] = "";
	int held, fd;

	memset(version, '1', sizeof(version) - 1); /* pages more than the file has at its start */
	longer.version = version;
	if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 ||
	    mount("none", directory, "tmpfs", 0, "size=128k") != 0)
		return 77;
	if (metadata_write(path, &scan, &e) != 0 || (held = metadata_hold(path)) < 0)
		return 1;
	snprintf(filler, sizeof(filler), "%s/filler", directory);
	fd = open(filler, O_WRONLY | O_CREAT, 0600);
	while (write(fd, block, sizeof(block)) > 0)
		;
	if (metadata_rewrite(path, -1, &longer, &e) != -ENOSPC)
		return 2;
	if (metadata_rewrite(path, held, &longer, &e) != 0 || json_object_from_file(path) == NULL)
		return 3;
	if (metadata_rewrite(path, held, &scan, &e) != 0 || json_object_from_file(path) == NULL)
		return 4;
	return 0;
}

Test(metadata, has_room_kept_on_a_disk_that_the_results_fill)
{
	char directory[] = "/tmp/metadata-XXXXXX", path[64];
	int status;
	pid_t child;

	cr_assert_not_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/m.json", directory);
	child = fork();
	if (child == 0)
		_exit(rewrite_on_a_full_disk(directory, path));
	cr_assert_eq(waitpid(child, &status, 0), child);
	rmdir(directory);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		cr_skip("no file system of one's own here");
	cr_expect_eq(status, 0, "status %#x", status);
}

Test(metadata, a_pipe_is_not_held)
{
	char directory[] = "/tmp/metadata-XXXXXX", path[64];

	cr_assert_not_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/fifo", directory);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_expect_eq(metadata_hold(path), -1); /* and does not wait for a reader */
	unlink(path);
	cr_expect_eq(metadata_hold(path), -1);
	rmdir(directory);
}

Test(metadata, writes_a_pipe_in_place)
{
	char directory[] = "/tmp/metadata-XXXXXX", path[64], text[16384];
	struct error e = { .code = 0 };
	struct stat st;
	int fd;

	cr_assert_not_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/fifo", directory);
	cr_assert_eq(mkfifo(path, 0600), 0);
	fd = open(path, O_RDWR);
	cr_assert_eq(metadata_write(path, &scan, &e), 0, "%s", e.text);
	cr_expect_gt(read(fd, text, sizeof(text)), 1000);
	cr_expect_eq(stat(path, &st), 0);
	cr_expect(S_ISFIFO(st.st_mode));
	close(fd);
	unlink(path);
	rmdir(directory);
}

Test(metadata, never_replaces_a_device_name)
{
	char path[32], text[16384];
	struct error e = { .code = 0 };
	FILE *file = tmpfile();
	size_t n;

	/* a regular file, but by a name under /dev: what is in it stays */
	fputs("results\n", file);
	fflush(file);
	snprintf(path, sizeof(path), "/dev/fd/%d", fileno(file));
	cr_assert_eq(metadata_write(path, &scan, &e), 0, "%s", e.text);
	rewind(file);
	n = fread(text, 1, sizeof(text) - 1, file);
	text[n] = '\0';
	cr_expect(strncmp(text, "results\n{\n", 10) == 0, "%s", text);
	fclose(file);
}

/* Nobody may ever read it, and the signals that would end the wait are blocked by then. */
Test(metadata, a_pipe_that_nobody_reads_is_an_error, .timeout = 10)
{
	char directory[] = "/tmp/metadata-XXXXXX", path[64];
	struct error e = { .code = 0 };

	cr_assert_not_null(mkdtemp(directory));
	snprintf(path, sizeof(path), "%s/fifo", directory);
	cr_assert_eq(mkfifo(path, 0600), 0);
	cr_expect_eq(metadata_write(path, &scan, &e), -ENXIO);
	unlink(path);
	rmdir(directory);
}

Test(metadata, shared_memory_holds_files_like_others)
{
	char path[] = "/dev/shm/metadata-XXXXXX";
	struct error e = { .code = 0 };
	struct json_object *o;
	int fd = mkstemp(path);

	if (fd < 0)
		cr_skip_test("no /dev/shm");
	close(fd);
	unlink(path);
	cr_assert_eq(metadata_write(path, &scan, &e), 0, "%s", e.text);
	cr_assert_eq(metadata_write(path, &scan, &e), 0, "%s", e.text);
	o = json_object_from_file(path); /* of one object: two in a row are none */
	cr_expect_not_null(o);
	json_object_put(o);
	unlink(path);
}

/* An argument is any bytes; a strict reader of JSON takes none but UTF-8. */
Test(metadata, bytes_that_are_no_utf8_are_replaced)
{
	static const char *const cases[][2] = {
		{ "plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80",
		  "plain \xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80" },
		{ "a\xff"
		  "b",
		  "a\xef\xbf\xbd"
		  "b" },
		{ "\xc3", "\xef\xbf\xbd" }, /* cut short */
		{ "\xc0\x80", "\xef\xbf\xbd\xef\xbf\xbd" }, /* overlong */
		{ "\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd" }, /* surrogate */
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char *const words[] = { (char *)cases[i][0] };
		struct metadata m = scan;
		struct json_object *o, *list;
		char *text;

		m.argc = 1;
		m.argv = words;
		text = metadata_text(&m);
		cr_assert_not_null(text);
		o = json_tokener_parse(text);
		cr_assert(json_object_object_get_ex(o, "argv", &list));
		cr_expect_str_eq(json_object_get_string(json_object_array_get_idx(list, 0)), cases[i][1]);
		json_object_put(o);
		free(text);
	}
}

Test(metadata, says_why_it_cannot)
{
	struct error e = { .code = 0 };

	cr_expect_eq(metadata_write("/nonexistent/m.json", &scan, &e), -ENOENT);
	cr_expect_str_eq(e.text, "--metadata-file /nonexistent/m.json: No such file or directory");
}
