/* SPDX-License-Identifier: Apache-2.0 */
#include "stages/classify/classify.h"

#include <stdlib.h>
#include <string.h>

#include "anyscan/clock.h"
#include "rings/lines.h"

#define ROOM_NS 1000000ULL /* between tries for room at the end, while the sink writes */
#define UNASKED UINT64_MAX /* in the place of a domain index */

struct classify {
	struct stage stage;
	struct classify_options opt;
	struct record_block *block; /* being filled */
	unsigned int turn; /* the edge to look at first */
	unsigned int ended; /* edges that delivered END */
	struct classify_counters counters __attribute__((aligned(CACHE_LINE)));
	struct edge *in[];
};

static void lose(struct classify *c, uint64_t records)
{
	counter_add(&c->counters.lost, records);
	result_queue_lose(c->opt.out, records);
}

static void flush(struct classify *c)
{
	if (c->block != NULL && c->block->count > 0) {
		result_queue_push(c->opt.out, c->block);
		c->block = NULL;
	}
}

static void emit(struct classify *c, const struct record *r)
{
	if (c->counters.results == c->opt.max_results)
		return;
	if (c->block == NULL)
		c->block = result_queue_claim(c->opt.out);
	if (c->block == NULL) {
		lose(c, 1);
		return;
	}
	c->block->record[c->block->count++] = *r;
	counter_add(&c->counters.results, 1);
	if (c->block->count == RECORD_BLOCK_ITEMS)
		flush(c);
	if (c->counters.results == c->opt.max_results)
		waker_notify(c->opt.on_max);
}

static void examine(struct classify *c, const struct reply *reply, uint64_t index, uint64_t send_end)
{
	struct record r = { .reply = *reply,
			    .success = reply_success(reply->class),
			    .cooldown = send_end != 0 && reply->time_ns > send_end };

	if (index == UNASKED) {
		counter_add(&c->counters.unasked, 1);
		return;
	}
	r.repeat = c->opt.dedup != NULL && dedup_seen(c->opt.dedup, index, r.success);
	if (r.repeat)
		counter_add(&c->counters.repeats, 1);
	else
		counter_add(&c->counters.first[reply->class], 1);
	if (filter_match(c->opt.filter, &r))
		emit(c, &r);
}

/* Where in the domain each reply is from. The lines that dedup will look at come while the others are looked up. */
static void locate(const struct classify *c, const struct reply_block *b, uint64_t index[])
{
	for (uint32_t i = 0; i < b->hdr.count; i++) {
		if (!domain_index(c->opt.domain, b->reply[i].saddr, b->reply[i].sport, &index[i]))
			index[i] = UNASKED;
		else if (c->opt.dedup != NULL)
			dedup_prefetch(c->opt.dedup, index[i]);
	}
}

static struct reply_block *next_block(struct classify *c, unsigned int *from)
{
	for (unsigned int i = 0; i < c->opt.ins; i++) {
		struct block *b = edge_pop(c->in[c->turn]);

		*from = c->turn;
		c->turn = c->turn + 1 < c->opt.ins ? c->turn + 1 : 0;
		if (b != NULL)
			return (struct reply_block *)b;
	}
	return NULL;
}

/* The END mark needs a block of its own; without memory for one the queue is drained first. */
static bool push_end(struct classify *c)
{
	if (c->block == NULL)
		c->block = result_queue_claim(c->opt.out);
	if (c->block == NULL)
		return false;
	c->block->flags = BLOCK_END;
	result_queue_push(c->opt.out, c->block);
	c->block = NULL;
	return true;
}

static size_t classify_step(struct stage *stage)
{
	struct classify *c = (struct classify *)stage;
	const uint64_t send_end = __atomic_load_n(c->opt.send_end_ns, __ATOMIC_RELAXED);
	unsigned int from;
	struct reply_block *b = next_block(c, &from);
	uint64_t index[BLOCK_ITEMS];
	size_t n;

	stage->wake_at = WAKE_NEVER;
	if (b == NULL) {
		counter_add(&stage->counters.starved_in, 1);
		flush(c);
		if (c->ended == c->opt.ins) {
			stage->done = push_end(c);
			stage->wake_at = clock_mono_ns() + ROOM_NS;
		}
		return 0;
	}
	n = b->hdr.count;
	locate(c, b, index);
	for (size_t i = 0; i < n; i++)
		examine(c, &b->reply[i], index[i], send_end);
	c->ended += (b->hdr.flags & BLOCK_END) != 0;
	edge_recycle(c->in[from], &b->hdr);
	counter_add(&stage->counters.items, n);
	return n + 1;
}

static const struct stage_ops classify_ops = { .name = "classify", .step = classify_step };

struct stage *classify_create(unsigned int index, const struct classify_options *o)
{
	size_t size = sizeof(struct classify) + o->ins * sizeof(struct edge *);
	struct classify *c = lines_alloc(size);

	if (c == NULL)
		return NULL;
	*c = (struct classify){
		.stage = { .ops = &classify_ops, .index = index, .fd = -1, .wake_at = WAKE_NEVER }, .opt = *o
	};
	memcpy(c->in, o->in, o->ins * sizeof(c->in[0]));
	return &c->stage;
}

void classify_destroy(struct stage *stage)
{
	struct classify *c = (struct classify *)stage;

	if (c != NULL)
		free(c->block);
	free(c);
}

const struct classify_counters *classify_counters(const struct stage *stage)
{
	return &((const struct classify *)stage)->counters;
}
