/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <json-c/json.h>
#include <string.h>

#include "stages/sink/status.h"

#define SECOND 1000000000ULL

/* 5 s into a scan of 41.5 million targets at 996 Kp/s. */
static const struct pipeline_stats four = {
	.now_ns = 104 * SECOND,
	.start_ns = 100 * SECOND,
	.targets_total = 41500000,
	.sent = 3984000,
	.success = 79300,
};
static const struct pipeline_stats five = {
	.now_ns = 105 * SECOND,
	.start_ns = 100 * SECOND,
	.targets_total = 41500000,
	.sent = 4980000,
	.success = 99100,
	.limit = "tx",
};
static const struct status_input scan = {
	.now = &five,
	.before = &four,
	.probes = 1,
	.cooldown_s = 8,
	.max_results = UINT64_MAX,
	.send_threads = 3,
	.real_time_ns = 1700000000 * SECOND,
};

static void expect_line(const struct status_input *in, const char *expected)
{
	char line[512];
	const int n = status_line(in, line, sizeof(line));

	cr_expect_str_eq(line, expected);
	cr_expect_eq(n, (int)strlen(expected));
}

Test(status, the_line)
{
	expect_line(&scan, "0:05 12% (45s left); send: 4.98M 996 Kp/s (996 Kp/s avg); "
			   "recv: 99.1K 19.8 Kp/s (19.8 Kp/s avg); drops: 0; hitrate: 1.99%; limit: tx");
}

Test(status, first_look_has_the_mean_for_the_last_second)
{
	struct status_input in = scan;

	in.before = NULL;
	expect_line(&in, "0:05 12% (45s left); send: 4.98M 996 Kp/s (996 Kp/s avg); "
			 "recv: 99.1K 19.8 Kp/s (19.8 Kp/s avg); drops: 0; hitrate: 1.99%; limit: tx");
}

Test(status, nothing_sent_yet)
{
	const struct pipeline_stats start = { .now_ns = SECOND, .start_ns = SECOND, .targets_total = 256 };
	const struct status_input in = {
		.now = &start, .probes = 1, .cooldown_s = 8, .max_results = UINT64_MAX
	};

	expect_line(
		&in,
		"0:00 0%; send: 0 0 p/s (0 p/s avg); recv: 0 0 p/s (0 p/s avg); drops: 0; hitrate: 0.00%; "
		"limit: none");
}

Test(status, cooldown_counts_down)
{
	struct pipeline_stats s = five;
	struct status_input in = scan;

	s.state = PIPELINE_COOLDOWN;
	s.now_ns = 110 * SECOND;
	s.send_end_ns = 104 * SECOND;
	s.sent = 41500000;
	in.now = &s;
	cr_expect_float_eq(status_left(&in), 2, 1e-9);
	cr_expect_float_eq(status_percent(&in), 100, 1e-9);
	s.state = PIPELINE_DRAINING;
	cr_expect_float_eq(status_left(&in), 0, 1e-9);
}

Test(status, left_is_the_nearest_end)
{
	struct pipeline_stats s = five;
	struct status_input in = scan;

	in.now = &s;
	cr_expect_float_eq(status_left(&in), 36520000 / 996000.0 + 8, 1e-6);
	in.max_runtime_s = 7;
	cr_expect_float_eq(status_left(&in), 2 + 8, 1e-9);
	in.max_results = 1000;
	s.results = 500; /* 100 a second */
	in.max_runtime_s = 0;
	cr_expect_float_eq(status_left(&in), 5 + 8, 1e-9);
}

Test(status, probes_per_target)
{
	struct status_input in = scan;

	in.probes = 2;
	cr_expect_float_eq(status_percent(&in), 6, 1e-9);
}

/* Until the last target has had its first probe, as long as the others take is the least that is left. */
Test(status, spaced_probes)
{
	struct pipeline_stats s = five;
	struct status_input in = scan;
	double left;

	in.now = &s;
	in.probes = 3;
	left = status_left(&in);
	s.progress = 99;
	s.progress_total = 100;
	in.spacing_s = 1000;
	cr_expect_float_eq(status_left(&in), 2000 + in.cooldown_s, 1e-9);
	in.spacing_s = 1;
	cr_expect_float_eq(status_left(&in), left, 1e-9);
	s.progress = 100;
	in.spacing_s = 1000;
	cr_expect_float_eq(status_left(&in), left, 1e-9);
	/* those that were spared count as done */
	s.spared = s.sent / 2;
	cr_expect_float_eq(status_percent(&in), 6, 1e-9);
}

/* Scans of years, or of 2^48 targets: beyond 2^32, and beyond what a double counts. */
Test(status, counts_of_any_size)
{
	static const uint64_t from[] = { UINT32_MAX - 400, (1ULL << 53) - 400, UINT64_MAX - 996999 };
	struct pipeline_stats before = four, now = five;
	struct status_input in = scan;
	char row[2048], column[64];

	in.before = &before;
	in.now = &now;
	for (size_t i = 0; i < 3; i++) {
		before.sent = from[i];
		now.sent = from[i] + 996999;
		cr_assert_lt(status_json_row(&in, row, sizeof(row)), (int)sizeof(row));
		snprintf(column, sizeof(column), "\"sent_total\":%llu,", (unsigned long long)now.sent);
		cr_expect(strstr(row, column) != NULL, "%s is not in %s", column, row);
		cr_expect(strstr(row, "\"sent_last_one_sec\":996999,") != NULL, "%s", row);
		cr_assert_lt(status_csv_row(&in, row, sizeof(row)), (int)sizeof(row));
		snprintf(column, sizeof(column), ",%llu,996999,", (unsigned long long)now.sent);
		cr_expect(strstr(row, column) != NULL, "%s is not in %s", column, row);
	}
}

Test(status, percent_is_100_only_at_the_end)
{
	struct pipeline_stats s = five;
	struct status_input in = scan;
	char line[512];

	in.now = &s;
	s.sent = 41499999;
	status_line(&in, line, sizeof(line));
	cr_expect(strncmp(line, "0:05 99% ", 9) == 0, "%s", line);
	s.sent = 41499000;
	s.unresolved = 1000;
	cr_expect_float_eq(status_percent(&in), 100, 1e-9);
}

static void expect_number(double value, const char *expected)
{
	char buf[STATUS_NUMBER_MAX];

	cr_expect_str_eq(status_number(value, buf), expected);
}

Test(status, numbers_have_three_digits)
{
	expect_number(0, "0");
	expect_number(7, "7");
	expect_number(999, "999");
	expect_number(999.7, "1.00K");
	expect_number(1000, "1.00K");
	expect_number(9994, "9.99K");
	expect_number(9996, "10.0K");
	expect_number(99960, "100K");
	expect_number(999499, "999K");
	expect_number(999500, "1.00M");
	expect_number(4980000, "4.98M");
	expect_number(3702258432, "3.70G");
	expect_number(281474976710656, "281T");
}

static void expect_rate(double value, const char *expected)
{
	char buf[STATUS_RATE_MAX];

	cr_expect_str_eq(status_rate(value, buf), expected);
}

Test(status, rates)
{
	expect_rate(0.2, "0.2 p/s");
	expect_rate(50, "50 p/s");
	expect_rate(12.34, "12.3 p/s");
	expect_rate(996000, "996 Kp/s");
	expect_rate(14880000, "14.9 Mp/s");
}

static void expect_time(double seconds, const char *expected)
{
	char buf[STATUS_TIME_MAX];

	cr_expect_str_eq(status_time(seconds, buf), expected);
}

Test(status, times)
{
	expect_time(0, "0:00");
	expect_time(59.9, "0:59");
	expect_time(61, "1:01");
	expect_time(3599, "59:59");
	expect_time(3600, "1:00:00");
	expect_time(360000, "100:00:00");
}

static size_t columns(const char *row)
{
	size_t n = 1;

	for (; *row != '\0'; row++)
		n += *row == ',';
	return n;
}

Test(status, rows_are_as_wide_as_their_header)
{
	char header[1024], row[1024];

	cr_assert_lt(status_csv_header(header, sizeof(header)), (int)sizeof(header));
	cr_assert_lt(status_csv_row(&scan, row, sizeof(row)), (int)sizeof(row));
	cr_expect_eq(columns(header), 27);
	cr_expect_eq(columns(row), columns(header));
	cr_expect(strncmp(row, "2023-11-14T22:13:20Z,5.000,45,12.000,1.989960,3,4980000,996000,996000,99100,",
			  76) == 0,
		  "%s", row);
	cr_expect_str_eq(row + strlen(row) - 4, ",tx\n");
	cr_expect_str_eq(header + strlen(header) - 7, ",limit\n");
}

Test(status, json_row_has_the_same_columns)
{
	char row[2048];
	struct json_object *o, *value;

	status_json_row(&scan, row, sizeof(row));
	o = json_tokener_parse(row);
	cr_assert_not_null(o, "%s", row);
	cr_expect_eq(json_object_object_length(o), 27, "the columns, state and rate");
	cr_assert(json_object_object_get_ex(o, "state", &value));
	cr_expect_str_eq(json_object_get_string(value), "sending");
	cr_assert(json_object_object_get_ex(o, "rate", &value));
	cr_expect_null(value, "no limit");
	cr_assert(json_object_object_get_ex(o, "sent_total", &value));
	cr_expect_eq(json_object_get_uint64(value), 4980000);
	cr_assert(json_object_object_get_ex(o, "limit", &value));
	cr_expect_str_eq(json_object_get_string(value), "tx");
	json_object_put(o);
}

Test(status, a_small_buffer_is_not_overrun)
{
	char guard[32];

	memset(guard, 'x', sizeof(guard));
	cr_expect_gt(status_csv_row(&scan, guard, 16), 16);
	cr_expect_eq(guard[15], '\0');
	cr_expect_eq(guard[16], 'x');
}
