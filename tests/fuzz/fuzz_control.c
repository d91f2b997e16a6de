/* SPDX-License-Identifier: Apache-2.0 */
/* A line to --control-socket: any bytes. What is taken is within the bounds that a running scan relies on. */
#include <math.h>
#include <stdbool.h>

#include "anyscan/policy.h"
#include "tests/fuzz/fuzz_text.h"
#include "tools/anyscan-pipe/control_request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *line = malloc(size > 0 ? size : 1); /* no NUL behind it */
	struct error e = { 0 };
	struct request q;
	int r;

	if (size > 0)
		memcpy(line, data, size);
	r = request_parse(line, size, &q, &e);
	free(line);
	if (r < 0) {
		must_say(r, &e);
		must(q.ranges.range == NULL);
		return 0;
	}
	must(q.verb >= REQUEST_RATE && q.verb <= REQUEST_STOP);
	must(isfinite(q.rate.rate) && q.rate.rate >= RATE_MAX);
	must(q.rate.range.floor <= q.rate.range.ceiling && isfinite(q.rate.range.ceiling));
	must((q.verb == REQUEST_EXCLUDE) == (q.ranges.count > 0));
	for (size_t i = 0; i < q.ranges.count; i++)
		must(q.ranges.range[i].first <= q.ranges.range[i].last &&
		     (i == 0 || q.ranges.range[i].first > q.ranges.range[i - 1].last));
	request_free(&q);
	return 0;
}
