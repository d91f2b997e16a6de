/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The checkpoint loader. A mutated file fails at its CRC, so the input is tried as it is, and again as the body of one
 * whose seal is right.
 */
#include <stdio.h>

#include "stages/checkpoint/checkpoint.h"
#include "stages/checkpoint/crc32.h"
#include "stages/checkpoint/text.h"
#include "tests/fuzz/fuzz_text.h"

static void try(const char *text, size_t size)
{
	struct checkpoint c, again;
	struct error e = { 0 };
	const int r = checkpoint_parse("f", text, size, &c, &e);
	char *copy;

	if (r < 0) {
		must_say(r, &e);
		must(c.memory == NULL);
		return;
	}
	must(c.finished == (c.nremaining == 0));
	must(intervals_valid(c.remaining, c.nremaining, c.exponents));
	copy = checkpoint_text(&c); /* what was taken is written as something that is taken */
	must(copy != NULL);
	must(checkpoint_parse("f", copy, strlen(copy), &again, &e) == 0);
	must(again.nremaining == c.nremaining && again.seed == c.seed && again.runs == c.runs);
	checkpoint_free(&again);
	checkpoint_free(&c);
	free(copy);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size), *body, *sealed;

	try(text, size);
	must(asprintf(&body, "%s1%.*s%s", CHECKPOINT_BEGIN, (int)size, text, CHECKPOINT_SEAL) > 0);
	must(asprintf(&sealed, "%s%08x%s", body, crc32_of(body, strlen(body)), CHECKPOINT_END) > 0);
	try(sealed, strlen(sealed));
	free(text);
	free(body);
	free(sealed);
	return 0;
}
