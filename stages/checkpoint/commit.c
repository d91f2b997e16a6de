/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/checkpoint/commit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static int copy(struct remaining *to, uint64_t now_ns, const struct interval *part, size_t parts,
		uint64_t probes)
{
	struct interval *own = calloc(parts + 1, sizeof(*own));

	if (own == NULL)
		return -ENOMEM;
	if (parts > 0)
		memcpy(own, part, parts * sizeof(*own));
	*to = (struct remaining){ .taken_ns = now_ns, .probes = probes, .parts = parts, .part = own };
	return 0;
}

int commit_init(struct commit *c, uint64_t wait_ns, const struct interval *part, size_t parts)
{
	*c = (struct commit){ .wait_ns = wait_ns };
	return copy(&c->committed, 0, part, parts, 0);
}

void commit_fini(struct commit *c)
{
	free(c->committed.part);
	for (unsigned int i = 0; i < c->count; i++)
		free(c->pending[i].part);
	*c = (struct commit){ 0 };
}

int commit_note(struct commit *c, uint64_t now_ns, const struct interval *part, size_t parts, uint64_t probes)
{
	int r;

	if (c->count == COMMIT_PENDING)
		return 0;
	r = copy(&c->pending[c->count], now_ns, part, parts, probes);
	c->count += r == 0;
	return r;
}

/* How many of the oldest are due. */
static unsigned int due(const struct commit *c, uint64_t now_ns)
{
	unsigned int n = 0;

	while (n < c->count && now_ns >= c->pending[n].taken_ns &&
	       now_ns - c->pending[n].taken_ns >= c->wait_ns)
		n++;
	return n;
}

bool commit_due(const struct commit *c, uint64_t now_ns)
{
	return due(c, now_ns) > 0;
}

void commit_take(struct commit *c, uint64_t now_ns)
{
	const unsigned int n = due(c, now_ns);

	if (n == 0)
		return;
	free(c->committed.part);
	for (unsigned int i = 0; i + 1 < n; i++)
		free(c->pending[i].part);
	c->committed = c->pending[n - 1];
	c->count -= n;
	memmove(&c->pending[0], &c->pending[n], c->count * sizeof(c->pending[0]));
}
