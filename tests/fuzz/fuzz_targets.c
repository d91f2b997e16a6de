/* SPDX-License-Identifier: Apache-2.0 */
/* history 16 */
/*
 * Targets as users write them: one argument, a list, a file, a file of pairs. The first byte of an input says which. What is taken must
 * come out the same when it is written down and read again.
 */
#include <stdbool.h>
#include <sys/mman.h>
#include <unistd.h>

#include "stages/gen/target_set.h"
#include "stages/gen/targets.h"
#include "tests/fuzz/fuzz_text.h"

static void must_read_back(const struct range *r)
{
	struct ranges again = { 0 };
	struct error e = { 0 };
	char text[64];

	snprintf(text, sizeof(text), "%u.%u.%u.%u-%u.%u.%u.%u", r->first >> 24, r->first >> 16 & 255,
		 r->first >> 8 & 255, r->first & 255, r->last >> 24, r->last >> 16 & 255, r->last >> 8 & 255,
		 r->last & 255);
	must(targets_parse(text, &again, &e) == 0);
	must(again.count == 1 && again.range[0].first == r->first && again.range[0].last == r->last);
	ranges_free(&again);
}

/* set NULL: into ranges alone. */
static int load(const uint8_t *data, size_t size, struct ranges *out, struct target_set *set, struct error *e)
{
	const int fd = memfd_create("list", MFD_CLOEXEC);
	char path[32];
	int r;

	must(fd >= 0 && write(fd, data, size) == (ssize_t)size);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	r = set != NULL ? target_set_load(path, true, set, e) : targets_load(path, out, e);
	close(fd);
	/* a list that is refused leaves nothing behind */
	must(r == 0 || (set != NULL ? target_set_empty(set) : out->count == 0));
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct ranges out = { 0 };
	struct target_set set = { .ranges = { 0 } };
	struct error e = { 0 };
	char *text;
	int r;

	if (size < 1)
		return 0;
	text = text_of(data + 1, size - 1);
	if (data[0] == 'p')
		r = load(data + 1, size - 1, &out, &set, &e);
	else if (data[0] % 3 == 0)
		r = targets_parse(text, &out, &e);
	else if (data[0] % 3 == 1)
		r = targets_parse_list(text, &out, &e);
	else
		r = load(data + 1, size - 1, &out, NULL, &e);
	if (r < 0)
		must_say(r, &e);
	for (size_t i = 0; r == 0 && i < out.count; i++) {
		must(out.range[i].first <= out.range[i].last);
		must_read_back(&out.range[i]);
	}
	target_set_normalise(&set);
	for (size_t i = 1; i < set.pairs.count; i++)
		must(set.pairs.pair[i - 1] < set.pairs.pair[i]);
	for (size_t i = 1; i < set.addresses.count; i++)
		must(set.addresses.addr[i - 1] < set.addresses.addr[i]);
	for (size_t i = 0; r == 0 && i < set.ranges.count; i++)
		must_read_back(&set.ranges.range[i]);
	target_set_free(&set);
	ranges_free(&out);
	free(text);
	return 0;
}
