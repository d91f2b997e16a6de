/* SPDX-License-Identifier: Apache-2.0 */
/* history 16 */
/* --output-filter: what is taken decides on any record; an expression and its contradiction never agree. */
#include <stdbool.h>

#include "stages/classify/filter.h"
#include "tests/fuzz/fuzz_text.h"

static const struct record records[] = {
	{ .reply = { .class = REPLY_SYNACK,
		     .saddr = 0x01020304,
		     .daddr = 0xc0000201,
		     .sport = 443,
		     .ttl = 57 },
	  .success = true },
	{ .reply = { .class = REPLY_RST, .saddr = 0xffffffff, .sport = 65535, .ttl = 255 }, .repeat = true },
	{ .reply = { .class = REPLY_ICMP, .saddr = 0x0a000001, .sport = 80, .icmp_type = 3, .icmp_code = 13 },
	  .cooldown = true },
};

/* (text) && success = 2 is false, (text) || success < 2 is true, whatever the text. */
static void must_combine(const char *text, const char *tail, bool expected)
{
	char *longer = malloc(strlen(text) + strlen(tail) + 3);
	struct filter *f = NULL;
	struct error e = { 0 };

	sprintf(longer, "(%s)%s", text, tail);
	if (filter_parse(longer, &f, &e) == 0) { /* may be one parenthesis or one term too deep */
		for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
			must(filter_match(f, &records[i]) == expected);
		filter_free(f);
	}
	free(longer);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);
	struct filter *f = NULL;
	struct error e = { 0 };
	const int r = filter_parse(text, &f, &e);

	if (r < 0) {
		must_say(r, &e);
	} else {
		for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
			filter_match(f, &records[i]);
		must_combine(text, " && sport = 70000", false);
		must_combine(text, " || sport < 70000", true);
		filter_free(f);
	}
	free(text);
	return 0;
}
