/* SPDX-License-Identifier: Apache-2.0 */
#include "tools/anyscan-pipe/control_request.h"

#include <errno.h>
#include <string.h>

#include "stages/gen/quote.h"
#include "stages/gen/targets.h"
#include "tools/anyscan-pipe/options.h"

static const struct {
	const char *name, *value; /* value NULL: takes none */
} verbs[] = {
	[REQUEST_RATE] = { "rate", "rate 2M, rate auto:10k-2M, or rate max" },
	[REQUEST_PAUSE] = { "pause", NULL },
	[REQUEST_RESUME] = { "resume", NULL },
	[REQUEST_EXCLUDE] = { "exclude", "exclude 203.0.113.0/24" },
	[REQUEST_STATUS] = { "status", NULL },
	[REQUEST_CHECKPOINT] = { "checkpoint", NULL },
	[REQUEST_STOP] = { "stop", NULL },
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

static int unknown(const char *word, size_t len, struct error *e)
{
	const struct quote q = quote_text(word, len);
	char known[128] = "";

	for (size_t i = 0; i < VERBS; i++)
		snprintf(known + strlen(known), sizeof(known) - strlen(known), "%s%s", i > 0 ? ", " : "",
			 verbs[i].name);
	return error_set(e, -EINVAL, "there is no verb %s; write one of %s", q.text, known);
}

static int parse_ranges(const char *text, struct ranges *out, struct error *e)
{
	int r = targets_parse_list(text, out, e);

	if (r == -ENOENT)
		r = error_set(e, -EINVAL, "exclude: names are not resolved here; write addresses, as %s",
			      verbs[REQUEST_EXCLUDE].value);
	if (r == 0 && out->count == 0)
		r = error_set(e, -EINVAL, "exclude: what? write %s", verbs[REQUEST_EXCLUDE].value);
	if (r < 0)
		ranges_free(out);
	else
		ranges_normalise(out);
	return r;
}

static int parse_value(const char *value, struct request *q, struct error *e)
{
	const char *name = verbs[q->verb].name, *shape = verbs[q->verb].value;

	if (shape == NULL && *value != '\0')
		return error_set(e, -EINVAL, "%s takes no value; leave %s out", name,
				 quote_text(value, strlen(value)).text);
	if (shape != NULL && *value == '\0')
		return error_set(e, -EINVAL, "%s takes a value; write %s", name, shape);
	if (q->verb == REQUEST_RATE)
		return rate_parse("rate", value, &q->rate, e);
	return q->verb == REQUEST_EXCLUDE ? parse_ranges(value, &q->ranges, e) : 0;
}

int request_parse(const char *line, size_t len, struct request *q, struct error *e)
{
	char text[REQUEST_MAX];
	size_t word;

	*q = (struct request){ .verb = REQUEST_RATE };
	for (; len > 0 && (*line == ' ' || *line == '\t'); line++)
		len--;
	while (len > 0 && (line[len - 1] == ' ' || line[len - 1] == '\t' || line[len - 1] == '\r'))
		len--;
	if (len >= sizeof(text))
		return error_set(e, -E2BIG, "the line is longer than %d bytes; write several",
				 REQUEST_MAX - 1);
	memcpy(text, line, len);
	text[len] = '\0';
	if (strlen(text) < len)
		return error_set(e, -EINVAL, "there is a NUL byte in the line; write text");
	word = strcspn(text, " \t");
	for (size_t i = 0; i < VERBS; i++) {
		if (strlen(verbs[i].name) != word || memcmp(verbs[i].name, text, word) != 0)
			continue;
		q->verb = (enum request_verb)i;
		return parse_value(text + word + strspn(text + word, " \t"), q, e);
	}
	return unknown(text, word, e);
}

void request_free(struct request *q)
{
	ranges_free(&q->ranges);
}
