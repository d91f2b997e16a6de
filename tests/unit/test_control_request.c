/* SPDX-License-Identifier: Apache-2.0 */
#include <criterion/criterion.h>
#include <errno.h>
#include <string.h>

#include "anyscan/policy.h"
#include "tools/anyscan-pipe/aliases.c"
#include "tools/anyscan-pipe/control_request.c"
#include "tools/anyscan-pipe/option_parsers.c"
#include "tools/anyscan-pipe/option_table.c"
#include "tools/anyscan-pipe/options.c"

static struct request request;
static struct error error;

static int parse(const char *line)
{
	memset(&error, 0, sizeof(error));
	return request_parse(line, strlen(line), &request, &error);
}

Test(control_request, verbs)
{
	static const struct {
		const char *line;
		enum request_verb verb;
	} cases[] = { { "pause", REQUEST_PAUSE },
		      { "resume", REQUEST_RESUME },
		      { "status", REQUEST_STATUS },
		      { "checkpoint", REQUEST_CHECKPOINT },
		      { "stop", REQUEST_STOP },
		      { "  \tstop \t ", REQUEST_STOP },
		      { "status\r", REQUEST_STATUS },
		      { "rate max", REQUEST_RATE },
		      { "exclude 10.0.0.1", REQUEST_EXCLUDE } };

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		cr_assert_eq(parse(cases[i].line), 0, "%s: %s", cases[i].line, error.text);
		cr_expect_eq(request.verb, cases[i].verb, "%s", cases[i].line);
		request_free(&request);
	}
}

/* The bounds of --rate. */
Test(control_request, rate)
{
	cr_assert_eq(parse("rate 2M"), 0);
	cr_expect_eq(request.rate.rate, 2e6);
	cr_assert_eq(parse("rate  0.2"), 0);
	cr_expect_eq(request.rate.rate, 0.2);
	cr_assert_eq(parse("rate 1.5G"), 0);
	cr_expect_eq(request.rate.rate, 1.5e9);
	cr_assert_eq(parse("rate max"), 0);
	cr_expect_eq(request.rate.rate, RATE_MAX);
	cr_expect_eq(request.rate.range.ceiling, 0);
	cr_assert_eq(parse("rate auto"), 0);
	cr_expect_not(request.rate.ranged);
	cr_assert_eq(parse("rate auto:2k-3M"), 0);
	cr_expect(request.rate.ranged);
	cr_expect_eq(request.rate.range.floor, 2000);
	cr_expect_eq(request.rate.range.ceiling, 3e6);
	cr_expect_eq(parse("rate auto:3M-2k"), -EINVAL);
	cr_assert_eq(parse("rate 0"), -EINVAL);
	cr_expect_str_eq(error.text, "--rate 0: for no limit write --rate max");
	cr_expect_eq(parse("rate -1"), -EINVAL);
	cr_expect_eq(parse("rate 10x"), -EINVAL);
	cr_expect_eq(parse("rate nan"), -EINVAL);
	cr_expect_eq(parse("rate 1e999"), -EINVAL);
	cr_expect_eq(parse("rate 1 2"), -EINVAL);
	cr_expect_eq(parse("rate"), -EINVAL);
	cr_expect_str_eq(error.text, "rate takes a value; write rate 2M, rate auto:10k-2M, or rate max");
}

Test(control_request, exclude_takes_what_the_option_takes_sorted_and_merged)
{
	cr_assert_eq(parse("exclude 10.0.1.0/24,10.0.0.0-10.0.0.255 192.0.2.7"), 0, "%s", error.text);
	cr_assert_eq(request.ranges.count, 2);
	cr_expect_eq(request.ranges.range[0].first, 0x0a000000);
	cr_expect_eq(request.ranges.range[0].last, 0x0a0001ff);
	cr_expect_eq(request.ranges.range[1].first, 0xc0000207);
	cr_expect_eq(request.ranges.range[1].last, 0xc0000207);
	request_free(&request);
	cr_expect_eq(parse("exclude example.org"), -EINVAL);
	cr_expect_eq(parse("exclude 10.0.0.0/33"), -EINVAL);
	cr_expect_eq(parse("exclude 10.0.0.1,"), 0);
	request_free(&request);
	cr_expect_eq(parse("exclude ,"), -EINVAL);
	cr_expect_eq(parse("exclude"), -EINVAL);
	cr_expect_str_eq(error.text, "exclude takes a value; write exclude 203.0.113.0/24");
}

Test(control_request, what_is_wrong_is_answered_with_what_there_is)
{
	static const char known[] = "write one of rate, pause, resume, exclude, status, checkpoint, stop";

	cr_assert_eq(parse("halt 3"), -EINVAL);
	cr_expect_str_eq(error.text,
			 "there is no verb \"halt\"; write one of rate, pause, resume, exclude, status, "
			 "checkpoint, stop");
	cr_expect_eq(parse(""), -EINVAL);
	cr_expect_not_null(strstr(error.text, known));
	cr_expect_eq(parse("STOP"), -EINVAL);
	cr_expect_eq(parse("stopp"), -EINVAL);
	cr_expect_eq(parse("sto"), -EINVAL);
	cr_expect_eq(parse("\x1b[31m"), -EINVAL);
	cr_expect_null(strchr(error.text, '\x1b'));
	cr_assert_eq(parse("pause now"), -EINVAL);
	cr_expect_str_eq(error.text, "pause takes no value; leave \"now\" out");
}

Test(control_request, any_bytes)
{
	char line[2 * REQUEST_MAX];

	cr_expect_eq(request_parse("stop\0", 5, &request, &error), -EINVAL);
	memset(line, 'x', sizeof(line));
	cr_expect_eq(request_parse(line, REQUEST_MAX - 1, &request, &error), -EINVAL);
	cr_expect_eq(request_parse(line, REQUEST_MAX, &request, &error), -E2BIG);
	memset(line, ' ', sizeof(line));
	for (size_t i = 0; i < 4; i++)
		line[REQUEST_MAX + i] = "stop"[i];
	cr_expect_eq(request_parse(line, sizeof(line), &request, &error), 0, "blanks are not part of it");
}
