/* SPDX-License-Identifier: Apache-2.0 */
/* history 16 */
/* --target-ports: what is taken is sorted and distinct, is found again, and is the same when written down port by port. */
#include <stdbool.h>

#include "stages/gen/portset.h"
#include "tests/fuzz/fuzz_text.h"

static void must_read_back(const struct ports *p)
{
	char *text = malloc(p->count * 6 + 1), *end = text;
	struct ports again = { 0 };
	struct error e = { 0 };

	for (uint32_t i = 0; i < p->count; i++)
		end += sprintf(end, i > 0 ? ",%u" : "%u", p->port[i]);
	must(ports_parse(text, &again, &e) == 0 && again.count == p->count);
	must(memcmp(again.port, p->port, p->count * sizeof(*p->port)) == 0);
	ports_free(&again);
	free(text);
}

static void must_find(const struct ports *p)
{
	struct portset set;
	uint32_t at;

	must(portset_init(&set, p) == 0 && set.count == p->count);
	for (uint32_t i = 0; i < p->count; i++)
		must(portset_find(&set, p->port[i], &at) && at == i);
	portset_fini(&set);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = text_of(data, size);
	struct ports p = { 0 };
	struct error e = { 0 };
	const int r = ports_parse(text, &p, &e);

	free(text);
	if (r < 0) {
		must_say(r, &e);
		return 0;
	}
	must(p.count >= 1 && p.count <= 65536);
	for (uint32_t i = 1; i < p.count; i++)
		must(p.port[i - 1] < p.port[i]);
	must_find(&p);
	if (p.count <= 1024) /* all 65536 of them would slow the fuzzer down to nothing */
		must_read_back(&p);
	ports_free(&p);
	return 0;
}
