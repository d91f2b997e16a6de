/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/listing.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "anyscan/policy.h"
#include "rings/edge.h"
#include "rings/lines.h"
#include "stages/gen/gen.h"
#include "stages/gen/ledger.h"
#include "stages/gen/walk.h"
#include "stages/thread.h"

#define BYTES_PER_TARGET 6
#define EDGE_BLOCKS 64 /* the reader of a pipe takes 64 KiB at a time: about 85 blocks */
#define BUFFER_BLOCKS 85

struct listing {
	const struct listing_options *opt;
	struct walk walk;
	struct ledger *ledger;
	struct policy policy, *policy_now;
	struct edge **edge; /* one per gen */
	struct stage **gen;
	struct thread *thread;
	struct waker waker; /* of the writing thread */
	bool abort;
	uint8_t *buffer;
	size_t used;
	uint64_t targets;
};

static int write_all(int fd, const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);

		if (n >= 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno == EAGAIN) {
			struct pollfd p = { .fd = fd, .events = POLLOUT };

			poll(&p, 1, -1);
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

static int flush(struct listing *l)
{
	int r = write_all(l->opt->fd, l->buffer, l->used);

	l->used = 0;
	return r;
}

static int append(struct listing *l, const struct target_block *b)
{
	uint8_t *out = l->buffer + l->used;

	for (uint32_t i = 0; i < b->hdr.count; i++, out += BYTES_PER_TARGET) {
		const uint64_t both = htobe64((uint64_t)b->daddr[i] << 32 | (uint32_t)b->dport[i] << 16);

		memcpy(out, &both, BYTES_PER_TARGET);
	}
	l->used += (size_t)b->hdr.count * BYTES_PER_TARGET;
	l->targets += b->hdr.count;
	if (l->used > (BUFFER_BLOCKS - 1) * (size_t)BLOCK_ITEMS * BYTES_PER_TARGET)
		return flush(l);
	return 0;
}

/* Takes what every edge holds. Counts END marks. */
static int drain(struct listing *l, unsigned int *ended, bool *worked)
{
	for (unsigned int i = 0; i < l->opt->gens; i++) {
		struct target_block *b;

		while ((b = (struct target_block *)edge_pop(l->edge[i])) != NULL) {
			int r = append(l, b);

			if (b->hdr.chunk != NULL)
				chunk_accept(b->hdr.chunk, b->hdr.count);
			*ended += (b->hdr.flags & BLOCK_END) != 0;
			edge_recycle(l->edge[i], &b->hdr);
			*worked = true;
			if (r < 0)
				return r;
		}
	}
	return 0;
}

static int write_listing(struct listing *l, struct error *e)
{
	unsigned int ended = 0;
	int r = 0;

	while (ended < l->opt->gens && r == 0) {
		uint32_t ticket = waker_ticket(&l->waker);
		bool worked = false;

		r = drain(l, &ended, &worked);
		if (r == 0 && !worked && ended < l->opt->gens)
			waker_wait(&l->waker, ticket, UINT64_MAX);
	}
	if (r == 0)
		r = flush(l);
	return r < 0 ? error_set(e, r, "cannot write the list of targets: %s", strerror(-r)) : 0;
}

static int make_gen(struct listing *l, unsigned int i, struct error *e)
{
	struct thread *t = &l->thread[i];
	struct edge_options edge = { .name = "gen>listing",
				     .blocks = EDGE_BLOCKS,
				     .block_size = sizeof(struct target_block),
				     .producer = &t->waker,
				     .consumer = &l->waker };
	struct gen_options gen = { .domain = l->opt->domain,
				   .walk = &l->walk,
				   .ledger = l->ledger,
				   .policy = (const struct policy *const *)&l->policy_now,
				   .probes = l->opt->probes,
				   .out = &l->edge[i],
				   .outs = 1 };

	l->edge[i] = edge_create(&edge);
	if (l->edge[i] != NULL)
		l->gen[i] = gen_create(i, &gen);
	if (l->gen[i] == NULL)
		return error_set(e, -ENOMEM, "out of memory for gen %u", i);
	t->step[t->steps++] = l->gen[i];
	return 0;
}

static int setup(struct listing *l, struct error *e)
{
	const struct listing_options *o = l->opt;

	walk_init(&l->walk, domain_size(o->domain), o->seed);
	l->ledger = ledger_create(walk_shard(&l->walk, o->shard, o->shards), o->gens, o->max_targets);
	l->edge = calloc(o->gens, sizeof(*l->edge));
	l->gen = calloc(o->gens, sizeof(*l->gen));
	l->thread = lines_alloc(o->gens * sizeof(*l->thread));
	for (unsigned int i = 0; l->thread != NULL && i < o->gens; i++)
		l->thread[i] =
			(struct thread){ .waker = { .eventfd = -1 } }; /* teardown() looks at them all */
	l->buffer = malloc((size_t)BUFFER_BLOCKS * BLOCK_ITEMS * BYTES_PER_TARGET);
	if (l->ledger == NULL || l->edge == NULL || l->gen == NULL || l->thread == NULL || l->buffer == NULL)
		return error_set(e, -ENOMEM, "out of memory for the list of targets");
	for (unsigned int i = 0; i < o->gens; i++) {
		l->thread[i].cpu = -1;
		l->thread[i].done = &l->waker;
		l->thread[i].abort = &l->abort;
		waker_init(&l->thread[i].waker, false);
	}
	for (unsigned int i = 0; i < o->gens; i++) {
		int r = make_gen(l, i, e);

		if (r < 0)
			return r;
	}
	return 0;
}

static void stop_gens(struct listing *l)
{
	__atomic_store_n(&l->abort, true, __ATOMIC_RELAXED);
	for (unsigned int i = 0; i < l->opt->gens; i++) {
		waker_notify(&l->thread[i].waker);
		thread_join(&l->thread[i]);
	}
}

static void teardown(struct listing *l)
{
	for (unsigned int i = 0; i < l->opt->gens; i++) {
		if (l->gen != NULL && l->gen[i] != NULL)
			gen_destroy(l->gen[i]);
		if (l->edge != NULL && l->edge[i] != NULL)
			edge_destroy(l->edge[i]);
		if (l->thread != NULL)
			waker_fini(&l->thread[i].waker);
	}
	if (l->ledger != NULL)
		ledger_destroy(l->ledger);
	waker_fini(&l->waker);
	free(l->buffer);
	free(l->thread);
	free(l->gen);
	free(l->edge);
}

int listing_run(const struct listing_options *o, uint64_t *targets, struct error *e)
{
	struct listing l = { .opt = o, .policy = { .rate = RATE_MAX, .block_fill = BLOCK_ITEMS } };
	int r;

	l.policy_now = &l.policy;
	waker_init(&l.waker, false);
	r = setup(&l, e);
	for (unsigned int i = 0; i < o->gens && r == 0; i++)
		r = thread_start(&l.thread[i], e);
	if (r == 0)
		r = write_listing(&l, e);
	if (l.thread != NULL)
		stop_gens(&l);
	*targets = l.targets;
	teardown(&l);
	return r;
}
