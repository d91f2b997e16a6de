/* SPDX-License-Identifier: Apache-2.0 */
/* history 16 */
/* The command line: an input is one argument a line. What is taken is within the bounds that its readers rely on. */
#include <math.h>
#include <stdbool.h>

#include "tests/fuzz/fuzz_text.h"
#include "tools/anyscan-pipe/options.h"

#define WORDS_MAX 32

static void must_be_sound(const struct config *c)
{
	must(isfinite(c->rate.rate) && c->rate.rate >= 0 && isfinite(c->bandwidth) && c->bandwidth >= 0);
	must(c->rate.range.ceiling == 0 ||
	     (c->rate.range.floor > 0 && c->rate.range.floor <= c->rate.range.ceiling));
	must(c->cooldown >= 0 && c->cooldown <= 1e9 && c->max_runtime >= 0 && c->max_runtime <= 1e9);
	must(c->max_targets_percent >= 0 && c->max_targets_percent <= 100);
	must(c->max_targets > 0 && c->max_results > 0 && c->probes >= 1 && c->probes <= 255);
	must(c->shards >= 1 && c->shards <= 65535 && c->shard < 65535 && c->ttl >= 1 && c->ttl <= 255);
	must(c->sport_first >= 1 && c->sport_first <= c->sport_last);
	must(c->engine != NULL && c->module != NULL && c->filter != NULL);
	must(c->dedup >= CHOICE_DEDUP_AUTO && c->dedup <= CHOICE_DEDUP_WINDOW);
	for (int s = 0; s < PLAN_STAGES; s++)
		must(c->plan.count[s] <= PLAN_THREADS_MAX);
	must(c->plan.count[PLAN_CLASSIFY] <= 1 && c->plan.count[PLAN_SINK] <= 1);
	must(!option_given(c, "cores") || CPU_COUNT(&c->cores) > 0);
	for (size_t i = 0; i < c->targets.count; i++)
		must(c->targets.item[i][0] != '\0');
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size), *rest = text;
	char *argv[WORDS_MAX + 2] = { (char[]){ "anyscan-pipe" } };
	struct error e = { 0 };
	struct config c;
	int argc = 1, r;

	while (argc <= WORDS_MAX && rest != NULL)
		argv[argc++] = strsep(&rest, "\n");
	r = options_parse(argc, argv, &c, &e);
	if (r < 0) {
		must_say(r, &e);
	} else {
		must_be_sound(&c);
		options_free(&c);
	}
	free(text);
	return 0;
}
